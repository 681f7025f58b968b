"""The quality of sequences, beside numbers computed by hand."""

import numpy as np
import pandas as pd
import pytest

from partialpool.errors import ScreenError
from partialpool.preparation.counts import join_counts, matrix_of, screen_of_counts, sequence_qc
from partialpool.preparation.counts.sequence_qc import COLUMNS, gini


@pytest.fixture
def qc(counts, guides, samples):
    """Judge the tiny screen with some settings."""

    def judge(settings, changed=None) -> pd.DataFrame:
        joined = join_counts(
            matrix_of(counts if changed is None else changed), samples, settings, guides
        )
        return sequence_qc(joined, settings).set_index("sequence")

    return judge


def test_numbers_of_sequences_by_hand(qc, plain) -> None:
    found = qc(plain)
    assert found.reset_index().columns.tolist() == list(COLUMNS)
    assert found["total_reads"].to_dict() == {"a1": 40, "b1": 80, "plasmid": 16}
    assert found["reads_per_guide"].to_dict() == {"a1": 10, "b1": 20, "plasmid": 4}
    assert found["zero_guides"].to_dict() == {"a1": 1, "b1": 0, "plasmid": 0}
    assert found.loc["a1", "zero_share"] == 0.25
    # Mean absolute difference over twice the mean: of 0, 6, 14, 20 the six pairs sum to 68.
    assert found.loc["a1", "gini"] == pytest.approx(2 * 68 / 16 / (2 * 10))
    assert found["verdict"].tolist() == ["check", "pass", "pass"]
    assert found.loc["a1", "reasons"] == "25.0% of guides without a read, above 10.0%"


def test_gini_is_0_for_equal_counts_and_large_for_one_guide() -> None:
    even, one = np.full(100, 7.0), np.zeros(100)
    one[3] = 5
    empty = np.zeros(100)
    assert gini(np.column_stack([even, one])) == pytest.approx([0, 0.99])
    assert np.isnan(gini(empty[:, None])).all()
    gap = np.append(even, np.nan)
    assert gini(gap[:, None]) == pytest.approx([0])


def test_correlation_is_that_of_log_counts_with_the_pdna(qc, plain, counts) -> None:
    changed = counts.assign(plasmid=[1, 2, 3, 10])
    found = qc(plain, changed)
    # Both scaled to a mean of 4.
    x = np.log2(np.array([0, 6, 14, 20]) * 0.4 + 1)
    y = np.log2(np.array([1, 2, 3, 10]) + 1)
    assert found.loc["a1", "pdna_correlation"] == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert np.isnan(found.loc["plasmid", "pdna_correlation"])


def test_verdicts_follow_the_thresholds(qc, settings) -> None:
    few = {"min_reads_per_guide": 15, "pass_reads_per_guide": 25, "min_correlation": -1}
    found = qc(settings({**few, "max_zeros": 1, "max_gini": 1}))
    assert found["verdict"].to_dict() == {"a1": "fail", "b1": "check", "plasmid": "fail"}
    assert found.loc["b1", "reasons"] == "20.0 reads per guide, below 25"
    with pytest.raises(ValueError, match="pass_reads_per_guide must be min_reads_per_guide"):
        settings({"min_reads_per_guide": 26, "pass_reads_per_guide": 25})


def test_a_sequence_of_another_library_fails(settings, guides, samples) -> None:
    """200 guides: line a follows the pDNA, line b does not."""
    rng = np.random.default_rng(5)
    pool = rng.lognormal(6, 0.6, 200)
    frame = pd.DataFrame(
        {
            "plasmid": rng.poisson(pool),
            "a1": rng.poisson(pool),
            "b1": rng.poisson(rng.permutation(pool)),
        },
        index=[f"g{i}" for i in range(200)],
    )
    library = pd.DataFrame({"sgrna": frame.index, "gene": [f"G{i // 4}" for i in range(200)]})
    joined = join_counts(matrix_of(frame), samples, settings(), library)
    found = sequence_qc(joined, settings()).set_index("sequence")
    assert found["verdict"].to_dict() == {"a1": "pass", "b1": "fail", "plasmid": "pass"}
    assert "correlation with the pDNA" in found.loc["b1", "reasons"]
    screen = screen_of_counts(joined, settings())
    assert screen.replicates.set_index("depmap_id")["passes_qc"].to_dict() == {
        "A": True,
        "B": False,
    }


def test_copies_are_named(qc, plain, counts) -> None:
    found = qc(plain, counts.assign(b1=counts["a1"]))
    assert "the same counts as a1" in found.loc["b1", "reasons"]
    assert found.loc["a1", "reasons"] == "25.0% of guides without a read, above 10.0%"


def test_the_flag_of_the_sheet_counts_too(counts, guides, samples, plain) -> None:
    sheet = samples.assign(PassesQC=["FALSE", None, "TRUE"])
    joined = join_counts(matrix_of(counts), sheet, plain, guides)
    assert screen_of_counts(joined, plain).replicates["passes_qc"].tolist() == [False, True]


def test_a_batch_without_a_pdna_that_passes_is_refused(counts, guides, samples, plain) -> None:
    sheet = samples.assign(PassesQC=["TRUE", "TRUE", "FALSE"])
    joined = join_counts(matrix_of(counts), sheet, plain, guides)
    with pytest.raises(ScreenError, match=r"(?s)batch 1 that passes QC.*its QC flag is false"):
        screen_of_counts(joined, plain)
    both = plain.model_copy(update={"qc": plain.qc.model_copy(update={"min_reads_per_guide": 5.0})})
    joined = join_counts(matrix_of(counts), sheet, both, guides)
    with pytest.raises(ScreenError, match=r"guide, below 5; its QC flag is false\)"):
        screen_of_counts(joined, both)
    unused = pd.DataFrame(
        {
            "sequence_ID": ["p2"],
            "cell_line_name": ["pDNA"],
            "pDNA_batch": ["2"],
            "PassesQC": "FALSE",
        }
    )
    good = pd.concat([samples.assign(PassesQC="TRUE"), unused])
    joined = join_counts(matrix_of(counts.assign(p2=1)), good, plain, guides)
    assert screen_of_counts(joined, plain).shape == (4, 2)
    few = plain.model_copy(update={"qc": plain.qc.model_copy(update={"min_reads_per_guide": 5.0})})
    joined = join_counts(matrix_of(counts), samples, few, guides)
    with pytest.raises(ScreenError, match=r"plasmid \(4.0 reads per guide, below 5\)"):
        screen_of_counts(joined, few)
