"""Tidy tables of estimates: what the figures of a posterior draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from partialpool.tidy.densities import density
from partialpool.tidy.rows import Rows, choose_ends, guide_rows
from partialpool.tidy.sampler_tables import SAMPLE_DIMS

if TYPE_CHECKING:
    import xarray as xr


#: Columns of an effects table that label its elements; the finest that is present names it.
LABEL_COLUMNS = ("sgrna", "depmap_id", "hugo_symbol")


def effect_rows(effects: pd.DataFrame, effect: str) -> pd.DataFrame:
    """Estimates of one effect, with the ``label`` of each element and whether 0 is outside.

    Returns
    -------
    pd.DataFrame
        The rows of ``effect`` with ``label`` (guide, cell line or gene) and ``excludes_zero``
        (the interval lies on one side of 0).
    """
    table = effects[effects["effect"] == effect]
    column = next(name for name in LABEL_COLUMNS if table[name].notna().any())
    outside = (table["hdi_lower"] > 0) | (table["hdi_upper"] < 0)
    return table.assign(label=table[column].astype(str), excludes_zero=outside)


def genes_with(covariate: str, screen: pd.DataFrame, predictions: pd.DataFrame) -> list[str]:
    """Genes whose measurements say something of the effect of a covariate.

    They have a value other than 0: a mutation, or a z-score of a covariate that varies. The
    effects of all other genes are what the population of genes makes them.

    Parameters
    ----------
    covariate
        Column of ``screen``.
    screen
        The modelling table.
    predictions
        A row per measurement that was fitted.
    """
    keys = ["hugo_symbol", "depmap_id"]
    values = screen[[*keys, covariate]].astype(dict.fromkeys(keys, str)).drop_duplicates()
    telling = values[values[covariate].astype("Float64").fillna(0) != 0]
    fitted = predictions[keys].drop_duplicates().astype(str)
    return list(fitted.merge(telling, on=keys)["hugo_symbol"].unique())


def forest_table(
    effects: pd.DataFrame, effect: str, limit: int, n_shown: int | None = None
) -> tuple[pd.DataFrame, Rows]:
    """Estimates of one effect ordered by their mean, the extremes of more than ``limit``.

    Parameters
    ----------
    effects
        Estimates of all effects.
    effect
        Name of the effect.
    limit, n_shown
        As in ``choose_ends``.

    Returns
    -------
    tuple[pd.DataFrame, Rows]
        ``effect_rows`` of the elements shown with ``row`` (height in the figure), and the rows.
    """
    table = effect_rows(effects, effect)
    rows = choose_ends(table.set_index("label")["mean"], limit, n_shown)
    shown = table[table["label"].isin(rows.labels)]
    return shown.assign(row=rows.place(shown["label"])).sort_values("row", ascending=False), rows


def ranked_effects(effects: pd.DataFrame, effect: str, n_named: int) -> pd.DataFrame:
    """Every element of an effect with its ``rank`` (from 1, the lowest mean) and ``name``.

    ``name`` is the label of the ``n_named`` lowest and highest, and empty elsewhere.
    """
    table = effect_rows(effects, effect).sort_values("mean", kind="stable", ignore_index=True)
    rank = np.arange(1, len(table) + 1)
    named = (rank <= n_named) | (rank > len(table) - n_named)
    return table.assign(rank=rank, name=table["label"].where(named, ""))


def population_table(convergence: pd.DataFrame) -> pd.DataFrame:
    """Estimates of the population parameters: ``label``, ``kind`` (mean or sd) and ``row``."""
    single = ~convergence["parameter"].str.contains("[", regex=False)
    table = convergence[single].rename(columns={"parameter": "label"})
    is_mean = table["label"].str.startswith("mu")
    table = table.assign(kind=np.where(is_mean, "means", "standard deviations"))
    table = table.sort_values(["kind", "label"], ignore_index=True)
    return table.assign(row=-np.arange(len(table), dtype="float64"))


def violin_table(draws: xr.DataArray, rows: Rows, width: float = 0.42) -> pd.DataFrame:
    """Outlines of the posterior densities of the elements shown.

    Parameters
    ----------
    draws
        (chain, draw, element).
    rows
        Elements to show.
    width
        Half the height of a violin, in rows.

    Returns
    -------
    pd.DataFrame
        ``label``, ``value``, ``height`` (of the row plus the density on one side, minus it on the
        other), in the order of the outline. Each violin is scaled to the same height.
    """
    dim = next(str(d) for d in draws.dims if d not in SAMPLE_DIMS)
    parts = []
    for label in rows.labels:
        grid, curve = density(draws.sel({dim: label}).to_numpy(), grid_size=64)
        half = width * curve / curve.max()
        row = rows.position[label]
        parts.append(
            pd.DataFrame(
                {
                    "label": label,
                    "value": np.concatenate([grid, grid[::-1]]),
                    "height": row + np.concatenate([half, -half[::-1]]),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def guide_effect_table(effects: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    """Estimates of the guides of the genes shown, placed within the rows of their genes."""
    return guide_rows(effects[effects["effect"] == "sgrna_effect"], rows)


def recovery_panels(recovery: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Estimates beside the truth with a ``panel`` each that tells the share inside.

    Parameters
    ----------
    recovery
        Estimates beside planted values, as ``recovery_table`` gives them.
    names
        Effect -> what a figure calls it, in the order of the panels.

    Returns
    -------
    pd.DataFrame
        ``recovery`` with ``panel`` (ordered categorical, such as ``Gene effects``, and on the next
        line ``23 of 26 inside``).
    """
    counts = recovery.groupby("effect", sort=False)["is_inside"].agg(["sum", "size"])
    order = [name for name in names if name in counts.index]
    order += [str(name) for name in counts.index if name not in names]
    share = counts["sum"].astype(str) + " of " + counts["size"].astype(str) + " inside"
    titles = {effect: f"{names.get(effect, effect)}\n{share[effect]!s}" for effect in order}
    panel = pd.Categorical(recovery["effect"].map(titles), list(titles.values()), ordered=True)
    return recovery.assign(panel=panel)
