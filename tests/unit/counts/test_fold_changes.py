"""Log fold changes and the noise of counting, beside numbers computed by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partialpool.errors import ScreenError
from partialpool.preparation.counts import (
    FoldChanges,
    FoldChangeSettings,
    ScreenMatrix,
    join_counts,
    matrix_of,
    read_frame,
    read_matrix,
    screen_of_counts,
)

NONESSENTIAL = ["ABCG8", "A2"]


def screen_of(
    counts, guides, samples, settings: FoldChangeSettings, nonessential=()
) -> ScreenMatrix:
    joined = join_counts(matrix_of(counts), samples, settings, guides)
    return screen_of_counts(joined, settings, nonessential)


def by_label(screen: ScreenMatrix) -> pd.DataFrame:
    return pd.DataFrame(
        screen.lfc, index=screen.guides["sgrna"], columns=screen.replicates["replicate_id"]
    )


def count_sd(screen: ScreenMatrix) -> pd.DataFrame:
    values = np.hstack([block.count_sd for block in screen.blocks(1)])
    return pd.DataFrame(
        values, index=screen.guides["sgrna"], columns=screen.replicates["replicate_id"]
    )


def test_total_counts_by_hand(counts, guides, samples, plain) -> None:
    """Line a has a mean of 10, so its counts are multiplied by 0.4; the pDNA keeps 4: log2(5)."""
    found = by_label(screen_of(counts, guides, samples, plain))
    expected = np.log2([0 + 1, 2.4 + 1, 5.6 + 1, 8 + 1]) - np.log2(5)
    assert found.loc[["g1", "g2", "g3", "g4"], "a1"].tolist() == pytest.approx(expected)


def test_nonessential_guides_have_the_same_mean_and_the_median_0(
    counts, guides, samples, settings, plain
) -> None:
    """ABCG8 and A2 have a mean of 17 in line a; their median log fold change becomes 0."""
    how = plain.model_copy(update={"normalisation": "nonessential", "centring": "nonessential"})
    found = by_label(screen_of(counts, guides, samples, how, NONESSENTIAL))["a1"]
    raw = np.log2(np.array([0, 6, 14, 20]) * 4 / 17 + 1) - np.log2(5)
    assert found.loc[["g1", "g2", "g3", "g4"]].tolist() == pytest.approx(
        raw - (raw[2] + raw[3]) / 2
    )


def test_the_median_ratio_to_the_pdna_becomes_1(counts, guides, samples, plain) -> None:
    """Ratios of line b are 7.5, 2.5, 2.5, 7.5: it is divided by 5, and has 6, 2, 2, 6."""
    how = plain.model_copy(update={"normalisation": "median_of_ratios"})
    found = by_label(screen_of(counts, guides, samples, how))["b1"]
    expected = np.log2([7, 3, 3, 7]) - np.log2(5)
    assert found.loc[["g1", "g2", "g3", "g4"]].tolist() == pytest.approx(expected)


def test_a_guide_without_reads_in_the_pdna_has_no_ratio(counts, guides, samples, plain) -> None:
    """Ratios of line b are 3.75 and 1.25, and two unknown ones: it is divided by 2.5."""
    how = plain.model_copy(update={"normalisation": "median_of_ratios"})
    found = by_label(screen_of(counts.assign(plasmid=[8, 8, 0, 0]), guides, samples, how))["b1"]
    expected = np.log2([13, 5, 5, 13]) - np.log2([9, 9, 1, 1])
    assert found.loc[["g1", "g2", "g3", "g4"]].tolist() == pytest.approx(expected)


def test_auto_uses_nonessential_genes_if_there_are_enough(
    counts, guides, samples, settings
) -> None:
    for least, used in ((2, ("nonessential", "nonessential")), (3, ("median_of_ratios", "all"))):
        how = settings(min_nonessential=least)
        joined = join_counts(matrix_of(counts), samples, how, guides)
        changes = FoldChanges(joined, how, NONESSENTIAL)
        assert (changes.normalisation, changes.centring) == used


def test_nonessential_normalisation_without_such_guides_is_refused(
    counts, guides, samples, plain
) -> None:
    how = plain.model_copy(update={"normalisation": "nonessential"})
    with pytest.raises(ScreenError, match="none: 1 genes in the list"):
        screen_of(counts, guides, samples, how, ["NOT_THERE"])


def test_the_pdna_of_the_same_batch_is_the_reference(counts, guides, samples, plain) -> None:
    """Batch 2 has three sequences of its pDNA; the median of guide g1 is 8, of the others 4."""
    more = counts.assign(p2=[8, 4, 4, 0], p3=[8, 0, 4, 4], p4=[4, 4, 4, 4])
    sheet = pd.concat(
        [
            samples.assign(pDNA_batch=["1", "2", "1"]),
            pd.DataFrame(
                {"sequence_ID": ["p2", "p3", "p4"], "cell_line_name": "pDNA", "pDNA_batch": "2"}
            ),
        ]
    )
    found = by_label(screen_of(more, guides, sheet, plain))
    # b1 has a mean of 20: times 0.2.
    expected = np.log2([7, 3, 3, 7]) - np.log2([9, 5, 5, 5])
    assert found.loc[["g1", "g2", "g3", "g4"], "b1"].tolist() == pytest.approx(expected)
    assert found.loc["g4", "a1"] == pytest.approx(np.log2(9 / 5))


def test_guides_with_few_reads_in_the_pdna_are_left_out_of_that_batch(
    counts, guides, samples, plain
) -> None:
    """The pDNA of batch 1 has 1 read of guide g1, a quarter of the mean."""
    sparse = counts.assign(plasmid=[1, 5, 5, 5], other=[4, 4, 4, 4])
    sheet = pd.concat(
        [
            samples.assign(pDNA_batch=["1", "2", "1"]),
            pd.DataFrame({"sequence_ID": ["other"], "cell_line_name": ["pDNA"], "pDNA_batch": "2"}),
        ]
    )
    screen = screen_of(sparse, guides, sheet, plain.model_copy(update={"min_pdna": 0.375}))
    found = by_label(screen)
    assert np.isnan(found.loc["g1", "a1"])
    assert not np.isnan(found.loc["g1", "b1"])
    assert [one["guides left out"] for one in screen.record["pdna"].values()] == [1, 0]
    assert len(screen.table()) == 7


def test_sequences_of_one_replicate_are_added_up(counts, guides, samples, plain) -> None:
    split = counts.assign(a1=[0, 2, 4, 20], a2=[0, 4, 10, 0])
    sheet = pd.DataFrame(
        {
            "SequenceID": ["a1", "a2", "b1", "plasmid"],
            "replicate_ID": ["a", "a", "b", None],
            "ModelID": ["A", "A", "B", "pDNA"],
        }
    )
    found = by_label(screen_of(split, guides, sheet, plain))
    whole = by_label(screen_of(counts, guides, samples, plain))
    assert found["a"].tolist() == pytest.approx(whole["a1"].tolist())


def test_a_missing_count_gives_no_log_fold_change(counts, guides, samples, plain) -> None:
    gap = counts.astype(float)
    gap.loc["g2", "a1"] = np.nan
    screen = screen_of(gap, guides, samples, plain)
    found = by_label(screen)
    assert np.isnan(found.loc["g2", "a1"])
    assert found.isna().sum().sum() == 1
    assert screen.record["read"]["missing counts"] == 1
    assert screen.record["read"]["first missing count"] == "g2 in a1"


def test_a_sequence_without_reads_has_no_log_fold_change(counts, guides, samples, plain) -> None:
    empty = counts.assign(a1=0)
    qc = plain.qc.model_copy(update={"min_reads_per_guide": 1, "pass_reads_per_guide": 1})
    how = plain.model_copy(update={"qc": qc})
    screen = screen_of(empty, guides, samples, how)
    assert by_label(screen)["a1"].isna().all()
    assert screen.replicates["passes_qc"].tolist() == [False, True]


def test_counting_noise_by_hand(counts, guides, samples, plain) -> None:
    """Guide g3 of line a: 14 reads, times 0.4, plus 1."""
    found = count_sd(screen_of(counts, guides, samples, plain))
    expected = 0.4 * np.sqrt(14 + 0.5) / ((14 * 0.4 + 1) * np.log(2))
    assert found.loc["g3", "a1"] == pytest.approx(expected)


def test_counting_noise_is_that_of_counts_drawn_again(settings) -> None:
    """2,000 replicates with the same rates: the sd over them, guide by guide, within 10 %."""
    rng = np.random.default_rng(11)
    rates = np.array([20.0, 100.0, 300.0, 1000.0])
    drawn = rng.poisson(rates[:, None], (4, 2000))
    counts = pd.DataFrame(drawn, index=list("abcd"), columns=[f"r{i}" for i in range(2000)])
    counts["plasmid"] = 300
    # The constant of normalisation is treated as known, so it must not vary here: one large guide.
    counts.loc["e"] = 10**7
    guides = pd.DataFrame({"sgrna": list("abcde"), "gene": ["A", "B", "C", "D", "E"]})
    names = [c for c in counts.columns if c != "plasmid"]
    samples = pd.DataFrame({"sequence": [*names, "plasmid"], "cell_line": ["A"] * 2000 + ["pDNA"]})
    how = settings(
        normalisation="total", centring="none", min_pdna=0, scale=2e6 / 200, pseudocount=0.5
    )
    screen = screen_of(counts, guides, samples, how)
    observed = np.std(screen.lfc[:4], axis=1, ddof=1)
    stated = np.sqrt(np.mean(np.hstack([b.count_sd for b in screen.blocks(64)])[:4] ** 2, axis=1))
    assert stated == pytest.approx(observed, rel=0.1)


def test_blocks_do_not_depend_on_their_size(counts, guides, samples, plain) -> None:
    screen = screen_of(counts, guides, samples, plain)
    (both,) = screen.blocks(2)
    assert np.array_equal(both.lfc, np.hstack([block.lfc for block in screen.blocks(1)]))


def test_the_sample_of_depmap_equals_the_given_table(shared_data: Path, settings) -> None:
    """Log fold changes that others computed from the same counts, to their five digits."""
    folder, given = shared_data / "depmap_release_sample", shared_data / "avana_44_lines.csv.gz"
    if not (folder.is_dir() and given.is_file()):
        pytest.skip("the real screens are not beside this checkout")
    controls = pd.read_csv(folder / "AchillesNonessentialControls.csv")["Gene"]
    how = settings(min_pdna=0, scale=1e6 / 74_000)
    joined = join_counts(
        read_matrix(folder / "AvanaRawReadcounts.csv.gz"),
        read_frame(folder / "AvanaSequenceMap.csv"),
        how,
        read_frame(folder / "AvanaGuideMap.csv"),
    )
    screen = screen_of_counts(joined, how, controls.str.replace(r" \(\d+\)$", "", regex=True))
    columns = ["sgrna", "replicate_id", "lfc", "depmap_id", "hugo_symbol", "passes_qc"]
    ours = screen.table().set_index(["sgrna", "replicate_id"])
    theirs = pd.read_csv(given, usecols=columns).set_index(["sgrna", "replicate_id"])
    assert set(ours.index) == set(theirs.index)
    theirs = theirs.loc[ours.index]
    # Five significant digits: half a unit of the last one.
    tolerance = 0.5 * 10.0 ** (np.floor(np.log10(theirs["lfc"].abs().clip(lower=1e-9))) - 4)
    assert ((ours["lfc"] - theirs["lfc"]).abs() <= tolerance * 1.001 + 1e-9).all()
    for name in ("depmap_id", "hugo_symbol"):
        assert (ours[name] == theirs[name]).all()
    assert (ours["passes_qc"].astype(bool) == theirs["passes_qc"]).all()
