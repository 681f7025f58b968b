"""The modelling table: its order, its categoricals, and covariates scaled within genes."""

from collections.abc import Hashable

import pandas as pd

from partialpool.preparation.columns import CATEGORIES
from partialpool.preparation.data_settings import DataSettings

# A gene "does not vary" if the range of its values is within rounding error of their size.
_RELATIVE_TOLERANCE = 1e-8
_ABSOLUTE_TOLERANCE = 1e-12


def categorise(table: pd.DataFrame) -> pd.DataFrame:
    """Sort a screen and convert its labels to ordered categoricals.

    Parameters
    ----------
    table
        A validated screen.

    Returns
    -------
    pandas.DataFrame
        The rows sorted by gene, sgRNA and cell line, and numbered from 0. The sort is stable, so
        replicates keep their order. ``hugo_symbol``, ``depmap_id``, ``sgrna`` and, if present,
        ``lineage`` and ``chromosome`` are ordered categoricals in order of appearance.

    Notes
    -----
    This is the data preparation of the subsample notebook.
    """
    ordered = table.sort_values(
        ["hugo_symbol", "sgrna", "depmap_id"], kind="stable", ignore_index=True
    )
    return ordered.assign(
        **{name: by_appearance(ordered[name]) for name in CATEGORIES if name in ordered}
    )


def by_appearance(labels: pd.Series) -> pd.Series:
    """Make an ordered categorical whose categories are in order of appearance."""
    codes, categories = pd.factorize(labels)
    categorical = pd.Categorical.from_codes(codes, categories=categories, ordered=True)
    return pd.Series(categorical, index=labels.index, name=labels.name)


def scale_copy_number(table: pd.DataFrame, settings: DataSettings) -> pd.DataFrame:
    """Add ``gene_cn_z`` if there is a ``gene_cn``: clipped at ``cn_max``, z-scaled by gene.

    Missing values stay missing. A gene that does not vary gets 0.
    """
    if "gene_cn" not in table:
        return table
    clipped = clipped_copy_number(table, settings)
    return table.assign(gene_cn_z=z_within(clipped, table["hugo_symbol"]))


def scale_rna_expression(table: pd.DataFrame) -> pd.DataFrame:
    """Add ``rna_expr_z`` if there is an ``rna_expr``: z-scaled by gene.

    Missing values stay missing. A gene that does not vary gets 0.
    """
    if "rna_expr" not in table:
        return table
    return table.assign(rna_expr_z=z_within(table["rna_expr"], table["hugo_symbol"]))


def mark_mutated(table: pd.DataFrame) -> pd.DataFrame:
    """Add ``is_mutated`` if there is an ``n_muts``: whether it is above 0, nullable boolean."""
    if "n_muts" not in table:
        return table
    return table.assign(is_mutated=(table["n_muts"].astype("Int64") > 0).astype("boolean"))


def clipped_copy_number(table: pd.DataFrame, settings: DataSettings) -> pd.Series:
    """Return ``gene_cn`` with larger values set to ``cn_max``, in copies."""
    return table["gene_cn"].clip(upper=settings.cn_max)


def z_within(values: pd.Series, groups: pd.Series) -> pd.Series:
    """Z-scale within groups with the population standard deviation (ddof = 0).

    Parameters
    ----------
    values
        Numbers, possibly missing.
    groups
        The group of each value, such as its gene.

    Returns
    -------
    pandas.Series
        (value - mean) / sd, with mean and sd over the known values of the group. A group that
        does not vary gets 0. Missing values stay missing.
    """
    by_group = values.groupby(groups, observed=True, sort=False)
    # First divide by the largest centred value, so that squares neither overflow nor underflow.
    centred = values - by_group.transform("mean")
    size = centred.abs().groupby(groups, observed=True, sort=False).transform("max")
    scaled = centred / size.where(size > 0, 1.0)
    variance = (scaled**2).groupby(groups, observed=True, sort=False).transform("mean")
    z = scaled / variance.where(variance > 0, 1.0) ** 0.5
    constant = groups.isin(groups_without_variation(values, groups))
    return z.mask(constant & values.notna(), 0.0)


def groups_without_variation(values: pd.Series, groups: pd.Series) -> list[Hashable]:
    """List the groups whose known values are equal up to rounding error.

    Parameters
    ----------
    values
        Numbers, possibly missing. A group without any number is not listed.
    groups
        The group of each value, such as its gene.

    Returns
    -------
    list
        Their labels, in order of appearance.
    """
    by_group = values.groupby(groups, observed=True, sort=False)
    low, high = by_group.min(), by_group.max()
    size = pd.concat([low.abs(), high.abs()], axis=1).max(axis=1)
    same = (high - low) <= _ABSOLUTE_TOLERANCE + _RELATIVE_TOLERANCE * size
    return list(same.index[same])
