"""The cell lines that the slope of a gene depends on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from partialpool.figures.parts.leverage import rests_on_one

#: More lines than this are counted instead of named.
NAMED = 3


def lines_behind(table: pd.DataFrame, covariate: str) -> dict[str, str]:
    """Say which cell lines the slope of each gene along a covariate depends on.

    Parameters
    ----------
    table
        The modelling table.
    covariate
        A column of it. If all its values are 0 or 1, such as ``is_mutated``, the lines with 1 are
        named. Otherwise, a line is named if the slope depends on it alone.

    Returns
    -------
    dict[str, str]
        Gene -> words; genes without any such line are left out.
    """
    keys = ["hugo_symbol", "depmap_id"]
    known = table[[*keys, covariate]].dropna().astype(dict.fromkeys(keys, str))
    values = known.astype({covariate: float}).groupby(keys)[covariate].mean()
    is_flag = bool(known[covariate].astype(float).isin([0.0, 1.0]).all())
    say = _with_flag if is_flag else _alone
    said = {str(gene): say(x.droplevel(0)) for gene, x in values.groupby(level=0)}
    return {gene: words for gene, words in said.items() if words}


def _with_flag(values: pd.Series) -> str:
    return _named([str(line) for line in values.index[values > 0]])


def _alone(values: pd.Series) -> str:
    """Name the farthest line if little of the variation is left without it."""
    x = values.to_numpy(dtype="float64")
    if len(x) < 2 or not np.ptp(x):
        return ""
    squares = np.square(x - x.mean())
    if not rests_on_one(squares.max(), squares.sum(), len(x)):
        return ""
    return f"depends on {values.index[squares.argmax()]} alone"


def _named(lines: Sequence[str]) -> str:
    if not lines:
        return ""
    count = f"in {len(lines):,} line{'' if len(lines) == 1 else 's'}"
    return f"{count}: {', '.join(lines)}" if len(lines) <= NAMED else count
