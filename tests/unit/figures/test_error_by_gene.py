"""Errors of each gene."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from partialpool.figures.fit._errors import gene_errors
from partialpool.figures.fit.error_by_gene import FIGURE, error_bins, error_points
from partialpool.figures.parts import style
from partialpool.figures.parts.rows import Rows


def test_genes_have_their_root_mean_square_error(two_genes: pd.DataFrame) -> None:
    table = gene_errors(two_genes, 0.89).set_index("hugo_symbol")
    # One guide errs by 0 to 0.4, mean square 0.06; the other by 2 to 2.4, mean square 4.86.
    assert table.loc["TP53", "rmse"] == pytest.approx(((0.06 + 4.86) / 2) ** 0.5)


def test_bins_count_every_error(two_genes: pd.DataFrame, both: Rows) -> None:
    bins = error_bins(two_genes, both, n_bins=7)
    assert bins.groupby("label")["n"].sum().to_dict() == {"KRAS": 20, "TP53": 20}
    assert bins["width"].unique() == pytest.approx([2.4 / 7])  # errors are between -2.4 and 0
    assert (bins["n"] > 0).all()


def test_points_stay_in_their_rows(two_genes: pd.DataFrame, both: Rows) -> None:
    points = error_points(two_genes, both, seed=3)
    assert (points["row"] - points["label"].map(both.position)).abs().max() <= 0.35
    assert points["error"].tolist() == two_genes["error"].tolist()


def test_few_errors_are_points_and_many_are_bins(
    drawn: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert drawn(FIGURE).labels.caption.startswith("Dots")
    monkeypatch.setattr(style, "MANY_POINTS", 10)
    assert drawn(FIGURE).labels.caption.startswith("Colour: number of measurements")


def test_the_genes_with_the_largest_errors_are_shown(
    drawn: Callable[..., Any], made: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert made(FIGURE)["rows"].labels == ("TP53", "KRAS")
    monkeypatch.setattr(style, "MANY_GENES", 1)
    figure = drawn(FIGURE)
    assert figure.labels.title == "Errors by gene: the 1 of 2 genes with the largest errors"
    assert figure.data["hugo_symbol"].tolist() == ["TP53"]
