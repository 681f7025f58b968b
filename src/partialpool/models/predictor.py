"""A model's linear predictor on one screen: its terms, their statistics, what they tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from partialpool.models.statistics import SufficientStatistics, gather
from partialpool.models.terms import Term, Terms
from partialpool.screen import NESTED_IN, Floats, Ints, Screen


@dataclass(frozen=True)
class LinearPredictor:
    """The sum of ``terms`` on ``screen``.

    ``levels`` names the effect that the effect of a term is drawn around, if there is one, as
    ``Model.levels`` does.
    """

    screen: Screen
    terms: Terms
    levels: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def statistics(self) -> SufficientStatistics:
        """Sufficient statistics of the log fold changes, effects stacked as in ``terms``."""
        return gather(self.screen, self.terms)

    @cached_property
    def spans(self) -> dict[str, slice]:
        """Where each term's effect lies in the stack."""
        ends = np.cumsum([self.screen.size(term.dims) for term in self.terms])
        starts = [0, *ends[:-1]]
        return {
            term.effect: slice(int(start), int(end))
            for term, start, end in zip(self.terms, starts, ends, strict=True)
        }

    def term(self, effect: str) -> Term:
        """The term of an effect."""
        return next(term for term in self.terms if term.effect == effect)

    def dims(self, effect: str) -> tuple[str, ...]:
        """Dims of an effect: of its term, or of what groups the elements of a term's effect."""
        if effect in self.spans:
            return self.term(effect).dims
        return (NESTED_IN[self._nested_dim(self._finer(effect))],)

    def pooling(self, effect: str) -> Floats:
        """How much of each element the data decide, from 0 (the population) to 1 (the data).

        tau^2 / (tau^2 + se^2) with se^2 = s^2 / Z'Z and tau^2 the variance between elements (of
        guides: between those of one gene) that DerSimonian and Laird's moments give (Controlled
        Clinical Trials 1986, 7:177). ``gene_effect`` above guides is known by its guides' mean.
        A guide for the sampler: it sets how an effect is parametrized, never its value.
        """
        if effect in self.spans:
            return _share(*self._estimates(effect), self._groups(effect))
        finer = self._finer(effect)
        estimate, weight = self._estimates(finer)
        groups = self.screen.groups(self._nested_dim(finer))
        weight = weight / (1 + _variance_between(estimate, weight, groups) * weight)
        return _share(*_means(estimate, weight, groups))

    def _finer(self, effect: str) -> str:
        """The effect of a term that is drawn around ``effect``."""
        finer = [fine for fine, coarse in self.levels.items() if coarse == effect]
        if not finer:
            raise ValueError(
                f"Needed: a term of {effect}, or a level above one\n"
                f"Came: terms {', '.join(self.spans)} with levels {dict(self.levels)}\n"
                "To mend: give the model's levels to its LinearPredictor"
            )
        return finer[0]

    def _nested_dim(self, effect: str) -> str:
        (dim,) = self.term(effect).dims
        return dim

    def _groups(self, effect: str) -> Ints | None:
        """Group of each element of a term's effect; None if no level is above it."""
        return self.screen.groups(self._nested_dim(effect)) if effect in self.levels else None

    def _estimates(self, effect: str) -> tuple[Floats, Floats]:
        """Least-squares estimates of an effect, and 1 / se^2 of each."""
        span, statistics = self.spans[effect], self.statistics
        n_free = max(statistics.n_rows - len(statistics.reference), 1)
        noise = max(statistics.residual_ss / n_free, np.finfo(float).eps)
        return statistics.reference[span], statistics.gram.diagonal()[span] / noise


def _share(estimate: Floats, weight: Floats, groups: Ints | None = None) -> Floats:
    variance = _variance_between(estimate, weight, groups)
    return variance * weight / (variance * weight + 1)


def _variance_between(estimate: Floats, weight: Floats, groups: Ints | None) -> float:
    """Moment estimate of the variance of true values within groups (one group if None)."""
    groups = np.zeros(len(estimate), dtype=np.intp) if groups is None else groups
    means, totals = _means(estimate, weight, groups)
    n_free = np.count_nonzero(weight) - np.count_nonzero(totals)
    excess = weight @ (estimate - means[groups]) ** 2 - n_free
    squares = np.bincount(groups, weight**2)
    scale = weight.sum() - np.divide(squares, totals, where=totals > 0, out=squares * 0).sum()
    return float(max(excess, 0) / max(scale, np.finfo(float).tiny)) if n_free > 0 else 0.0


def _means(estimate: Floats, weight: Floats, groups: Ints) -> tuple[Floats, Floats]:
    """Weighted mean of each group, and its total weight."""
    totals: Floats = np.bincount(groups, weight).astype(np.float64)
    sums: Floats = np.bincount(groups, weight * estimate).astype(np.float64)
    return np.divide(sums, totals, where=totals > 0, out=sums * 0), totals
