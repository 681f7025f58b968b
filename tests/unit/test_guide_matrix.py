"""A screen as a matrix of guides and replicates."""

import numpy as np
import pandas as pd
import pytest

from partialpool.errors import ScreenError
from partialpool.models.dependency import copy_segments
from partialpool.models.guide_matrix import GuideMatrix


@pytest.fixture
def table() -> pd.DataFrame:
    """Genes B and A of two and one guides; of two replicates of line y, one lacks guide b2."""
    rows = [
        ("b1", "x1", "B", "x", 1.0, 2.0),
        ("b2", "x1", "B", "x", 2.0, 2.0),
        ("a1", "x1", "A", "x", 3.0, 8.0),
        ("b1", "y1", "B", "y", 4.0, 1.0),
        ("b2", "y1", "B", "y", 5.0, 1.0),
        ("a1", "y1", "A", "y", 6.0, np.nan),
        ("b1", "y2", "B", "y", 7.0, 1.0),
        ("a1", "y2", "A", "y", 8.0, np.nan),
    ]
    columns = ["sgrna", "replicate_id", "hugo_symbol", "depmap_id", "lfc", "gene_cn"]
    return pd.DataFrame(rows, columns=columns)


def test_guides_are_sorted_by_gene_and_replicates_by_line(table) -> None:
    matrix = GuideMatrix.from_table(table.sample(frac=1, random_state=1))
    assert matrix.genes == ("A", "B")
    assert matrix.sgrnas == ("a1", "b1", "b2")
    assert matrix.replicates == ("x1", "y1", "y2")
    assert matrix.gene_of_sgrna.tolist() == [0, 1, 1]
    assert matrix.cell_line_of_replicate.tolist() == [0, 1, 1]
    expected = [[3, 6, 8], [1, 4, 7], [2, 5, np.nan]]
    np.testing.assert_array_equal(matrix.lfc, expected)
    assert matrix.n_measured.tolist() == [[1, 2], [2, 3]]
    assert matrix.copies is None


def test_copies_are_log2_over_two_and_0_where_unknown(table) -> None:
    matrix = GuideMatrix.from_table(table, copy_number=True)
    np.testing.assert_allclose(matrix.copies, [[2, 0], [0, -1]])


def test_pieces_of_copy_number_add_up() -> None:
    copies = np.array([[-1.5, -0.2, 0.0, 0.4, 1.0, 3.0]])
    pieces = copy_segments(copies)
    np.testing.assert_allclose(pieces.sum(axis=-1), copies)
    np.testing.assert_allclose(pieces[0, 5], [0, 1, 2])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hugo_symbol": "A"}, "one hugo_symbol for each sgrna"),
        ({"depmap_id": "y"}, "one depmap_id for each replicate_id"),
        ({}, "one row for each sgrna and replicate_id"),
    ],
)
def test_what_makes_no_matrix_is_an_error(table, change, said) -> None:
    row = table.iloc[[0]].assign(**change)
    if "depmap_id" in change:
        row = row.assign(sgrna="b9")
    with pytest.raises(ScreenError, match=said):
        GuideMatrix.from_table(pd.concat([table, row]))


def test_one_line_or_one_gene_is_too_few(table) -> None:
    with pytest.raises(ScreenError, match="at least 2 lines"):
        GuideMatrix.from_table(table[table["depmap_id"] == "x"])
    with pytest.raises(ScreenError, match="at least 2 genes"):
        GuideMatrix.from_table(table[table["hugo_symbol"] == "B"])
