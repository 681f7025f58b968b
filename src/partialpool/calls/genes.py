"""Which genes are common essential, selective, or without effect in these lines?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from partialpool.calls.call_settings import CallSettings
from partialpool.calls.controls import (
    CONTROL,
    NO_CONTROLS,
    NOT_MEASURED,
    Controls,
    no_draws_below,
)
from partialpool.screen import Floats, Ints

COMMON, SELECTIVE, NO_EFFECT = "common essential", "selective", "no effect"
UNCERTAIN = "uncertain"


def call_genes(
    effects: pd.DataFrame,
    genes: pd.DataFrame,
    counts: pd.DataFrame,
    settings: CallSettings,
    controls: Controls = NO_CONTROLS,
) -> pd.DataFrame:
    """Say of each gene how many of these lines depend on it.

    Parameters
    ----------
    effects, genes, counts
        Tables of the ``DependencyFit``.
    settings
        What a dependency and a common essential gene are.
    controls
        The lists that the fit was given.

    Returns
    -------
    pandas.DataFrame
        One row per gene: ``hugo_symbol``, ``class`` (the most probable one, ``uncertain`` if no
        class has ``class_probability``, ``control gene`` or ``not measured``),
        ``p_common_essential`` (at least ``common_share`` of the measured lines depend on it),
        ``p_selective`` (one line or more, but fewer), ``p_no_effect`` (no line), ``n_lines``
        (measured), ``n_dependent`` (expected) with ``n_dependent_lower`` and ``n_dependent_upper``,
        the gene's ``mean`` over lines and its spread ``tau`` with their intervals, ``n_sgrna``,
        ``control``.

    Raises
    ------
    ScreenError
        If the fit did not count lines below ``-delta``.

    Notes
    -----
    The errors of a gene in all lines are correlated, because they share its guides. So the number
    of dependent lines is counted in every draw.
    """
    names = genes["hugo_symbol"]
    measured = effects.assign(n=effects["n_measured"] > 0).groupby("hugo_symbol", observed=True)
    n_lines = measured["n"].sum().reindex(names).to_numpy(dtype=np.intp)
    pmf = _distribution(counts, names, settings.delta)
    shares = _classes(pmf, n_lines, settings.common_share)
    kind = np.array([COMMON, SELECTIVE, NO_EFFECT])[shares.argmax(axis=1)]
    kind = np.where(shares.max(axis=1) >= settings.class_probability, kind, UNCERTAIN)
    kind = np.where(genes["scored"], kind, CONTROL)
    kind = np.where(n_lines > 0, kind, NOT_MEASURED)
    tail = (1 - settings.probability) / 2
    table = genes[["hugo_symbol"]].assign(
        **{"class": pd.Series(kind, index=genes.index, dtype="str")},
        p_common_essential=shares[:, 0],
        p_selective=shares[:, 1],
        p_no_effect=shares[:, 2],
        n_lines=n_lines,
        n_dependent=pmf @ np.arange(pmf.shape[1]),
        n_dependent_lower=_quantile(pmf, tail),
        n_dependent_upper=_quantile(pmf, 1 - tail),
    )
    own = ["mean", "lower", "upper", "tau", "tau_lower", "tau_upper", "n_sgrna"]
    return table.join(genes[own]).assign(control=controls.of(names))


def _distribution(counts: pd.DataFrame, names: pd.Series, delta: float) -> Floats:
    """(G, N + 1) probability of 0, 1, ... N lines below ``-delta``."""
    rows = counts[np.isclose(counts["threshold"], -delta)]
    if rows.empty:
        raise no_draws_below(-delta, [f"{t:g}" for t in counts["threshold"].unique()])
    wide = rows.pivot_table("probability", "hugo_symbol", "n_lines", "sum", observed=True)
    every = range(rows["n_lines"].max() + 1)
    return wide.reindex(index=names, columns=every).fillna(0.0).to_numpy(dtype=float)


def _classes(pmf: Floats, n_lines: Ints, share: float) -> Floats:
    """(G, 3) probabilities of common essential, selective and no effect."""
    least = np.maximum(np.ceil(share * n_lines - 1e-9), 1)
    common = np.where(np.arange(pmf.shape[1]) >= least[:, None], pmf, 0).sum(axis=1)
    return np.stack([common, np.maximum(1 - common - pmf[:, 0], 0), pmf[:, 0]], axis=1)


def _quantile(pmf: Floats, probability: float) -> Ints:
    """Smallest number whose distribution function reaches the probability."""
    return np.asarray((pmf.cumsum(axis=1) < probability - 1e-12).sum(axis=1))
