"""How far each effect is centred, so that the sampler is efficient with any amount of data.

A centred effect x ~ N(m, s) suits elements with much data, and a standardised one, x = m + s z,
suits elements with little. The wrong choice gives a funnel. There are forms in between (Gorinova,
Moore and Hoffman, ICML 2020, "Automatic reparameterisation of probabilistic programs"): with c from
0 (standardised) to 1 (centred),

    z ~ N(c m, s^c),    x = m + s^(1 - c) (z - c m)

is the same x ~ N(m, s) for every c. Here c is the share of an element that the data determine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from partialpool.inference.statistics import SufficientStatistics
from partialpool.models.effects import ZERO_SUM, Effect
from partialpool.models.model import Model
from partialpool.screen import Floats, Ints, Screen

#: If the data determine at least this share of the average element, all elements are centred.
CENTRED_FROM = 0.9


def choose_centring(
    model: Model, screen: Screen, statistics: SufficientStatistics
) -> Mapping[str, Floats]:
    """Choose c for every element of every effect of the identified model, in steps of 0.1.

    There are only eleven values, because powers of s for thousands of guides would take more time
    than their likelihood. All elements of an effect that sums to zero have the same value.

    Returns
    -------
    Mapping[str, Floats]
        Effect -> (element,) array.
    """
    known = Pooling(model, screen, statistics)
    return {effect.name: _centring(effect, known.share(effect)) for effect in model.populations()}


def _centring(effect: Effect, share: Floats) -> Floats:
    if effect.mean is ZERO_SUM:
        return np.full(len(share), share.mean())
    return np.ones(len(share)) if share.mean() >= CENTRED_FROM else share.round(1)


@dataclass(frozen=True)
class Pooling:
    """How much information the data of a screen contain about the effects of a model."""

    model: Model
    screen: Screen
    statistics: SufficientStatistics

    def share(self, effect: Effect) -> Floats:
        """Share of each element that the data determine, from 0 (the population) to 1 (the data).

        The share is tau^2 / (tau^2 + se^2) with se^2 = s^2 / Z'Z. tau^2 is the variance between
        elements (for guides: between the guides of one gene), from the moment estimate of
        DerSimonian and Laird (Controlled Clinical Trials 1986, 7:177). An effect without a term of
        its own, such as genes above guides, is estimated by the means of its elements.
        """
        estimate, weight = self._estimates(effect)
        variance = _variance_between(estimate, weight, self._groups(effect))
        return variance * weight / (variance * weight + 1)

    def _groups(self, effect: Effect) -> Ints:
        if isinstance(effect.mean, Effect):
            return self.screen.parents(effect.dims, effect.mean.dims)
        return np.zeros(self.screen.size(effect.dims), dtype=np.intp)

    def _estimates(self, effect: Effect) -> tuple[Floats, Floats]:
        """Estimate of each element of an effect, and 1 / se^2 of each estimate."""
        if effect.name not in self.statistics.spans:
            finer = next(fine for fine in self.model.populations() if fine.mean == effect)
            estimate, weight = self._estimates(finer)
            groups = self._groups(finer)
            weight = weight / (1 + _variance_between(estimate, weight, groups) * weight)
            return _means(estimate, weight, groups)
        span, statistics = self.statistics.spans[effect.name], self.statistics
        n_free = max(statistics.n_rows - len(statistics.reference), 1)
        noise = max(statistics.residual_ss / n_free, np.finfo(float).eps)
        return statistics.reference[span], statistics.gram.diagonal()[span] / noise


def _variance_between(estimate: Floats, weight: Floats, groups: Ints) -> float:
    """Moment estimate of the variance of the true values within groups."""
    means, totals = _means(estimate, weight, groups)
    n_free = np.count_nonzero(weight) - np.count_nonzero(totals)
    excess = np.sum(weight * (estimate - means[groups]) ** 2) - n_free
    squares = np.bincount(groups, weight**2)
    scale = weight.sum() - np.divide(squares, totals, where=totals > 0, out=squares * 0).sum()
    return float(max(excess, 0) / max(scale, np.finfo(float).tiny)) if n_free > 0 else 0.0


def _means(estimate: Floats, weight: Floats, groups: Ints) -> tuple[Floats, Floats]:
    """Weighted mean of each group, and its total weight."""
    totals: Floats = np.bincount(groups, weight).astype(np.float64)
    sums: Floats = np.bincount(groups, weight * estimate).astype(np.float64)
    return np.divide(sums, totals, where=totals > 0, out=sums * 0), totals
