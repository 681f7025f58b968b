"""Quantities that are reported: computed, counted and stored in every sweep."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from partialpool.inference.gibbs.primitives import jit
from partialpool.inference.gibbs.reduction import add_draw
from partialpool.inference.gibbs.scale import Scale, zeros_and_units
from partialpool.screen import Floats, Ints


class Report(NamedTuple):
    """Quantities to report.

    Attributes
    ----------
    scale
        Genes that set the scales.
    kept
        Genes whose draws are stored.
    contrasts
        (C, K) weights of lines.
    thresholds
        Draws below each of these effects are counted.
    own_quantile
        Draws below this quantile of the line's nonessential genes are counted; 0 for none.
    measured
        (G, C) whether the gene was measured in the line. Only these lines are counted.
    """

    scale: Scale
    kept: Ints
    contrasts: Floats
    thresholds: Floats
    own_quantile: float
    measured: npt.NDArray[np.bool_]


class Kept(NamedTuple):
    """Stored draws, one row per draw, and counts.

    Attributes
    ----------
    below_own
        (G, C) number of draws below the line's own quantile.
    lines_below
        (thresholds, G, C + 1) number of draws in which the gene is below the threshold in 0, 1, ...
        C of its measured lines.
    """

    level: Floats
    lam: Floats
    sigma: Floats
    omega: Floats
    scalars: Floats
    toxicity: Floats
    effects: npt.NDArray[np.float32]
    below_own: npt.NDArray[np.uint32]
    lines_below: npt.NDArray[np.uint32]


#: Fields of ``Kept`` with one row per draw.
PER_DRAW = ("level", "lam", "sigma", "omega", "scalars", "toxicity", "effects")


@jit
def describe(state, report, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` with effects (G, C), means (G), log tau (G) and contrasts (G, K), flattened."""
    n_genes, n_lines = state.delta.shape
    zeros, units = zeros_and_units(state, report.scale)
    n_contrasts = report.contrasts.shape[1]
    means, taus = n_genes * n_lines, n_genes * (n_lines + 1)
    contrasts = n_genes * (n_lines + 2)
    for g in range(n_genes):
        unit = units[report.scale.of_gene[g]]
        mean = state.mu[g] - zeros[report.scale.of_gene[g]]
        for c in range(n_lines):
            out[g * n_lines + c] = unit * (mean + state.delta[g, c])
        out[means + g] = unit * mean
        out[taus + g] = state.log_tau[g] + np.log(np.abs(unit))
        for k in range(n_contrasts):
            total = 0.0
            for c in range(n_lines):
                total += report.contrasts[c, k] * out[g * n_lines + c]
            out[contrasts + g * n_contrasts + k] = total


@jit
def record(state, report, at, n_draws, values, reduction, kept):  # type: ignore[no-untyped-def]
    """Count and store draw number ``at`` of ``n_draws``; ``values`` is a work array."""
    n_genes, n_lines = state.delta.shape
    describe(state, report, values)
    add_draw(reduction, values, at, n_draws, report.thresholds)
    kept.level[at] = state.level
    kept.lam[at] = state.lam / state.lam.mean()
    kept.sigma[at] = np.exp(state.log_sigma)
    kept.omega[at] = np.exp(state.log_omega)
    kept.scalars[at] = state.scalars
    kept.toxicity[at] = state.toxicity
    for k in range(len(report.kept)):
        for c in range(n_lines):
            kept.effects[at, k, c] = values[report.kept[k] * n_lines + c]
    for k in range(len(report.thresholds)):
        for g in range(n_genes):
            number = 0
            for c in range(n_lines):
                if report.measured[g, c] and values[g * n_lines + c] < report.thresholds[k]:
                    number += 1
            kept.lines_below[k, g, number] += 1
    if report.own_quantile > 0:
        _count_below_own(state, report, values, kept)


@jit
def _count_below_own(state, report, values, kept):  # type: ignore[no-untyped-def]
    """Count the genes below the quantile of the line's nonessential genes, on each scale."""
    scale = report.scale
    n_genes, n_lines = state.delta.shape
    zeros, units = zeros_and_units(state, scale)
    limits = np.empty(len(zeros))
    for c in range(n_lines):
        for k in range(len(zeros)):
            zero = scale.zero[scale.zero_start[k] : scale.zero_start[k + 1]]
            own = np.empty(len(zero))
            for i in range(len(zero)):
                own[i] = units[k] * (state.mu[zero[i]] + state.delta[zero[i], c] - zeros[k])
            limits[k] = np.quantile(own, report.own_quantile)
        for g in range(n_genes):
            if values[g * n_lines + c] < limits[scale.of_gene[g]]:
                kept.below_own[g, c] += 1
