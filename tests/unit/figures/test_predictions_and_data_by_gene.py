"""Predictions and measurements of each gene."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from partialpool.figures.fit.predictions_and_data_by_gene import FIGURE, mirrored_violins
from partialpool.figures.parts.rows import Rows


def test_measured_and_predicted_are_on_their_sides(two_genes: pd.DataFrame, both: Rows) -> None:
    values = two_genes.assign(value=two_genes["real_value"])
    table = mirrored_violins(values, values, both, width=0.4)
    extent = table.groupby(["label", "kind"])["height"].agg(["min", "max"])
    assert extent.loc[("TP53", "measured")].tolist() == pytest.approx([-1, -0.6])
    assert extent.loc[("TP53", "predicted")].tolist() == pytest.approx([-1.4, -1])


def test_a_gene_far_beyond_the_others_has_its_shape(far_gene: pd.DataFrame) -> None:
    violins = mirrored_violins(far_gene, far_gene, Rows(("FAR", "NEAR"), 2, 2), width=0.4)
    far = violins[(violins["label"] == "FAR") & (violins["kind"] == "measured")]
    assert far["height"].max() == pytest.approx(0.4)
    assert far.loc[far["height"].idxmax(), "value"] == pytest.approx(-4, abs=0.2)


def test_equal_measurements_have_finite_outlines(equal_values: pd.DataFrame) -> None:
    violins = mirrored_violins(equal_values, equal_values, Rows(("FAR", "NEAR"), 2, 2))
    assert np.isfinite(violins[["value", "height"]]).all(axis=None)


def test_both_kinds_are_drawn_for_every_gene(drawn: Callable[..., Any]) -> None:
    figure = drawn(FIGURE)
    shown = set(zip(figure.data["label"], figure.data["kind"], strict=True))
    assert shown == {(g, k) for g in ("KRAS", "TP53") for k in ("measured", "predicted")}
    assert figure.labels.title == "Measured and predicted: 2 genes"
