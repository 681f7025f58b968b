"""Measurements of guides on the scale of the effects."""

from __future__ import annotations

import pandas as pd

from partialpool.figures.parts.dependencies import COMMON, NONESSENTIAL


def guide_data(
    screen: pd.DataFrame, effects: pd.DataFrame, lines: pd.DataFrame, replicates: pd.DataFrame
) -> pd.DataFrame:
    """Average the replicates of each guide in each line, on the scale of the effects.

    The level of the replicate is subtracted, and the difference is divided by the strength of
    depletion (lambda) of the line. Then 0 and, with a list of common-essential genes, -1 are set in
    the same way as for effects.

    Parameters
    ----------
    screen
        The modelling table.
    effects
        Effects, with ``control``, the list that a gene is on.
    lines, replicates
        ``lambda`` of lines and ``level`` of replicates. Other replicates are left out.

    Returns
    -------
    pd.DataFrame
        ``hugo_symbol``, ``sgrna``, ``depmap_id``, ``value``.
    """
    labels = ["hugo_symbol", "sgrna", "depmap_id", "replicate_id"]
    level = replicates.set_index("replicate_id")["level"]
    strength = lines.set_index("depmap_id")["lambda"]
    rows = screen[[*labels, "lfc"]]
    above = rows["lfc"].astype(float) - rows["replicate_id"].astype(object).map(level)
    value = above / rows["depmap_id"].astype(object).map(strength)
    rows = rows.assign(value=value).dropna(subset="value")
    means = rows.groupby(labels[:3], observed=True)["value"].mean().reset_index()
    means = means.astype(dict.fromkeys(labels[:3], str))
    by_gene = means.groupby("hugo_symbol", as_index=False)["value"].mean()
    control = effects.drop_duplicates("hugo_symbol").set_index("hugo_symbol")["control"]
    of_gene = by_gene["hugo_symbol"].map(control).fillna("")
    is_zero, is_one = of_gene == NONESSENTIAL, of_gene == COMMON
    zero = by_gene.loc[is_zero if is_zero.any() else ~is_zero, "value"].median()
    size = zero - by_gene.loc[is_one, "value"].median() if is_one.any() else 1.0
    return means.assign(value=(means["value"] - zero) / size)
