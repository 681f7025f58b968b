"""How far a model can be trusted: planted faults are found, and a right model has none."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from partialpool.defaults import default
from partialpool.inference.adequacy import (
    KURTOSIS,
    MIDDLE,
    PEAK,
    TAILS,
    adequacy_table,
)
from partialpool.inference.fit_settings import PredictionSettings
from partialpool.inference.trust import assess
from partialpool.models.noise import Noise

PROB = 0.89
Z = stats.norm.ppf((1 + PROB) / 2)
SIGMA = 0.5
CONVERGED = {"passed": True, "reasons": []}
FAILED = {"passed": False, "reasons": ["9 divergences > 0"]}


def settings(**changes: float) -> PredictionSettings:
    return PredictionSettings.model_validate(
        default("prediction") | {"hdi_prob": PROB, "seed": 1} | changes
    )


def keys(genes: int = 12, lines: int = 10, replicates: int = 2) -> pd.DataFrame:
    """Four guides a gene, every guide in every replicate."""
    rows = [
        (f"gene{g}", f"gene{g}-{s}", f"line{c}", f"line{c}_{r}")
        for g in range(genes)
        for s in range(4)
        for c in range(lines)
        for r in range(replicates)
    ]
    return pd.DataFrame(rows, columns=["hugo_symbol", "sgrna", "depmap_id", "replicate_id"])


def predicted(labels: pd.DataFrame, noise: np.ndarray, of_mean: float = 0.0) -> pd.DataFrame:
    """Measurements that differ by ``noise`` from what is predicted with a noise of SIGMA.

    ``of_mean`` is the standard deviation of the predicted means.
    """
    mean = np.random.default_rng(1).normal(0, 0.3, len(labels))
    half, half_of_mean = Z * np.hypot(SIGMA, of_mean), Z * of_mean
    return labels.assign(
        real_value=mean + noise,
        mean=mean,
        error=-noise,
        hdi_lower=mean - half,
        hdi_upper=mean + half,
        mu_hdi_lower=mean - half_of_mean,
        mu_hdi_upper=mean + half_of_mean,
    )


def gaussian(labels: pd.DataFrame, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, SIGMA, len(labels))


def flagged(table: pd.DataFrame) -> dict[tuple[str, str], str]:
    off = table[table["status"].str.startswith("too")]
    return dict(zip(zip(off["level"], off["label"], strict=True), off["status"], strict=True))


def test_a_right_model_is_reliable_and_nothing_is_said_against_it() -> None:
    labels = keys()
    table = adequacy_table(predicted(labels, gaussian(labels)), settings())

    assert flagged(table) == {}
    trust = assess(CONVERGED, table, settings())
    assert (trust.word, trust.reasons) == ("reliable", ())
    assert not {**trust.genes, **trust.cell_lines, **trust.replicates}


@pytest.mark.parametrize(("factor", "status"), [(2.0, "too few inside"), (0.4, "too many inside")])
def test_a_line_with_other_noise_is_flagged_with_its_replicates(factor: float, status: str) -> None:
    labels = keys(genes=40)
    noise = gaussian(labels) * np.where(labels["depmap_id"] == "line3", factor, 1)
    table = adequacy_table(predicted(labels, noise), settings())

    groups = {key: found for key, found in flagged(table).items() if key[0] != "shape"}
    names = [("cell_line", "line3"), ("replicate", "line3_0"), ("replicate", "line3_1")]
    assert groups == dict.fromkeys(names, status)
    trust = assess(CONVERGED, table, settings())
    assert trust.word == "use with care"  # 1 of 10 lines, and no more than 1 of 20 may be off
    assert list(trust.cell_lines) == ["line3"]
    few_or_many = status.removesuffix(" inside")
    share = f"{100 * trust.cell_lines['line3']:.0f}\u00a0%"
    sentence = (
        f"1 of 10 cell lines has {few_or_many} measurements inside their 89\u00a0% intervals: "
        f"line3 ({share})."
    )
    assert sentence in trust.reasons


def test_a_gene_that_varies_between_lines_is_named_first() -> None:
    """Line by line, gene5 lies 1.5 and gene7 one log fold change above or below its mean."""
    labels = keys(genes=40)
    side = np.where(labels["depmap_id"].str[-1].astype(int) % 2, 1, -1)
    moved = labels["hugo_symbol"].map({"gene5": 1.5, "gene7": 1.0}).fillna(0)
    table = adequacy_table(predicted(labels, gaussian(labels) + moved * side), settings())

    trust = assess(CONVERGED, table, settings())
    assert list(trust.genes) == ["gene5", "gene7"]
    assert trust.genes["gene5"] < trust.genes["gene7"]
    assert table.loc[table["level"] == "gene", "label"].tolist()[:2] == ["gene5", "gene7"]


def test_few_failing_groups_are_named_but_do_not_change_the_word() -> None:
    """One of 40 genes is fewer than 5 %."""
    labels = keys(genes=40)
    moved = np.where(labels["hugo_symbol"] == "gene5", 1.0, 0)
    noise = gaussian(labels) + moved * np.where(labels["replicate_id"].str.endswith("0"), 1, -1)
    table = adequacy_table(predicted(labels, noise), settings())

    trust = assess(CONVERGED, table, settings())
    assert trust.word == "reliable"
    assert list(trust.genes) == ["gene5"]
    assert len(trust.reasons) == 1
    assert assess(CONVERGED, table, settings(max_share_off=0.02)).word == "use with care"


def test_heavy_tails_are_found_and_described() -> None:
    """Student's t with 3 degrees of freedom, of the standard deviation that is predicted.

    Its middle half is 0.44 standard deviations to either side, of a normal 0.67: of the t, 0.684
    lie there. Beyond 2.58 are 2.1 %.
    """
    labels = keys(genes=100)
    rng = np.random.default_rng(4)
    noise = SIGMA * rng.standard_t(3, len(labels)) / np.sqrt(3)
    table = adequacy_table(predicted(labels, noise), settings())

    shape = table[table["level"] == "shape"].set_index("label")
    t = stats.t(3, scale=1 / np.sqrt(3))
    n = len(labels)
    in_the_middle = 1 - 2 * t.cdf(stats.norm.ppf(0.25))
    in_the_tails = 2 * t.cdf(stats.norm.ppf(0.005))
    assert shape.loc[MIDDLE, "value"] == pytest.approx(in_the_middle, abs=4 * np.sqrt(0.25 / n))
    assert shape.loc[TAILS, "value"] == pytest.approx(in_the_tails, abs=4 * np.sqrt(0.02 / n))
    assert shape.loc[PEAK, "value"] > 1.1 * shape.loc[PEAK, "expected"]
    assert shape.loc[KURTOSIS, "value"] > 3
    trust = assess(CONVERGED, table, settings())
    assert trust.word == "use with care"
    start = "Measured log fold changes are more peaked and have heavier tails than predicted"
    assert trust.reasons[0].startswith(start)
    middle = f"{100 * shape.loc[MIDDLE, 'value']:.0f}\u00a0%"
    assert f"{middle} are in the middle half" in trust.reasons[0]
    assert not trust.genes


def test_skewed_noise_is_found() -> None:
    """Of an exponential distribution 1 - 1/e = 63 % lie below the mean."""
    labels = keys(genes=100)
    noise = SIGMA * (np.random.default_rng(4).exponential(size=len(labels)) - 1)
    table = adequacy_table(predicted(labels, noise), settings())

    shape = table[table["level"] == "shape"].set_index("label")
    assert shape.loc["lower half", "status"] == "too many inside"
    assert shape.loc["lower half", "value"] == pytest.approx(1 - np.exp(-1), abs=0.02)
    assert "are more often low" in assess(CONVERGED, table, settings()).reasons[0]


def test_the_peaks_of_the_densities_are_those_of_normals() -> None:
    """Means of sd 0.3 and noise of 0.5; smoothing lowers the peak by some per cent."""
    labels = keys(genes=100)
    table = adequacy_table(predicted(labels, gaussian(labels)), settings())
    peak = table.set_index("label").loc[PEAK]
    true_peak = stats.norm.pdf(0, 0, np.hypot(0.3, SIGMA))
    assert peak["expected"] == pytest.approx(true_peak, rel=0.05)
    assert peak["value"] == pytest.approx(true_peak, rel=0.05)


def test_groups_by_hand() -> None:
    """Gene A: errors 1, -1, 0, 0 of which two lie inside; gene B: 100 without error."""
    labels = keys(genes=2, lines=1, replicates=26).iloc[:104].reset_index(drop=True)
    labels["hugo_symbol"] = ["A"] * 4 + ["B"] * 100
    noise = np.array([1.0, -1.0] + [0.0] * 102)
    table = adequacy_table(predicted(labels, noise), settings())

    genes = table[table["level"] == "gene"].set_index("label")
    assert list(genes.index) == ["A", "B"]
    assert genes["n_measurements"].tolist() == [4, 100]
    assert genes["mean_error"].tolist() == [0.0, 0.0]
    assert genes["rmse"].tolist() == pytest.approx([np.sqrt(0.5), 0.0])
    assert genes["value"].tolist() == [0.5, 1.0]
    assert genes["expected"].tolist() == pytest.approx([PROB, PROB])
    # Two of 4 and fewer lie inside in 6 % of right fits; all of 100 once in 115,000.
    assert genes["status"].tolist() == ["ok", "too many inside"]


def test_measurements_that_were_fitted_are_expected_inside_more_often() -> None:
    """Where the mean has variance v and the noise s², the error has variance s² - v."""
    labels = keys()
    of_mean = 0.5 * SIGMA
    table = adequacy_table(predicted(labels, gaussian(labels), of_mean), settings())

    expected = 2 * stats.norm.cdf(Z * np.sqrt(1.25 / 0.75)) - 1
    assert table.loc[table["level"] == "gene", "expected"].to_list() == pytest.approx(
        [expected] * 12
    )


def test_what_is_tolerated_is_no_fault_however_sure() -> None:
    """Noise of 1.2 SIGMA in a line: 81.7 % lie inside, above 79 %; of 1.5 SIGMA 71.3 %."""
    labels = keys(genes=1000)
    for factor, names in ((1.2, []), (1.5, ["line3"])):
        noise = gaussian(labels) * np.where(labels["depmap_id"] == "line3", factor, 1)
        table = adequacy_table(predicted(labels, noise), settings())
        assert list(assess(CONVERGED, table, settings()).cell_lines) == names
    noise = gaussian(labels) * np.where(labels["depmap_id"] == "line3", 1.2, 1)
    strict = settings(coverage_tolerance=0.05)
    assert list(
        assess(CONVERGED, adequacy_table(predicted(labels, noise), strict), strict).cell_lines
    )


def test_measurements_that_are_all_alike_have_numbers_too() -> None:
    labels = keys()
    table = adequacy_table(
        predicted(labels, np.zeros(len(labels))).assign(real_value=0.0), settings()
    )
    shape = table[table["level"] == "shape"].set_index("label")
    assert np.isfinite(shape.loc[PEAK, ["value", "expected"]].to_numpy(dtype=float)).all()
    assert np.isnan(shape.loc[KURTOSIS, "value"])
    assert assess(CONVERGED, table, settings()).word == "do not use"


def test_a_fit_that_did_not_converge_is_not_to_be_used() -> None:
    labels = keys()
    table = adequacy_table(predicted(labels, gaussian(labels)), settings())
    trust = assess(FAILED, table, settings())
    assert trust.word == "do not use"
    assert trust.reasons == ("The sampler did not converge.",)


def test_intervals_that_are_wrong_for_all_measurements_are_not_to_be_used() -> None:
    labels = keys()
    table = adequacy_table(predicted(labels, 2 * gaussian(labels)), settings())
    assert ("all", "all") in flagged(table)
    trust = assess(CONVERGED, table, settings())
    assert trust.word == "do not use"
    assert len(trust.cell_lines) == 10
    assert "and 7 more." in " ".join(trust.reasons)


@pytest.mark.parametrize(
    ("verdict", "word"), [(CONVERGED, "use with care"), (FAILED, "do not use")]
)
def test_a_fit_that_was_not_evaluated_is_not_called_reliable(verdict: dict, word: str) -> None:
    trust = assess(verdict, pd.DataFrame(), settings())
    assert trust.word == word
    assert "Its predictions were not compared with the measurements." in trust.reasons


def student_t(labels: pd.DataFrame, df: float) -> np.ndarray:
    return SIGMA * np.random.default_rng(5).standard_t(df, len(labels))


def predicted_by_student_t(labels: pd.DataFrame, noise: np.ndarray, df: float) -> pd.DataFrame:
    table, half = predicted(labels, noise), stats.t.ppf((1 + PROB) / 2, df) * SIGMA
    return table.assign(hdi_lower=table["mean"] - half, hdi_upper=table["mean"] + half)


def test_student_t_noise_is_right_only_for_the_model_that_has_it() -> None:
    """The same screen: fitted with Gaussian noise, it has too many measurements in the middle."""
    labels = keys(genes=40, lines=20)
    noise = student_t(labels, 4)
    right = adequacy_table(predicted_by_student_t(labels, noise, 4), settings(), Noise(4))
    as_gaussian = predicted(labels, noise)
    wider = noise.std() / SIGMA
    for side in ("hdi_lower", "hdi_upper"):
        as_gaussian[side] = as_gaussian["mean"] + wider * (as_gaussian[side] - as_gaussian["mean"])
    wrong = adequacy_table(as_gaussian, settings())

    assert flagged(right) == {}
    assert flagged(wrong)[("shape", "middle half")] == "too many inside"
    by_label = right.set_index("label")["value"]
    assert by_label["excess kurtosis"] == pytest.approx(0, abs=5 * np.sqrt(24 / len(labels)))
