"""LFC along RNA expression with the overall trend."""

import numpy as np
import pytest

from partialpool.figures.screen.rna_trend import FIGURE
from screen_figures import draw, flat, layer, made_of, plot_of, screen


def test_a_small_screen_shows_measurements_and_the_trend() -> None:
    table = screen(4, 10, rna=0.3)
    plot = plot_of(FIGURE, table)
    draw(plot)
    assert len(layer(plot, "geom_point")) == len(table)
    slope = np.polyfit(table["rna_expr_z"], table["lfc"], 1)[0]
    assert f"slope {slope:.3f} log2 per sd" in flat(plot.labels.caption)
    assert "Dot: a measurement." in flat(plot.labels.caption)
    assert plot.labels.x == "RNA expression (z-score within gene)"
    line = layer(plot, "geom_line")
    assert np.polyfit(line["x"], line["fit"], 1)[0] == pytest.approx(slope)


def test_rna_that_is_absent() -> None:
    table = screen(3, 4).drop(columns="rna_expr_z")
    assert made_of(FIGURE, table) == "This screen has no RNA expression (column rna_expr)."
