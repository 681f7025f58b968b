"""How well do two groups of numbers separate? Depleted, that is small, values are positives."""

from __future__ import annotations

import numpy as np
from scipy import stats

from partialpool.screen import Floats


def nnmd(essential: Floats, nonessential: Floats) -> float:
    """Null-normalised median difference, with an unscaled MAD, as DepMap and Chronos compute it."""
    middle = np.median(nonessential)
    mad = np.median(np.abs(nonessential - middle))
    return _ratio(np.median(essential) - middle, mad)


def ssmd(essential: Floats, nonessential: Floats) -> float:
    """Strictly standardised mean difference, with variances of n - 1."""
    spread = np.sqrt(essential.var(ddof=1) + nonessential.var(ddof=1))
    return _ratio(essential.mean() - nonessential.mean(), spread)


def roc_auc(essential: Floats, nonessential: Floats) -> float:
    """Area under the ROC curve: P(essential < nonessential); ties count a half (Mann-Whitney)."""
    ranks = stats.rankdata(np.concatenate([nonessential, essential]))
    n, m = len(nonessential), len(essential)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


def pr_auc(essential: Floats, nonessential: Floats) -> float:
    """Area under the precision-recall curve by steps: the average precision.

    Equal values enter together.
    """
    values = np.concatenate([essential, nonessential])
    levels = np.unique(values)
    hits = np.searchsorted(np.sort(essential), levels, side="right")
    called = np.searchsorted(np.sort(values), levels, side="right")
    gained = np.diff(hits, prepend=0) / len(essential)
    return float((gained * hits / called).sum())


def false_positive_rate(nonessential: Floats, every: Floats, point: float) -> float:
    """Share of nonessential genes below the ``point`` quantile of ``every`` gene.

    DepMap's README: "fraction of nonessentials in the 15th percentile most depleted genes". A
    random ranking has ``point``.
    """
    return float((nonessential < np.quantile(every, point)).mean())


def _ratio(difference: float, spread: float) -> float:
    """NaN if there is no spread: an infinite separation would look like a perfect screen."""
    return float(difference / spread) if spread > 0 else float("nan")
