"""QC of replicates and lines: values computed by hand, and replicates that must fail."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from partialpool.calls.call_settings import QcSettings
from partialpool.calls.controls import Controls
from partialpool.calls.qc import (
    failing,
    judge_lines,
    leave_out,
    line_qc,
    replicate_qc,
    with_fit,
)
from partialpool.calls.separation import false_positive_rate, nnmd, pr_auc, roc_auc, ssmd
from partialpool.defaults import default

ESSENTIAL, NONESSENTIAL = np.array([-3.0, -2.0, -1.0]), np.array([-1.0, 0.0, 2.0])
CONTROLS = Controls([f"N{k}" for k in range(30)], [f"E{k}" for k in range(30)])


def settings(**changes) -> QcSettings:
    return QcSettings.model_validate(default("qc") | changes)


def test_separation_of_three_and_three_genes() -> None:
    """Medians -2 and 0, MAD of (1, 0, 2) = 1; means -2 and 1/3, variances 1 and 7/3.

    Of 9 pairs, 8 are in order and one is a tie. The ranking is E, E, (E, N), N, N.
    """
    assert nnmd(ESSENTIAL, NONESSENTIAL) == -2
    assert ssmd(ESSENTIAL, NONESSENTIAL) == pytest.approx(-(7 / 3) / np.sqrt(10 / 3))
    assert roc_auc(ESSENTIAL, NONESSENTIAL) == pytest.approx(8.5 / 9)
    assert pr_auc(ESSENTIAL, NONESSENTIAL) == pytest.approx((1 + 1 + 3 / 4) / 3)


def test_the_false_positive_rate_counts_genes_below_the_point() -> None:
    """The 15 % point of 0, 1, ..., 20 is 3: 1 and 2 are below it, 10 and 12 are not."""
    rate = false_positive_rate(np.array([1.0, 2, 10, 12]), np.arange(21.0), 0.15)
    assert rate == 0.5


def test_no_spread_of_nonessential_genes_gives_no_nnmd() -> None:
    assert np.isnan(nnmd(ESSENTIAL, np.zeros(3)))


@pytest.fixture
def table() -> pd.DataFrame:
    """160 genes, two guides each, in 3 lines of 2 replicates; A2 is nothing but noise."""
    rng = np.random.default_rng(4)
    genes = [*CONTROLS.common_essential, *CONTROLS.nonessential, *(f"G{k}" for k in range(100))]
    mean = np.r_[np.full(30, -2.0), np.zeros(130)]
    lines = {line: mean + np.r_[np.zeros(60), rng.normal(0, 1, 100)] for line in "ABC"}
    rows = []
    for line, effect in lines.items():
        for replicate in (f"{line}1", f"{line}2"):
            signal = 0 * effect if replicate == "A2" else effect
            for guide in (1, 2):
                lfc = signal + rng.normal(0, 0.3, len(genes))
                rows += [
                    (gene, f"{gene}_{guide}", line, replicate, x)
                    for gene, x in zip(genes, lfc, strict=True)
                ]
    names = ["hugo_symbol", "sgrna", "depmap_id", "replicate_id", "lfc"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.astype({"hugo_symbol": "category", "replicate_id": "category"})


def test_a_replicate_of_noise_fails_and_its_partner_does_not(table) -> None:
    qc = replicate_qc(table, settings(), CONTROLS)
    assert list(qc["replicate_id"]) == ["A1", "A2", "B1", "B2", "C1", "C2"]
    assert failing(qc) == ["A2"]
    reasons = qc.loc[1, "reasons"]
    assert "NNMD" in reasons
    assert "correlation" in reasons
    # A1 has no other replicate to be compared with; the others have each other.
    assert qc.loc[0, "not_judged"] == "correlation: no other replicate of the line to compare with"
    assert (qc.loc[1:, "not_judged"] == "").all()
    assert qc["correlation"].isna().tolist() == [True, False, False, False, False, False]
    assert qc.loc[2, "correlation"] == qc.loc[3, "correlation"] > 0.8
    assert (qc["n_essential"] == 30).all()
    assert (qc["missing"] == 0).all()


def test_the_numbers_are_those_of_the_means_of_genes(table) -> None:
    qc = replicate_qc(table, settings(), CONTROLS).set_index("replicate_id")
    own = table[table["replicate_id"] == "B1"]
    means = {
        kind: np.array([own.loc[own["hugo_symbol"] == gene, "lfc"].mean() for gene in names])
        for kind, names in vars(CONTROLS).items()
    }
    pair = means["common_essential"], means["nonessential"]
    assert qc.loc["B1", "nnmd"] == pytest.approx(nnmd(*pair))
    assert qc.loc["B1", "ssmd"] == pytest.approx(ssmd(*pair))
    assert qc.loc["B1", "roc_auc"] == pytest.approx(roc_auc(*pair))
    assert qc.loc["B1", "sd_lfc"] == pytest.approx(own["lfc"].std())


def test_without_control_genes_only_the_correlation_is_judged(table) -> None:
    """Which of two replicates is at fault can't be said then: both fail."""
    qc = replicate_qc(table, settings()).set_index("replicate_id")
    assert list(qc["verdict"]) == ["fail", "fail", *["no control genes"] * 4]
    assert qc["nnmd"].isna().all()
    said = "control genes: 0 common-essential and 0 nonessential genes, 10 of each are needed"
    assert (qc["not_judged"] == said).all()
    few = Controls(CONTROLS.nonessential[:3], CONTROLS.common_essential)
    assert (line_qc(table, settings(), few)["verdict"] == "no control genes").all()


def test_the_correlation_of_few_genes_is_not_judged(table) -> None:
    """Of 49 genes, those of a bad replicate correlate little, and so do those of a good one."""
    few = table[table["hugo_symbol"].isin([f"G{k}" for k in range(49)])]
    qc = replicate_qc(few, settings()).set_index("replicate_id")
    assert qc.loc["A2", "correlation"] < settings().min_correlation
    assert failing(qc.reset_index()) == []
    assert qc.loc["A2", "not_judged"].endswith("correlation: 49 genes, 50 are needed")
    assert failing(replicate_qc(few, settings(min_variable=49))) == ["A1", "A2"]


def test_where_nothing_but_noise_varies_the_correlation_is_not_judged(table) -> None:
    """100 genes without effect in replicates without fault: none correlates with another."""
    noise = table[table["hugo_symbol"].str.startswith("G")]
    noise = noise.assign(lfc=np.random.default_rng(2).normal(size=len(noise)))
    qc = replicate_qc(noise, settings())
    assert (qc["correlation"] < settings().min_correlation).any()
    assert failing(qc) == []
    assert qc["not_judged"].str.contains("correlation: replicates of the same line typically").all()


def test_missing_guides_are_counted_and_judged_on_request(table) -> None:
    """80 of 320 guides of B1."""
    lost = (table["replicate_id"] == "B1") & table["hugo_symbol"].isin([f"G{k}" for k in range(40)])
    qc = replicate_qc(table[~lost], settings(), CONTROLS)
    assert qc.set_index("replicate_id").loc["B1", "missing"] == 0.25
    assert failing(qc) == ["A2"]
    assert failing(replicate_qc(table[~lost], settings(max_missing=0.2), CONTROLS)) == ["A2", "B1"]
    as_nan = table.assign(lfc=table["lfc"].mask(lost))
    pd.testing.assert_frame_equal(replicate_qc(as_nan, settings(), CONTROLS), qc)


def test_lines_are_judged_by_the_mean_of_their_replicates(table) -> None:
    found = line_qc(table, settings(), CONTROLS)
    assert list(found["depmap_id"]) == ["A", "B", "C"]
    assert list(found["verdict"]) == ["pass"] * 3
    assert list(found["n_replicates"]) == [2, 2, 2]
    # Half of the depletion is lost in A, so essential genes are nearer to the others.
    assert found.loc[0, "nnmd"] > found.loc[1, "nnmd"]
    bad = table[table["replicate_id"].isin(["A2", "B1", "B2"])]
    assert list(line_qc(bad, settings(), CONTROLS)["verdict"]) == ["fail", "pass"]


def test_a_screen_of_noise_alone_fails(table) -> None:
    noise = table.assign(lfc=np.random.default_rng(1).normal(size=len(table)))
    assert len(failing(replicate_qc(noise, settings(), CONTROLS))) == 6


def test_a_replicate_without_spread_fails(table) -> None:
    flat = table.assign(lfc=table["lfc"].mask(table["replicate_id"] == "B1", 0.0))
    qc = replicate_qc(flat, settings(), CONTROLS)
    assert failing(qc) == ["A2", "B1"]
    assert "same lfc" in qc.loc[2, "reasons"]


def test_verdicts_on_real_sequences_are_those_of_depmap(shared_data) -> None:
    """DepMap's flag of 92 Avana sequences, six of which fail. One of these is borderline."""
    if not shared_data.exists():
        pytest.skip(f"no folder {shared_data}")
    columns = ["sgrna", "hugo_symbol", "replicate_id", "depmap_id", "lfc", "passes_qc"]
    avana = pd.read_csv(shared_data / "avana_44_lines.csv.gz", usecols=columns)
    lists = [
        pd.read_csv(shared_data / f"{name}_genes.csv")["hugo_symbol"].tolist()
        for name in ("nonessential", "common_essential")
    ]
    qc = replicate_qc(avana, settings(), Controls(*lists)).set_index("replicate_id")
    passes = avana.groupby("replicate_id")["passes_qc"].first()
    differing = qc.index[(qc["verdict"] == "pass") != passes[qc.index]]
    assert list(differing) == ["J82-311Cas9_RepB_p5_Avana-3"]


def test_failing_replicates_are_left_out_with_their_labels(table) -> None:
    kept = leave_out(table, ["A2"])
    assert len(kept) == len(table) - 320
    assert "A2" not in kept["replicate_id"].cat.categories
    assert list(kept.index) == list(range(len(kept)))


def test_the_fit_judges_what_has_no_control_genes(table) -> None:
    lines = pd.DataFrame({"depmap_id": ["A", "B", "C"], "lambda": [0.2, 0.4, 1.5]})
    lines = lines.assign(lambda_lower=0.1, lambda_upper=[0.3, 0.7, 1.8])
    replicates = pd.DataFrame({"replicate_id": ["A1", "B1"], "sigma": [0.3, 0.4]})
    uncontrolled = replicate_qc(table[table["replicate_id"] != "A2"], settings())
    found = with_fit(uncontrolled, lines, replicates, settings()).set_index("replicate_id")
    assert found.loc["A1", "verdict"] == "fail"
    assert "lambda" in found.loc["A1", "reasons"]
    assert (found.loc[["B1", "B2", "C1", "C2"], "verdict"] == "no control genes").all()
    assert found.loc["B1", "sigma"] == 0.4
    assert np.isnan(found.loc["C2", "sigma"])
    controlled = replicate_qc(table[table["replicate_id"] != "A2"], settings(), CONTROLS)
    assert failing(with_fit(controlled, lines, replicates, settings())) == []


def test_a_line_fails_if_each_of_its_replicates_fails() -> None:
    lines = pd.DataFrame({"depmap_id": ["A", "B", "C"], "verdict": ["pass", "pass", "fail"]})
    lines["reasons"] = ["", "", "NNMD"]
    replicates = pd.DataFrame({"depmap_id": ["A", "A", "B", "B", "C"]})
    replicates["verdict"] = ["fail", "fail", "fail", "pass", "fail"]
    found = judge_lines(lines, replicates)
    assert list(found["verdict"]) == ["fail", "pass", "fail"]
    assert list(found["reasons"]) == ["each of its replicates fails", "", "NNMD"]
