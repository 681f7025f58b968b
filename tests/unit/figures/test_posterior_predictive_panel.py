"""Measurements and predictions by cell line."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from partialpool.figures.fit.posterior_predictive_panel import (
    FIGURE,
    distinct_predictions,
    panel_table,
)


def test_the_genes_that_vary_most_between_lines_are_shown(two_genes: pd.DataFrame) -> None:
    shown, genes, lines = panel_table(two_genes, n_genes=1, n_lines=5)
    assert genes.labels == ("TP53",)
    assert lines.labels == ("c1", "c2")
    assert len(shown) == 20
    # Two guides share 0.7 of the place of a line: 0.175 to either side of it.
    places = shown.groupby(["depmap_id", "sgrna"], observed=True)["x"].unique()
    assert places["c1"].to_dict() == pytest.approx({"TP531": 0.825, "TP532": 1.175})
    assert places["c2"].to_dict() == pytest.approx({"TP531": 1.825, "TP532": 2.175})
    bars = distinct_predictions(shown)
    assert bars["mean"].tolist() == [0.0, 2.0, 0.0, 2.0]
    assert (bars["hdi_upper"] - bars["hdi_lower"]).tolist() == [1.0] * 4


def test_measurements_stand_on_the_bars_of_their_guide_and_line(
    drawn: Callable[..., Any],
) -> None:
    figure = drawn(FIGURE)
    dots, bars = figure.data, figure.layers[1]._data
    for line, shown in dots.groupby("depmap_id", observed=True):
        places = bars.loc[bars["depmap_id"] == line, "x"]
        assert sorted(set(shown["x"])) == sorted(places)
        assert len(places) == 2
    caption = " ".join(figure.labels.caption.split())
    assert "bar: predicted 80 % highest-density interval" in caption
    assert caption.endswith("Shown: 1 of 2 genes; 2 cell lines.")
