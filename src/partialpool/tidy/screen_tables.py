"""What the figures of a screen draw: summaries of the modelling table by gene, lineage and line."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: The quantiles of a box plot: whiskers, box, median.
BOX_QUANTILES = {"low": 0.01, "q25": 0.25, "median": 0.5, "q75": 0.75, "high": 0.99}


#: Labels that are numbers in some tables.
NUMBERED = ("pdna_batch",)


def has_values(table: pd.DataFrame, column: str) -> bool:
    """Whether ``table`` has ``column`` and at least one value in it."""
    return column in table.columns and bool(table[column].notna().any())


def spread(table: pd.DataFrame) -> float:
    """Standard deviation (ddof = 0) of all log fold changes."""
    return float(table["lfc"].std(ddof=0))


def describe(table: pd.DataFrame) -> pd.DataFrame:
    """Summarise the numeric columns, and batches if they are numbers.

    Parameters
    ----------
    table
        Any table; booleans and other text are left out.

    Returns
    -------
    pandas.DataFrame
        A row per numeric column: ``column``, ``count`` (values that are not missing), ``mean``,
        ``std`` (ddof = 1), ``min``, ``q25``, ``median``, ``q75``, ``max``, in the column's unit.
    """
    batches = {name: _numbers(table[name]) for name in NUMBERED if name in table}
    known = {name: numbers for name, numbers in batches.items() if numbers is not None}
    numbers = table.assign(**known).select_dtypes("number").astype("float64")
    if numbers.empty and not len(numbers.columns):
        return pd.DataFrame(
            columns=["column", "count", "mean", "std", "min", "q25", "median", "q75", "max"]
        )
    summary = numbers.describe().T.rename(columns={"25%": "q25", "50%": "median", "75%": "q75"})
    summary["count"] = summary["count"].astype("int64")
    return summary.rename_axis("column").reset_index()


def _numbers(labels: pd.Series) -> pd.Series | None:
    """Labels as numbers, if all that are there are numbers."""
    numbers = pd.to_numeric(labels, errors="coerce")
    return numbers if labels.notna().any() and numbers.notna().equals(labels.notna()) else None


def boxes(table: pd.DataFrame, by: str, value: str = "lfc") -> pd.DataFrame:
    """Summarise ``value`` by group, for box plots.

    Parameters
    ----------
    table
        A row per measurement.
    by
        Column with the groups, such as ``hugo_symbol``.
    value
        Numeric column; missing values are left out.

    Returns
    -------
    pandas.DataFrame
        A row per group, lowest median first: ``by``, ``n``, and the quantiles of
        ``BOX_QUANTILES``: ``low`` (1 %), ``q25``, ``median``, ``q75``, ``high`` (99 %).
    """
    groups = table.dropna(subset=[by, value]).groupby(by, observed=True, sort=False)[value]
    quantiles = {name: groups.quantile(probability) for name, probability in BOX_QUANTILES.items()}
    summary = pd.DataFrame({"n": groups.size(), **quantiles})
    summary = summary.sort_values("median", kind="stable").reset_index()
    return summary.assign(**{by: summary[by].astype(str)})


def beyond_whiskers(
    table: pd.DataFrame, summary: pd.DataFrame, by: str, value: str = "lfc", at_most: int = 5_000
) -> pd.DataFrame:
    """Find the measurements outside the whiskers of ``summary``.

    Parameters
    ----------
    table
        A row per measurement.
    summary
        What `boxes` gave, or some of its rows.
    by, value
        As for `boxes`.
    at_most
        If there are more, those farthest beyond their whisker.

    Returns
    -------
    pandas.DataFrame
        Columns ``by`` and ``value``, a row per measurement.
    """
    limits = summary.set_index(by)[["low", "high"]]
    rows = table.loc[table[by].isin(limits.index), [by, value]]
    labels = rows[by].astype(str)
    below = labels.map(limits["low"]).astype("float64") - rows[value]
    above = rows[value] - labels.map(limits["high"]).astype("float64")
    distance = below.where(below > above, above)
    farthest = distance[distance > 0].nlargest(at_most).sort_index().index
    return pd.DataFrame({by: labels[farthest], value: rows.loc[farthest, value]}).reset_index(
        drop=True
    )


def lowest_and_highest(summary: pd.DataFrame, by: str, at_most: int) -> pd.DataFrame:
    """Keep the ``at_most`` rows with the most extreme ``by``, lowest first.

    Parameters
    ----------
    summary
        A row per thing.
    by
        Numeric column to rank by; rows without it are left out.
    at_most
        How many rows to keep: half of them the lowest, half the highest.

    Returns
    -------
    pandas.DataFrame
        All rows, sorted by ``by``, if there are no more than ``at_most``.
    """
    ranked = summary.dropna(subset=[by]).sort_values(by, kind="stable")
    if len(ranked) > at_most:
        low = at_most // 2
        ranked = pd.concat([ranked.iloc[:low], ranked.iloc[len(ranked) - (at_most - low) :]])
    return ranked.reset_index(drop=True)


def mean_by_gene(table: pd.DataFrame) -> pd.DataFrame:
    """Average LFC by gene: ``hugo_symbol``, ``lfc`` (mean), ``n``; lowest first."""
    groups = table.groupby("hugo_symbol", observed=True, sort=False)["lfc"]
    means = pd.DataFrame({"lfc": groups.mean(), "n": groups.count()})
    means = means.sort_values("lfc", kind="stable").reset_index()
    return means.assign(hugo_symbol=means["hugo_symbol"].astype(str))


def lineage_gene_means(table: pd.DataFrame) -> pd.DataFrame:
    """Average LFC by lineage and gene.

    Parameters
    ----------
    table
        Modelling table with ``lineage``; rows without a lineage are left out.

    Returns
    -------
    pandas.DataFrame
        A row per lineage and gene that were measured together: ``lineage``, ``hugo_symbol``,
        ``lfc`` (mean over guides, lines and replicates), ``n`` (measurements), ``n_cell_lines``
        (of the lineage).
    """
    rows = table.dropna(subset=["lineage"])
    groups = rows.groupby(["lineage", "hugo_symbol"], observed=True, sort=False)["lfc"]
    means = groups.agg(lfc="mean", n="count").reset_index()
    lines = rows.groupby("lineage", observed=True)["depmap_id"].nunique()
    means = means.assign(
        lineage=means["lineage"].astype(str), hugo_symbol=means["hugo_symbol"].astype(str)
    )
    return means.assign(n_cell_lines=means["lineage"].map(lines).astype("int64"))


def lowest_and_most_varied(genes: pd.DataFrame, means: pd.DataFrame, at_most: int) -> pd.DataFrame:
    """Keep the genes of the lowest means, and those that differ most between lineages.

    Lineages of one cell line do not count, if there are two others.

    Parameters
    ----------
    genes
        What `mean_by_gene` gave.
    means
        What `lineage_gene_means` gave.
    at_most
        How many genes to keep: half of them the lowest.

    Returns
    -------
    pandas.DataFrame
        ``hugo_symbol`` and ``sd`` (standard deviation of the lineages' means, ddof = 1): the
        lowest means first, then the largest sd; all genes, lowest mean first, if there are no
        more than ``at_most``.
    """
    counted = means[means["n_cell_lines"] > 1]
    if counted["lineage"].nunique() < 2:
        counted = means
    sd = counted.groupby("hugo_symbol")["lfc"].std()
    table = genes.assign(sd=genes["hugo_symbol"].map(sd))[["hugo_symbol", "sd"]]
    if len(table) <= at_most:
        return table
    lowest, others = table.iloc[: at_most // 2], table.iloc[at_most // 2 :]
    return pd.concat([lowest, others.nlargest(at_most - at_most // 2, "sd")], ignore_index=True)


def cell_line_boxes(table: pd.DataFrame) -> pd.DataFrame:
    """Summarise LFC by cell line: what `boxes` gives, and each line's ``lineage`` and ``rank``.

    ``rank`` counts from 1, the line with the lowest median; ``lineage`` is empty where unknown.
    """
    summary = boxes(table, "depmap_id")
    known = lineages(table)
    return summary.assign(
        lineage=[known.get(line, "") for line in summary["depmap_id"]],
        rank=np.arange(1, len(summary) + 1),
    )


def lineages(table: pd.DataFrame) -> dict[str, str]:
    """Cell line -> its lineage, the first that is known; lines without one are not there."""
    if not has_values(table, "lineage"):
        return {}
    known = table.dropna(subset=["lineage"]).drop_duplicates("depmap_id")
    return dict(zip(known["depmap_id"].astype(str), known["lineage"].astype(str), strict=True))
