"""A line per gene along copy number."""

import numpy as np
import pytest

from partialpool.figures.parts import style
from partialpool.figures.screen._least_squares import linear_trends
from partialpool.figures.screen.copy_number_trend_by_gene import FIGURE, trend_segments
from screen_figures import draw, flat, layer, layers, made_of, plot_of, screen


def test_segments_end_where_the_data_end() -> None:
    # y = 1, 2, 4 at x = 0, 1, 2: slope 3/2, mean 7/3.
    table = screen(1, 3, guides=1).assign(x=[0.0, 1.0, 2.0], lfc=[1.0, 2.0, 4.0])
    ends = trend_segments(linear_trends(table, by="hugo_symbol"))
    assert ends[["x", "y", "xend", "yend"]].to_numpy()[0] == pytest.approx([0, 5 / 6, 2, 23 / 6])


def test_few_genes_have_a_colour_each_and_their_points() -> None:
    table = screen(26, 40)  # 2,080 measurements
    table["lfc"] += 2.0 * table["gene_cn_z"] * (table["hugo_symbol"] == "G001")
    plot = plot_of(FIGURE, table)
    draw(plot)
    (lines,) = layers(plot, "geom_segment")
    assert len(lines) == lines["gene"].nunique() == 26
    points = layer(plot, "geom_point")
    assert len(points) == 26 * 40
    assert set(points["gene"]) == set(lines["gene"])
    (slope,) = [name for name in lines["gene"] if name.startswith("G001")]
    assert float(slope.removeprefix("G001 (").rstrip(")")) == pytest.approx(2.0, abs=0.011)
    colours = next(scale for scale in plot.scales if "color" in scale.aesthetics)
    assert len(set(colours.palette(27))) == 27
    assert plot.labels.title.endswith("a trend per gene, 26 genes")
    assert "Dot: mean of a gene in a cell line." in flat(plot.labels.caption)


def test_of_many_genes_the_steepest_have_a_colour() -> None:
    table = screen(61, 12)
    table.loc[table["hugo_symbol"] == "G000", "gene_cn_z"] = 0.0
    plot = plot_of(FIGURE, table)
    draw(plot)
    grey, named = layers(plot, "geom_segment")
    assert len(named) == len(style.GENES)
    assert len(grey) + len(named) == 60
    assert named["slope"].abs().min() >= grey["slope"].abs().max()
    assert not layers(plot, "geom_point")
    assert plot.labels.title.endswith("a trend per gene, 60 of 61 genes")
    assert "The steepest lines have a colour; all others are grey." in flat(plot.labels.caption)


def test_a_slope_that_rests_on_one_line_is_not_drawn_but_counted() -> None:
    table = screen(4, 12)
    amplified = (table["hugo_symbol"] == "G002") & (table["depmap_id"] == "ACH-003")
    table.loc[table["hugo_symbol"] == "G002", "gene_cn_z"] = 0.0
    table.loc[amplified, ["gene_cn_z", "lfc"]] = [3.0, -5.0]
    table.loc[table["hugo_symbol"] == "G003", "gene_cn_z"] = np.nan
    plot = plot_of(FIGURE, table)
    draw(plot)
    assert layer(plot, "geom_segment")["hugo_symbol"].isin(["G000", "G001"]).all()
    assert "Not shown: 2 genes whose copy number is not known" in flat(plot.labels.caption)
    alone = table[table["hugo_symbol"].isin(["G002"])]
    assert "(column gene_cn) does not vary" in made_of(FIGURE, alone)


def test_all_genes_together_are_in_the_legend() -> None:
    plot = plot_of(FIGURE, screen(3, 12))
    assert set(layer(plot, "geom_line", 1)["gene"]) == {"all genes"}
