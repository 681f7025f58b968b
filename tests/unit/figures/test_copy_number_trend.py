"""LFC along a covariate with the overall trend; the figure of RNA shares the code."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from partialpool.figures.screen._covariate import gene_line_means
from partialpool.figures.screen._overall_trend import binned_means, hexagons
from partialpool.figures.screen.copy_number_trend import FIGURE
from screen_figures import draw, flat, layer, layers, made_of, plot_of, screen


def test_bins_by_hand() -> None:
    table = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0, None], "lfc": [1.0, 3.0, 10.0, 10.0, 99.0]})
    bins = binned_means(table, bins=2)
    assert bins["n"].tolist() == [2, 2]
    assert bins["x"].tolist() == [0.5, 2.5]
    assert bins["y"].tolist() == [2.0, 10.0]
    half = stats.t.ppf(0.975, 1) * 1.0  # sd sqrt(2) of two values
    assert bins["high"].tolist() == pytest.approx([2.0 + half, 10.0])
    assert binned_means(table[4:]).empty


def test_hexagons_hold_every_row_in_the_nearest_one() -> None:
    random = np.random.default_rng(2)
    table = pd.DataFrame({"x": random.normal(size=2000), "lfc": random.normal(size=2000)})
    table.loc[0, "x"] = np.nan
    cells = hexagons(table, across=20, down=12)
    groups = cells.groupby("hexagon")
    assert (groups.size() == 6).all()
    assert groups["n"].first().sum() == 1999
    centres = groups[["x", "y"]].mean().to_numpy()
    step = [np.ptp(table["x"].dropna()) / 20, np.ptp(table["lfc"][1:]) / 12]
    scale = np.array([1.0, 0.75**0.5]) / step
    points = table[["x", "lfc"]].dropna().to_numpy()
    gaps = (((points[:, None, :] - centres[None]) * scale) ** 2).sum(axis=2)
    counts = np.bincount(gaps.argmin(axis=1), minlength=len(centres))
    differ = np.abs(counts - groups["n"].first().to_numpy()).sum()
    assert differ <= 4  # the leftmost and the rightmost point lie half way between two
    # A point is never farther from its centre than a corner of the regular hexagon.
    assert gaps.min(axis=1).max() <= 1 / 3 + 1e-9


def test_hexagons_of_nothing_and_of_one_point() -> None:
    assert hexagons(pd.DataFrame({"x": [np.nan], "lfc": [1.0]})).empty
    one = hexagons(pd.DataFrame({"x": [2.0], "lfc": [1.0]}))
    assert one["n"].tolist() == [1] * 6
    assert one[["x", "y"]].mean().tolist() == pytest.approx([2.0, 1.0])


def test_means_of_genes_in_lines() -> None:
    table = pd.DataFrame(
        {
            "hugo_symbol": ["A", "A", "A", "B"],
            "depmap_id": ["1", "1", "2", "1"],
            "cn": [0.5, 0.5, -1.0, None],
            "lfc": [1.0, 3.0, 5.0, 9.0],
        }
    )
    means = gene_line_means(table, "cn")
    assert means.to_numpy().tolist() == [["A", "1", 0.5, 2.0, 2], ["A", "2", -1.0, 5.0, 1]]


def test_up_to_thirty_genes_have_a_colour_and_a_point_in_each_line() -> None:
    table = screen(26, 250)  # 13,000 measurements
    plot = plot_of(FIGURE, table)
    draw(plot)
    points = layer(plot, "geom_point")
    assert len(points) == 26 * 250
    assert not layers(plot, "geom_polygon")
    colours = next(scale for scale in plot.scales if "color" in scale.aesthetics)
    assert colours.name == "gene"
    assert len({colours.palette(26)[i] for i in range(26)}) == 26
    wanted = table.groupby(["hugo_symbol", "depmap_id"], observed=True)["lfc"].mean()
    assert sorted(points["lfc"]) == pytest.approx(sorted(wanted))
    caption = flat(plot.labels.caption)
    assert "Dot: mean of a gene in a cell line." in caption
    assert "6,500 means" in caption
    assert "13,000 measurements" in caption
    assert "means of 10 equally large bins" in caption


def test_many_genes_in_many_lines_are_hexagons_that_hold_every_mean() -> None:
    table = screen(41, 150)
    table.loc[table["hugo_symbol"] == "G000", "gene_cn_z"] = np.nan
    plot = plot_of(FIGURE, table)
    draw(plot)
    cells = layer(plot, "geom_polygon")
    assert cells.drop_duplicates("hexagon")["n"].sum() == 6000
    assert len(cells) % 6 == 0
    assert "6,000 means" in flat(plot.labels.caption)
    assert plot.labels.x == "copy number (z-score within gene)"


def test_the_interval_counts_lines_not_guides() -> None:
    """Ten guides that agree are no more lines."""
    one, ten = screen(3, 12, guides=1), screen(3, 12, guides=1)
    ten = pd.concat([ten.assign(sgrna=f"{i}") for i in range(10)])
    wanted, found = (made_of(FIGURE, table)["line"] for table in (one, ten))
    width = wanted["high"] - wanted["low"]
    assert (found["high"] - found["low"]).to_numpy() == pytest.approx(width.to_numpy())


def test_copy_number_that_is_absent_or_constant() -> None:
    table = screen(3, 4)
    absent = "This screen has no copy number (column gene_cn)."
    assert made_of(FIGURE, table.drop(columns="gene_cn_z")) == absent
    assert made_of(FIGURE, table.assign(gene_cn_z=np.nan)) == absent
    assert "does not vary" in made_of(FIGURE, table.assign(gene_cn_z=0.0))
