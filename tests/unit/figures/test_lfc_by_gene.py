"""A box per gene."""

import numpy as np
import pandas as pd
import pytest

from partialpool.figures.screen._boxes import boxes
from partialpool.figures.screen.lfc_by_gene import FIGURE, beyond_whiskers, lowest_and_highest
from screen_figures import draw, flat, layer, plot_of, screen


def test_boxes_hold_quantiles_and_are_in_order_of_the_median() -> None:
    table = pd.DataFrame(
        {
            "hugo_symbol": ["HIGH"] * 101 + ["LOW"] * 3 + ["LOW"],
            "lfc": [*np.arange(101.0), -1.0, -2.0, -3.0, None],
        }
    )
    table["hugo_symbol"] = pd.Categorical(table["hugo_symbol"], ["UNUSED", "HIGH", "LOW"])
    summary = boxes(table, "hugo_symbol")
    assert summary["hugo_symbol"].tolist() == ["LOW", "HIGH"]
    assert summary["n"].tolist() == [3, 101]
    high = summary.iloc[1]
    assert high[["low", "q25", "median", "q75", "high"]].tolist() == pytest.approx(
        [1.0, 25.0, 50.0, 75.0, 99.0]
    )


def test_beyond_whiskers_are_the_measurements_outside_of_them_farthest_first() -> None:
    genes = ["A"] * 101 + ["B"]
    table = pd.DataFrame({"hugo_symbol": genes, "lfc": [*np.arange(100.0), 200.0, 7.0]})
    summary = boxes(table, "hugo_symbol")
    beyond = beyond_whiskers(table, summary, "hugo_symbol")
    assert beyond.to_dict("list") == {"hugo_symbol": ["A", "A"], "lfc": [0.0, 200.0]}
    only = beyond_whiskers(table, summary, "hugo_symbol", at_most=1)
    assert only["lfc"].tolist() == [200.0]
    assert beyond_whiskers(table, summary[summary["hugo_symbol"] == "B"], "hugo_symbol").empty


def test_lowest_and_highest() -> None:
    table = pd.DataFrame({"gene": list("abcdef"), "median": [5.0, 1.0, None, 3.0, 2.0, 4.0]})
    assert lowest_and_highest(table, "median", 9)["gene"].tolist() == list("bedfa")
    assert lowest_and_highest(table, "median", 3)["gene"].tolist() == list("bfa")
    assert lowest_and_highest(table, "median", 2)["gene"].tolist() == list("ba")


def test_every_gene_of_a_small_screen_is_shown_in_order() -> None:
    plot = plot_of(FIGURE, screen(5, 4))
    (axes,) = draw(plot)
    assert [label.get_text() for label in axes.get_xticklabels()] == [f"G00{g}" for g in range(5)]
    assert plot.labels.title == "LFC by gene: 5 genes"
    assert plot.labels.y == "log2 fold change"
    assert "1st to 99th percentile" in flat(plot.labels.caption)
    medians = layer(plot, "geom_crossbar")["median"]
    assert medians.tolist() == pytest.approx(np.arange(5) / 10, abs=0.02)


def test_the_extremes_of_a_large_screen_are_shown_and_the_title_says_so() -> None:
    plot = plot_of(FIGURE, screen(50, 2))
    shown = layer(plot, "geom_crossbar")["hugo_symbol"].tolist()
    assert shown == [f"G{g:03d}" for g in [*range(20), *range(30, 50)]]
    assert plot.labels.title == "LFC by gene: the 20 lowest and 20 highest of 50 genes"
    draw(plot)
