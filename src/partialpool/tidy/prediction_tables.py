"""Tidy tables of how well models predict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd


def score_table(scores: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """How close every model's predictions are to the measurements that it was fitted to.

    Parameters
    ----------
    scores
        Fit -> record, as ``inference.scores.fit_scores`` makes it, with ``passed``.

    Returns
    -------
    pd.DataFrame
        ``model``, ``n`` (measurements), ``rmse`` (log2 fold change), ``share_inside`` (of the
        measurements inside the interval of a new measurement), ``passed`` (the sampler converged).
    """
    table = pd.DataFrame([{"model": name, **record} for name, record in scores.items()])
    names = {"n_measurements": "n", "coverage": "share_inside"}
    return table.rename(columns=names)[["model", "n", "rmse", "share_inside", "passed"]]


def comparable(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split a `score_table`: fits to as many rows as most of them, and the others.

    Of two such groups the one to more rows comes first.
    """
    fits = table["n"].value_counts()
    is_most = table["n"] == fits[fits == fits.max()].index.max()
    return table[is_most], table[~is_most]
