"""Predictions of each gene."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from partialpool.figures.fit.predictions_by_gene import FIGURE, predicted_points
from partialpool.figures.parts.rows import Rows


def test_equal_predictions_share_a_point(two_genes: pd.DataFrame, both: Rows) -> None:
    points = predicted_points(two_genes, both, limit=100, seed=1)
    assert len(points) == 2 * 2 * 2
    assert set(points.loc[points["hugo_symbol"] == "TP53", "mean"]) == {0.0, 2.0}
    fewer = predicted_points(two_genes, both, limit=3, seed=1)
    assert len(fewer) == 3
    pd.testing.assert_frame_equal(fewer, predicted_points(two_genes, both, 3, seed=1))


def test_predictions_are_drawn_without_measurements(drawn: Callable[..., Any]) -> None:
    figure = drawn(FIGURE)
    assert "real_value" not in figure.data
    assert len(figure.data) == 8
    assert figure.labels.title == "Predictions: 2 genes"
    assert "range of 80 % of new measurements" in " ".join(figure.labels.caption.split())
