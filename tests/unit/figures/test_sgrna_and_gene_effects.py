"""Guides around their genes."""

from typing import Any

import pandas as pd
import pytest

from partialpool.figures.fit.sgrna_and_gene_effects import guide_effect_table
from partialpool.figures.parts import style
from partialpool.figures.parts.rows import Rows


def test_guides_stand_around_the_row_of_their_gene(three_effects: pd.DataFrame) -> None:
    rows = Rows(("TP53", "KRAS"), 2, 2)
    table = guide_effect_table(three_effects, rows).set_index("sgrna")
    assert table.loc["C", "row"] == 0.0
    assert table.loc["A", "row"] == pytest.approx(-1 + 0.175)
    assert table.loc["B", "row"] == pytest.approx(-1 - 0.175)
    assert table["guide"].to_dict() == {"A": 1, "B": 2, "C": 1}
    assert table.loc["A", "half"] < 0.175


def test_guides_stand_with_their_genes(plots: dict[str, Any]) -> None:
    guides = plots["sgrna_and_gene_effects"].data
    assert guides.groupby("hugo_symbol")["row"].mean().round(6).tolist() == [0.0, -2.0, -1.0]


def test_no_guide_has_the_colour_of_the_population_mean() -> None:
    assert style.COLOURS["population"] not in style.GUIDES
    assert style.COLOURS["estimate"] not in style.GUIDES  # of the cross that is the gene
