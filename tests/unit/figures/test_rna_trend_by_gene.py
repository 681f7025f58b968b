"""A panel per gene along RNA expression."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from partialpool.figures.parts import style
from partialpool.figures.screen.rna_trend_by_gene import FIGURE
from screen_figures import draw, flat, layer, layers, made_of, plot_of, screen


def test_panels_hold_each_gene_s_points_and_line() -> None:
    plot = plot_of(FIGURE, screen(3, 8, rna=0.3))
    draw(plot)
    points, lines = layer(plot, "geom_point"), layer(plot, "geom_line")
    panels = list(points["panel"].cat.categories)
    assert [panel.split()[0] for panel in panels] == ["G000", "G001", "G002"]
    for panel, wanted in zip(panels, (-0.45, -0.15, 0.15), strict=True):
        line = lines[lines["panel"] == panel]
        assert np.polyfit(line["x"], line["fit"], 1)[0] == pytest.approx(wanted, abs=0.01)
        assert float(panel.split("(")[1].rstrip(")")) == pytest.approx(wanted, abs=0.011)
        assert (points["panel"] == panel).sum() == 16
    assert "Dot: a measurement." in flat(plot.labels.caption)


def test_the_band_is_that_of_the_lines_means() -> None:
    """Lines differ by more than their measurements, so guides and replicates do not narrow it."""
    table = screen(2, 9, guides=8)
    shifts = np.random.default_rng(5).normal(size=9)
    table["lfc"] += shifts[table["depmap_id"].cat.codes]
    lines = made_of(FIGURE, table)["lines"]
    of_gene = table[table["hugo_symbol"] == "G000"].groupby("depmap_id", observed=True)
    x, y = of_gene["rna_expr_z"].first(), of_gene["lfc"].mean()
    fit = stats.linregress(x, y)
    left = np.sqrt(((y - fit.intercept - fit.slope * x) ** 2).sum() / 7)
    drawn = lines[lines["hugo_symbol"] == "G000"]
    at = drawn["x"] - x.mean()
    half = stats.t.ppf(0.975, 7) * left * np.sqrt(1 / 9 + at**2 / ((x - x.mean()) ** 2).sum())
    assert ((drawn["high"] - drawn["low"]) / 2).to_numpy() == pytest.approx(half.to_numpy())


def test_a_slope_that_rests_on_one_line_is_dashed_without_a_band() -> None:
    table = screen(3, 10, rna=0.3)
    of_gene = table["hugo_symbol"] == "G001"
    table.loc[of_gene, "rna_expr_z"] = np.where(table["depmap_id"][of_gene] == "ACH-004", 3.0, -0.3)
    plot = plot_of(FIGURE, table)
    draw(plot)
    solid, dashed = layers(plot, "geom_line")
    assert set(dashed["hugo_symbol"]) == {"G001"}
    assert set(solid["hugo_symbol"]) == {"G000", "G002"}
    assert set(layer(plot, "geom_ribbon")["hugo_symbol"]) == {"G000", "G002"}
    assert "without an interval: the slope depends on one cell line (1 gene)" in flat(
        plot.labels.caption
    )


def test_two_lines_draw_a_line_without_a_band() -> None:
    plot = plot_of(FIGURE, screen(2, 2))
    draw(plot)
    assert layer(plot, "geom_ribbon").empty
    assert layer(plot, "geom_line", 1)["hugo_symbol"].nunique() == 2


def test_the_outermost_points_are_left_out_and_counted() -> None:
    table = screen(2, 100, rna=0.3)
    table.loc[table.index[:1], "lfc"] = 90.0
    plot = plot_of(FIGURE, table)
    assert draw(plot)[0].get_ylim()[1] < 20
    assert "1 of 400 dots lie beyond the axis" in flat(plot.labels.caption)
    few = plot_of(FIGURE, screen(2, 100, rna=0.3))
    assert "beyond the axis" not in few.labels.caption


def test_panels_are_no_more_than_can_be_read_and_their_points_are_averaged() -> None:
    plot = plot_of(FIGURE, screen(40, 20, rna=0.05))
    points = layer(plot, "geom_point")
    assert points["panel"].nunique() == style.MANY_PANELS
    assert len(points) == style.MANY_PANELS * 20  # a guide each would be twice as many
    assert plot.labels.title.endswith("30 of 40 genes")
    assert "Genes with the steepest slopes are shown." in flat(plot.labels.caption)
    assert "Dot: mean of a gene in a cell line." in flat(plot.labels.caption)


def test_rna_that_is_constant_within_genes() -> None:
    table = screen(3, 4).assign(rna_expr_z=0.0)
    assert "RNA expression (column rna_expr) does not vary" in made_of(FIGURE, table)


@pytest.mark.parametrize("name", ["copy_number_trend", "rna_trend_by_gene"])
def test_tables_leave_the_screen_as_it_is(name: str) -> None:
    from partialpool.figures import screen as of_screen
    from partialpool.figures.registry import figures_in

    (figure,) = [figure for figure in figures_in(of_screen) if figure.name == name]
    table = screen(4, 6)
    before = table.copy()
    made_of(figure, table)
    pd.testing.assert_frame_equal(table, before)
