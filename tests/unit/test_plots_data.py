"""The figures of a screen: what is behind the layers, what titles, axes and captions say."""

import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9
import pytest
import yaml
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from matplotlib import pyplot as plt

from partialpool.figures import screen as figures
from partialpool.figures.pictures import picture
from partialpool.pipelines import reporting
from partialpool.plots import style

CATALOG = Path(__file__).resolve().parents[2] / "conf" / "base" / "catalog_reporting.yml"
PRIORS = {
    "mu_gene": {"mu": 0, "sigma": 5.0},
    "sigma_gene": {"sigma": 5.0},
    "sigma": {"sigma": 5.0},
}
SAMPLER = {
    "name": "nutpie",
    "chains": 2,
    "draws": 10,
    "tune": 10,
    "target_accept": 0.8,
    "cores": 1,
    "init": "adapt_diag",
    "n_init": 10,
}
GENE = {
    "model": "gene",
    "parametrization": "identified",
    "likelihood": "sufficient",
    "seed": 1,
    "sampler": SAMPLER,
    "priors": PRIORS,
}
MODELING = {"gene": GENE}


def screen(genes: int, lines: int, guides: int = 2, **effects: float) -> pd.DataFrame:
    """Make a balanced screen whose gene g has median LFC near g / 10."""
    random = np.random.default_rng(3)
    cells = [
        (f"G{g:03d}", f"G{g:03d}_{s}", f"ACH-{c:03d}", f"ACH-{c:03d}_r1", g, c)
        for g in range(genes)
        for s in range(guides)
        for c in range(lines)
    ]
    names = ["hugo_symbol", "sgrna", "depmap_id", "replicate_id", "g", "c"]
    table = pd.DataFrame(cells, columns=names)
    covariates = random.normal(size=(2, genes, lines))
    table["gene_cn_z"], table["rna_expr_z"] = covariates[:, table["g"], table["c"]]
    table["lineage"] = np.where(table["c"] % 2 == 0, "soft_tissue", "lung")
    table["lfc"] = (
        table["g"] / 10
        + effects.get("rna", 0.0) * (table["g"] - genes / 2) * table["rna_expr_z"]
        + random.normal(scale=0.01, size=len(table))
    )
    for name in ("hugo_symbol", "sgrna", "depmap_id", "lineage"):
        table[name] = pd.Categorical(table[name], table[name].unique(), ordered=True)
    return table.drop(columns=["g", "c"])


def plot_of(figure: Any, *given: Any) -> Any:
    """The plot of a figure."""
    return figure(*given)()


def draw(plot: p9.ggplot) -> Any:
    """Draw a plot, any warning being an error, and give the matplotlib figure's axes."""
    figure = plot.draw()
    plt.close(figure)
    return figure.axes


def layer(plot: p9.ggplot, geom: str, at: int = 0) -> pd.DataFrame:
    """Give the data that the ``at``-th layer with a geom was given."""
    found = [one for one in plot.layers if type(one.geom).__name__ == geom]
    own = found[at]._data
    return plot.data if own is None else own


def says(plot: p9.ggplot) -> str:
    """Give the words of a figure in place of which there is only a sentence."""
    (text,) = [t.get_text() for axes in draw(plot) for t in axes.texts]
    return text.replace("\n", " ")


def flat(caption: str) -> str:
    return caption.replace("\n", " ")


def test_lfc_by_gene_shows_every_gene_of_a_small_screen_in_order() -> None:
    plot = plot_of(figures.lfc_by_gene, screen(5, 4))
    (axes,) = draw(plot)
    assert [label.get_text() for label in axes.get_xticklabels()] == [f"G00{g}" for g in range(5)]
    assert plot.labels.title == "LFC by gene: 5 genes"
    assert plot.labels.y == "log2 fold change"
    assert "1st to 99th percentile" in flat(plot.labels.caption)
    medians = layer(plot, "geom_crossbar")["median"]
    assert medians.tolist() == pytest.approx(np.arange(5) / 10, abs=0.02)


def test_lfc_by_gene_shows_the_extremes_of_a_large_screen_and_says_so() -> None:
    plot = plot_of(figures.lfc_by_gene, screen(50, 2))
    shown = layer(plot, "geom_crossbar")["hugo_symbol"].tolist()
    assert shown == [f"G{g:03d}" for g in [*range(20), *range(30, 50)]]
    assert plot.labels.title == "LFC by gene: the 20 lowest and 20 highest of 50 genes"
    draw(plot)


def test_lineage_tiles_are_labelled_and_centred_on_zero() -> None:
    table = screen(3, 5)
    table["lfc"] -= 0.5
    plot = plot_of(figures.lfc_by_lineage_and_gene, table)
    axes = draw(plot)[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["soft tissue (3)", "lung (2)"]  # from the bottom
    tiles = layer(plot, "geom_tile")
    assert len(tiles) == 6
    wanted = table.groupby(["lineage", "hugo_symbol"], observed=True)["lfc"].mean()
    drawn = tiles.set_index([tiles["lineage"].str.contains("soft"), "hugo_symbol"])["lfc"]
    assert drawn[(True, "G001")] == pytest.approx(wanted["soft_tissue", "G001"])
    fill = next(scale for scale in plot.scales if "fill" in scale.aesthetics)
    low, high = fill.limits
    assert low == -high == pytest.approx(-tiles["lfc"].abs().max())


def test_lineage_tiles_of_many_genes_are_of_the_lowest_and_of_those_that_differ() -> None:
    table = screen(60, 6)
    high = (table["hugo_symbol"] == "G050") & (table["lineage"] == "lung")
    alone = (table["hugo_symbol"] == "G055") & (table["depmap_id"] == "ACH-005")
    table["lineage"] = table["lineage"].astype(str).mask(table["depmap_id"] == "ACH-005", "skin")
    table.loc[high, "lfc"] += 3.0
    table.loc[alone, "lfc"] += 9.0  # of a lineage of one line
    plot = plot_of(figures.lfc_by_lineage_and_gene, table)
    genes = list(layer(plot, "geom_tile")["hugo_symbol"].cat.categories)
    assert genes[:20] == [f"G{g:03d}" for g in range(20)]
    assert genes[20] == "G050"
    assert len(genes) == 40
    assert plot.labels.title == "Mean LFC by lineage and gene: 40 of 60 genes"
    assert "vary most between lineages of at least 2 lines" in flat(plot.labels.caption)
    draw(plot)


def test_lineages_that_are_absent_are_said_to_be() -> None:
    without = screen(3, 2).drop(columns="lineage")
    assert says(plot_of(figures.lfc_by_lineage_and_gene, without)) == (
        "This screen has no lineages (column lineage)."
    )
    axes = draw(plot_of(figures.lfc_by_cell_line, without))[0]
    assert axes.get_yticklabels()[0].get_text() in {"ACH-000", "ACH-001"}


def test_few_lines_are_named_with_their_measurements() -> None:
    table = screen(4, 6)
    plot = plot_of(figures.lfc_by_cell_line, table)
    axes = draw(plot)[0]
    labels = {label.get_text() for label in axes.get_yticklabels()}
    assert {"ACH-000 (soft tissue)", "ACH-001 (lung)"} <= labels
    assert len(labels) == 6
    medians = layer(plot, "geom_tile").sort_values("depmap_id")["median"]  # from the bottom
    assert medians.is_monotonic_decreasing
    points = layer(plot, "geom_point", 1)
    assert sorted(points["lfc"]) == sorted(table["lfc"])
    assert plot.labels.title == "LFC by cell line: 6 lines"
    assert plot.labels.x == "log2 fold change"


def test_measurements_of_many_genes_are_boxes_only() -> None:
    plot = plot_of(figures.lfc_by_cell_line, screen(9, 6))
    draw(plot)
    assert len(layer(plot, "geom_tile")) == 6
    assert layer(plot, "geom_point") is plot.data  # medians
    assert [type(one.geom).__name__ for one in plot.layers].count("geom_point") == 1


def test_a_figure_with_jitter_is_drawn_alike_every_time() -> None:
    drawing = figures.lfc_by_cell_line(screen(3, 4))
    assert picture(drawing) == picture(drawing)


def test_many_lines_are_ranked() -> None:
    table = screen(2, 70)
    table["lfc"] += table["depmap_id"].cat.codes
    plot = plot_of(figures.lfc_by_cell_line, table)
    draw(plot)
    assert layer(plot, "geom_point")["rank"].tolist() == list(range(1, 71))
    assert "Lowest: ACH-000 (soft tissue), ACH-001 (lung)" in flat(plot.labels.caption)
    assert "Highest: ACH-069 (lung), ACH-068" in flat(plot.labels.caption)
    assert plot.labels.x == "cell line, by rank of its median LFC"


def test_scale_priors_are_named_with_what_they_are_for() -> None:
    table = screen(2, 3)
    drawing, listed = figures.prior_scales(table, MODELING)
    plot = drawing()
    draw(plot)
    curves = layer(plot, "geom_area")
    assert f"all measurements, {np.std(table['lfc']):.2f}" in flat(plot.labels.caption)
    assert list(curves["prior"].cat.categories) == [
        "|N(0, 5)|\nfor sigma, sigma_gene",
        "Exp(1)\nfor no model",
    ]
    assert "log2 fold change" in plot.labels.x
    assert listed[["fit", "parameter", "prior"]].to_numpy().tolist() == [
        ["gene", "sigma_gene", "|N(0, 5)|"],
        ["gene", "sigma", "|N(0, 5)|"],
    ]


def test_the_priors_of_the_fits_are_shown_and_no_others() -> None:
    other = GENE | {"priors": PRIORS | {"sigma": {"sigma": 2.0}}}
    _, listed = figures.prior_scales(screen(2, 3), {"g": other})
    assert listed["prior"].tolist() == ["|N(0, 5)|", "|N(0, 2)|"]
    inputs = reporting.create_data_pipeline("screen", ["gene"]).inputs()
    assert {name for name in inputs if name.startswith("params:modeling.")} == {
        "params:modeling.gene"
    }


def test_a_small_screen_shows_points_and_the_trend() -> None:
    table = screen(4, 10, rna=0.3)
    plot = plot_of(figures.rna_trend, table)
    draw(plot)
    assert len(layer(plot, "geom_point")) == len(table)
    slope = np.polyfit(table["rna_expr_z"], table["lfc"], 1)[0]
    assert f"slope {slope:.3f} log2 per sd" in flat(plot.labels.caption)
    assert plot.labels.x == "RNA expression (z-score within gene)"
    line = layer(plot, "geom_smooth")
    assert np.polyfit(line["x"], line["fit"], 1)[0] == pytest.approx(slope)


def test_a_large_screen_shows_hexagons_that_hold_every_measurement() -> None:
    table = screen(7, 500)
    table.loc[table["hugo_symbol"] == "G000", "gene_cn_z"] = np.nan
    plot = plot_of(figures.copy_number_trend, table)
    draw(plot)
    cells = layer(plot, "geom_polygon")
    assert cells.drop_duplicates("hexagon")["n"].sum() == 6000
    assert len(cells) % 6 == 0
    assert "6,000 measurements" in flat(plot.labels.caption)
    assert plot.labels.x == "gene copy number (z-score within gene)"


@pytest.mark.parametrize("genes", [3, 60])
def test_copy_number_by_gene_draws_every_gene_and_names_the_steepest(genes: int) -> None:
    table = screen(genes + 1, 12)
    table.loc[table["hugo_symbol"] == "G000", "gene_cn_z"] = 0.0
    table["lfc"] += 2.0 * table["gene_cn_z"] * (table["hugo_symbol"] == "G001")
    plot = plot_of(figures.copy_number_trend_by_gene, table)
    draw(plot)
    assert len(layer(plot, "geom_segment")) == genes
    named = layer(plot, "geom_segment", 1)
    assert len(named) == min(genes, len(style.GENES))
    (slope,) = [name for name in named["gene"] if name.startswith("G001")]
    assert float(slope.removeprefix("G001 (").rstrip(")")) == pytest.approx(2.0, abs=0.011)
    assert plot.labels.title.endswith(f"a trend per gene, {genes} of {genes + 1} genes")
    assert "Not shown: genes without copy number that varies (1)." in flat(plot.labels.caption)
    assert set(layer(plot, "geom_line")["gene"]) == {"all genes"}


def test_panels_hold_each_gene_s_points_and_line() -> None:
    plot = plot_of(figures.rna_trend_by_gene, screen(3, 8, rna=0.3))
    draw(plot)
    points, lines = layer(plot, "geom_point"), layer(plot, "geom_smooth")
    panels = list(points["panel"].cat.categories)
    assert [panel.split()[0] for panel in panels] == ["G000", "G001", "G002"]
    for panel, wanted in zip(panels, (-0.45, -0.15, 0.15), strict=True):
        line = lines[lines["panel"] == panel]
        assert np.polyfit(line["x"], line["fit"], 1)[0] == pytest.approx(wanted, abs=0.01)
        assert float(panel.split("(")[1].rstrip(")")) == pytest.approx(wanted, abs=0.011)
        assert (points["panel"] == panel).sum() == 16
    assert "Dot: a measurement." in flat(plot.labels.caption)


def test_panels_leave_out_the_outermost_points_and_say_how_many() -> None:
    table = screen(2, 100, rna=0.3)
    table.loc[table.index[:1], "lfc"] = 90.0
    plot = plot_of(figures.rna_trend_by_gene, table)
    assert draw(plot)[0].get_ylim()[1] < 10
    assert "1 of 400 dots lie beyond the axis" in flat(plot.labels.caption)
    few = plot_of(figures.rna_trend_by_gene, screen(2, 100, rna=0.3))
    assert "beyond the axis" not in few.labels.caption


def test_panels_are_no_more_than_can_be_read_and_their_points_are_averaged() -> None:
    plot = plot_of(figures.rna_trend_by_gene, screen(40, 20, rna=0.05))
    points = layer(plot, "geom_point")
    assert points["panel"].nunique() == style.MANY_PANELS
    assert len(points) == style.MANY_PANELS * 20  # a guide each would be twice as many
    assert plot.labels.title.endswith("the 30 steepest of 40")
    assert "Dot: mean of a cell line." in flat(plot.labels.caption)


@pytest.mark.parametrize(
    ("figure", "column", "source"),
    [
        (figures.copy_number_trend, "gene_cn_z", "gene copy number (column gene_cn)"),
        (figures.copy_number_trend_by_gene, "gene_cn_z", "gene copy number (column gene_cn)"),
        (figures.rna_trend, "rna_expr_z", "RNA expression (column rna_expr)"),
        (figures.rna_trend_by_gene, "rna_expr_z", "RNA expression (column rna_expr)"),
    ],
)
def test_a_covariate_that_is_absent_or_constant_is_said_to_be(
    figure: Any, column: str, source: str
) -> None:
    table = screen(3, 4)
    assert says(plot_of(figure, table.drop(columns=column))) == f"This screen has no {source}."
    unknown = says(plot_of(figure, table.assign(**{column: np.nan})))
    assert unknown == f"This screen has no {source}."
    constant = says(plot_of(figure, table.assign(**{column: 0.0})))
    assert constant == f"In this screen {source} does not vary within any gene."


def test_nodes_leave_the_screen_as_it_is() -> None:
    table = screen(4, 6)
    before = table.copy()
    for figure in figures.FIGURES:
        figure(table)
    pd.testing.assert_frame_equal(table, before)


def test_the_pipelines_write_what_the_catalog_says(tmp_path: Path) -> None:
    entries = yaml.safe_load(CATALOG.read_text().replace("${_data}", str(tmp_path)))
    catalog = DataCatalog.from_config({k: v for k, v in entries.items() if k[0] != "_"})
    catalog["screen"] = MemoryDataset(screen(3, 4))
    catalog["params:modeling.gene"] = MemoryDataset(GENE)
    catalog["params:reporting"] = MemoryDataset(SimpleNamespace(cores=1))
    fit = SimpleNamespace(convergence=pd.DataFrame())  # the screen is not published
    catalog["fits"] = MemoryDataset({"gene": fit})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # As in settings.py: the names are those that people use.
        warnings.filterwarnings("ignore", message="One or more dataset names contain")
        data = reporting.create_data_pipeline("screen", ["gene"])
        expression = reporting.create_expression_data_pipeline("screen", "gene")
    SequentialRunner().run(data + expression, catalog)

    written = {str(p.relative_to(tmp_path / "08_reporting")) for p in tmp_path.rglob("*.*")}
    assert written == {
        *(f"data/{figure.__name__}.png" for figure in figures.FIGURES),
        "data/prior_scales.png",
        "data/figures.zip",
        "expression_data/figures.zip",
        "data/describe.csv",
        "data/scale_priors.csv",
        *(f"expression_data/{f.__name__}.png" for f in figures.EXPRESSION_FIGURES),
        "expression_data/describe.csv",
        "expression_data/estimates_vs_published.csv",
    }
    assert catalog["data.figures"].load()["lfc_by_gene"].png[:4] == b"\x89PNG"
    assert catalog["data.tables.describe"].load()["column"].tolist() == [
        "gene_cn_z",
        "rna_expr_z",
        "lfc",
    ]
