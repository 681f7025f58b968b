"""Quantiles by group, against values worked out by hand or by NumPy."""

import numpy as np
import pandas as pd
import pytest

from partialpool.figures.parts.quantiles import QUANTILES, guide_quantiles, quantile_table
from partialpool.figures.parts.rows import Rows


def test_quantiles_by_group_are_numpys(two_genes: pd.DataFrame) -> None:
    table = quantile_table(two_genes, ["hugo_symbol"], "error", 0.8)
    kras = two_genes.loc[two_genes["hugo_symbol"] == "KRAS", "error"]
    found = table.set_index("hugo_symbol").loc["KRAS", list(QUANTILES)]
    expected = np.quantile(kras, [0.1, 0.25, 0.5, 0.75, 0.9])
    assert found.to_numpy(dtype=float) == pytest.approx(expected)
    assert table["n"].tolist() == [20, 20]


def test_boxes_of_guides_are_placed_in_rows_of_genes(two_genes: pd.DataFrame, both: Rows) -> None:
    boxes = guide_quantiles(two_genes, both, "error", 0.89).set_index("sgrna")
    assert boxes.loc["TP532", "median"] == pytest.approx(-2.2)
    # Two guides share 0.7 of the row of the second gene, which is at -1.
    assert boxes.loc["TP532", "row"] == pytest.approx(-1.175)
    one = guide_quantiles(two_genes, Rows(("KRAS",), 2, 1), "error", 0.89)
    assert one["sgrna"].tolist() == ["KRAS1", "KRAS2"]
