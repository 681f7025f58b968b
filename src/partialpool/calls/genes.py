"""Which genes are common essential, selective, or without effect in these lines?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from partialpool.calls.call_settings import CallSettings
from partialpool.calls.controls import (
    CONTROL,
    NO_CONTROLS,
    NOT_MEASURED,
    Controls,
    probability_below,
)
from partialpool.screen import Floats, Ints

if TYPE_CHECKING:
    import xarray as xr

COMMON, SELECTIVE, NO_EFFECT = "common essential", "selective", "no effect"
_BLOCK = 1000


def call_genes(
    effects: pd.DataFrame,
    genes: pd.DataFrame,
    settings: CallSettings,
    controls: Controls = NO_CONTROLS,
    draws: xr.DataArray | None = None,
) -> pd.DataFrame:
    """Say of each gene how many of these lines depend on it.

    Parameters
    ----------
    effects, genes
        ``DependencyFit.effects`` and ``DependencyFit.genes``.
    settings
        What a dependency and a common essential gene are.
    controls
        The lists that the fit was given.
    draws
        ``DependencyFit.draws`` of some genes. Their number of dependent lines is counted in every
        draw. For the other genes, it is the sum of independent events (Poisson-binomial). Their
        expected number is exact, but their interval is too narrow if the errors of the lines are
        correlated.

    Returns
    -------
    pandas.DataFrame
        One row per gene: ``hugo_symbol``, ``class`` (the most probable one, ``control gene`` or
        ``not measured``), ``p_common_essential`` (at least ``common_share`` of the measured lines
        depend on it), ``p_selective`` (one line or more, but fewer), ``p_no_effect`` (no line),
        ``n_lines`` (measured), ``n_dependent`` (expected) with ``n_dependent_lower`` and
        ``n_dependent_upper``, ``joint`` (whether lines were counted in joint draws), the gene's
        ``mean`` over lines and its spread ``tau`` with their intervals, ``n_sgrna``, ``control``.
    """
    names = genes["hugo_symbol"]
    p, measured = _wide(effects, probability_below(effects, -settings.delta), names)
    pmf = number_of_lines(np.where(measured, p, 0.0))
    joint = np.zeros(len(genes), dtype=bool)
    if draws is not None:
        for gene in draws["gene"].to_numpy():
            at = names == gene
            pmf[at] = _counted(draws.sel(gene=gene), measured[at][0], settings.delta)
            joint |= at.to_numpy()
    n_lines = measured.sum(axis=1)
    shares = _classes(pmf, n_lines, settings.common_share)
    control = controls.of(names)
    kind = np.array([COMMON, SELECTIVE, NO_EFFECT])[shares.argmax(axis=1)]
    kind = np.where(control.ne("") & (not settings.score_controls), CONTROL, kind)
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
        joint=joint,
    )
    own = ["mean", "lower", "upper", "tau", "tau_lower", "tau_upper", "n_sgrna"]
    return table.join(genes[own]).assign(control=control)


def number_of_lines(p: Floats) -> Floats:
    """Distribution of the number of independent events.

    Parameters
    ----------
    p
        (G, C) probabilities.

    Returns
    -------
    Floats
        (G, C + 1) probability of 0, 1, ... C events in each row: Poisson-binomial.
    """
    pmf = np.zeros((len(p), p.shape[1] + 1))
    pmf[:, 0] = 1
    # In blocks of genes, which stay in the processor's cache.
    for start in range(0, len(p), _BLOCK):
        block, probability = pmf[start : start + _BLOCK], p[start : start + _BLOCK]
        for c in range(p.shape[1]):
            one = probability[:, [c]]
            happens = block[:, : c + 1] * one
            block[:, : c + 1] *= 1 - one
            block[:, 1 : c + 2] += happens
    return pmf


def _wide(effects: pd.DataFrame, p: pd.Series, names: pd.Series) -> tuple[Floats, np.ndarray]:
    """(G, C) probabilities, and whether there are measurements."""
    cells = effects[["hugo_symbol", "depmap_id", "n_measured"]].assign(p=p)
    wide = cells.pivot_table(index="hugo_symbol", columns="depmap_id", observed=True)
    wide = wide.reindex(names)
    return wide["p"].to_numpy(dtype=float), wide["n_measured"].to_numpy() > 0


def _counted(draws: xr.DataArray, measured: np.ndarray, delta: float) -> Floats:
    """Distribution of the number of measured lines below ``-delta`` over joint draws."""
    values = draws.sortby("cell_line").transpose("chain", "draw", "cell_line").to_numpy()
    number = ((values < -delta) & measured).sum(axis=2).ravel()
    return np.asarray(np.bincount(number, minlength=len(measured) + 1) / len(number))


def _classes(pmf: Floats, n_lines: Ints, share: float) -> Floats:
    """(G, 3) probabilities of common essential, selective and no effect."""
    least = np.maximum(np.ceil(share * n_lines - 1e-9), 1)
    common = np.where(np.arange(pmf.shape[1]) >= least[:, None], pmf, 0).sum(axis=1)
    return np.stack([common, np.maximum(1 - common - pmf[:, 0], 0), pmf[:, 0]], axis=1)


def _quantile(pmf: Floats, probability: float) -> Ints:
    """Smallest number whose distribution function reaches the probability."""
    return np.asarray((pmf.cumsum(axis=1) < probability - 1e-12).sum(axis=1))
