"""A covariate of genes on the x axis: words, and means by gene and cell line."""

from __future__ import annotations

import pandas as pd

from partialpool.figures.parts.screen_summary import has_values
from partialpool.screen import COVARIATES

#: More measurements than this are averaged by gene and cell line before they are drawn.
MANY_MEASUREMENTS = 1_000
MEASUREMENT = "a measurement"
MEAN = "mean of a gene in a cell line"


def axis_title(covariate: str) -> str:
    """Write the title of the axis, with the unit."""
    return f"{COVARIATES[covariate].noun} (z-score within gene)"


def absent(screen: pd.DataFrame, covariate: str) -> str:
    """Say that a screen has no values of a covariate; empty if it has some."""
    known = COVARIATES[covariate]
    if has_values(screen, covariate):
        return ""
    return f"This screen has no {known.noun} (column {known.source})."


def constant(covariate: str) -> str:
    """Say that a covariate does not vary."""
    known = COVARIATES[covariate]
    return (
        f"In this screen, {known.noun} (column {known.source}) does not vary between the cell "
        "lines of any gene."
    )


def gene_line_means(screen: pd.DataFrame, covariate: str) -> pd.DataFrame:
    """Average the guides and replicates of each gene in each cell line.

    They have the same covariate, so only the number of cell lines makes a trend precise.

    Parameters
    ----------
    screen
        The modelling table. Rows without the covariate or ``lfc`` are left out.
    covariate
        The column with one value for each gene in a cell line.

    Returns
    -------
    pd.DataFrame
        A row per gene and cell line: ``hugo_symbol``, ``depmap_id``, ``x``, ``lfc`` (means),
        ``n`` (measurements).
    """
    rows = screen.dropna(subset=[covariate, "lfc"])
    groups = rows.groupby(["hugo_symbol", "depmap_id"], observed=True, sort=False)
    means = groups.agg(x=(covariate, "mean"), lfc=("lfc", "mean"), n=("lfc", "size"))
    return means.reset_index().astype({"hugo_symbol": str, "depmap_id": str})


def dots(screen: pd.DataFrame, covariate: str, means: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Choose the dots: measurements if they are few, otherwise means by gene and cell line.

    Parameters
    ----------
    screen
        The modelling table.
    covariate
        The column of ``screen``.
    means
        The result of `gene_line_means`, or some of its genes.

    Returns
    -------
    tuple[pd.DataFrame, str]
        ``hugo_symbol``, ``x``, ``lfc``; and a phrase that says what a row is.
    """
    if means["n"].sum() > MANY_MEASUREMENTS:
        return means[["hugo_symbol", "x", "lfc"]], MEAN
    rows = screen[["hugo_symbol", covariate, "lfc"]].dropna().astype({"hugo_symbol": str})
    rows = rows[rows["hugo_symbol"].isin(means["hugo_symbol"])]
    return rows.rename(columns={covariate: "x"}), MEASUREMENT
