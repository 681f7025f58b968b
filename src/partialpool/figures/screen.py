"""The figures and tables of a screen itself.

A function makes the tables of a figure, and gives what draws it. Plotnine is imported when a
function runs, so that the command line starts fast.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import pandas as pd

from partialpool.figures.pictures import Drawing
from partialpool.inference.fit_settings import plain
from partialpool.plots.style import GENES, MANY_GENES, MANY_PANELS, MANY_POINTS
from partialpool.screen import COVARIATE_SOURCES
from partialpool.tidy import prior_scales as priors
from partialpool.tidy import screen_tables as tables
from partialpool.tidy import trends

GENE = "hugo_symbol"
#: What each covariate is.
COVARIATES = {"gene_cn_z": "gene copy number", "rna_expr_z": "RNA expression"}
#: Of no more measurements than this each is shown at its cell line.
LINE_POINTS = 1_200
#: More points than this in all the panels of a figure are averaged by cell line.
PANEL_POINTS = 1_000


def lfc_by_gene(screen: pd.DataFrame) -> Drawing:
    """Draw LFC by gene."""
    from partialpool.plots import data

    boxes = tables.boxes(screen, GENE)
    shown = tables.lowest_and_highest(boxes, "median", MANY_GENES)
    beyond = tables.beyond_whiskers(screen, shown, GENE, at_most=MANY_POINTS)
    return partial(data.lfc_by_gene, shown, beyond, n_genes=len(boxes))


def lfc_by_lineage_and_gene(screen: pd.DataFrame) -> Drawing:
    """Draw mean LFC by lineage and gene."""
    from partialpool.plots import blank, data

    if not tables.has_values(screen, "lineage"):
        return partial(blank.says, "This screen has no lineages (column lineage).")
    genes, means = tables.mean_by_gene(screen), tables.lineage_gene_means(screen)
    shown = tables.lowest_and_most_varied(genes, means, MANY_GENES)
    return partial(data.lfc_by_lineage_and_gene, shown.merge(means, on=GENE), n_genes=len(genes))


def lfc_by_cell_line(screen: pd.DataFrame) -> Drawing:
    """Draw LFC by cell line."""
    from partialpool.plots import data

    columns = ["depmap_id", GENE, "lfc"]
    few = len(screen) <= LINE_POINTS and screen[GENE].nunique() <= len(GENES)
    points = screen[columns].dropna().astype({"depmap_id": str, GENE: str})
    return partial(
        data.lfc_by_cell_line, tables.cell_line_boxes(screen), points if few else points[:0]
    )


def prior_scales(screen: pd.DataFrame, fits: Mapping[str, Any]) -> tuple[Drawing, pd.DataFrame]:
    """Draw and list the priors of standard deviations that the fits use.

    Parameters
    ----------
    screen
        Whose spread is drawn beside them.
    fits
        Name of each fit -> its settings.
    """
    from partialpool.plots import scale_priors

    listed = priors.scale_priors(plain(fits))
    distinct = priors.distinct_priors(listed)
    spread = tables.spread(screen)
    return partial(
        scale_priors.prior_scales, priors.prior_curves(distinct), distinct, spread
    ), listed


def copy_number_trend(screen: pd.DataFrame) -> Drawing:
    """Draw LFC against copy number."""
    from partialpool.plots.trends import COPY_NUMBER

    return _trend(screen, "gene_cn_z", COPY_NUMBER)


def copy_number_trend_by_gene(screen: pd.DataFrame) -> Drawing:
    """Draw every gene's trend along copy number."""
    from partialpool.plots import blank
    from partialpool.plots import trends as plots

    if reason := _no_trend(screen, "gene_cn_z"):
        return partial(blank.says, reason)
    genes = trends.linear_trends(screen, "gene_cn_z", by=GENE)
    lines, n = trends.trend_segments(genes), screen[GENE].nunique()
    overall = trends.trend_lines(trends.linear_trends(screen, "gene_cn_z"))
    named = list(trends.steepest(genes, len(GENES))[GENE])
    return partial(plots.trend_by_gene, plots.COPY_NUMBER, lines, overall, named, n)


def rna_trend(screen: pd.DataFrame) -> Drawing:
    """Draw LFC against RNA expression."""
    from partialpool.plots.trends import RNA

    return _trend(screen, "rna_expr_z", RNA)


def rna_trend_by_gene(screen: pd.DataFrame) -> Drawing:
    """Draw LFC against RNA expression, a panel per gene."""
    from partialpool.plots import blank
    from partialpool.plots import trends as plots

    if reason := _no_trend(screen, "rna_expr_z"):
        return partial(blank.says, reason)
    genes = trends.linear_trends(screen, "rna_expr_z", by=GENE)
    shown = trends.steepest(genes, MANY_PANELS)
    points, unit = _panel_points(screen[screen[GENE].isin(shown[GENE])], "rna_expr_z")
    lines = trends.trend_lines(shown)
    y = trends.shown_range(points, lines)
    return partial(plots.trend_panels, plots.RNA, points, lines, shown, len(genes), unit, y)


#: Every figure of a screen, called as its function.
FIGURES = (
    lfc_by_gene,
    lfc_by_lineage_and_gene,
    lfc_by_cell_line,
    copy_number_trend,
    copy_number_trend_by_gene,
    rna_trend,
    rna_trend_by_gene,
)
#: What there is to draw of the expression notebook's simulated screen.
EXPRESSION_FIGURES = (lfc_by_cell_line, rna_trend, rna_trend_by_gene)


def drawings(
    screen: pd.DataFrame, figures: Iterable[Callable[[pd.DataFrame], Drawing]] = FIGURES
) -> Iterator[tuple[str, Drawing]]:
    """Make the tables of figures of a screen; yields their names and what draws them."""
    for figure in figures:
        yield figure.__name__, figure(screen)


def _trend(screen: pd.DataFrame, column: str, covariate: Any) -> Drawing:
    from partialpool.plots import blank
    from partialpool.plots import trends as plots

    if reason := _no_trend(screen, column):
        return partial(blank.says, reason)
    rows = screen[[GENE, column, "lfc"]].dropna().rename(columns={column: "x"})
    fit = trends.linear_trends(rows, "x")
    points, hexagons, means = _cloud(rows)
    return partial(plots.trend, covariate, points, hexagons, trends.trend_lines(fit), means, fit)


def _cloud(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Points if they are few, else hexagons and the means of bins."""
    nothing = rows[:0]
    if len(rows) <= MANY_POINTS:
        return rows.astype({GENE: str}), nothing, nothing
    return nothing, trends.hexagons(rows, "x"), trends.binned_means(rows, "x")


def _panel_points(rows: pd.DataFrame, column: str) -> tuple[pd.DataFrame, str]:
    """Measurements if they are few, else one point per gene and cell line."""
    if rows[column].notna().sum() <= PANEL_POINTS:
        points, unit = rows[[GENE, column, "lfc"]].dropna().astype({GENE: str}), "a measurement"
    else:
        points, unit = trends.cell_line_means(rows, column), "mean of a cell line"
    return points.rename(columns={column: "x"}), unit


def _no_trend(screen: pd.DataFrame, column: str) -> str | None:
    """Say why there is no trend along a covariate, if there is none."""
    name, source = COVARIATES[column], COVARIATE_SOURCES[column]
    if not tables.has_values(screen, column):
        return f"This screen has no {name} (column {source})."
    if trends.linear_trends(screen, column, by=GENE).empty:
        return f"In this screen {name} (column {source}) does not vary within any gene."
    return None
