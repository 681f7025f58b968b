"""A model's linear predictor on one screen: its terms, their statistics, what they tell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from partialpool.models.statistics import SufficientStatistics, gather
from partialpool.models.terms import Term, Terms
from partialpool.screen import Floats, Screen


@dataclass(frozen=True)
class LinearPredictor:
    """The sum of ``terms`` on ``screen``."""

    screen: Screen
    terms: Terms

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

    def pooling(self, effect: str) -> Floats:
        """How much of each element the data decide, from 0 (the population) to 1 (the data).

        tau^2 / (tau^2 + se^2) with se^2 = s^2 / Z'Z and tau^2 the between-element variance
        that DerSimonian and Laird's moments give (Controlled Clinical Trials 1986, 7:177).
        A guide for the sampler: it sets how an effect is parametrized, never its value.
        """
        span, statistics = self.spans[effect], self.statistics
        information = statistics.gram.diagonal()[span]
        n_free = max(statistics.n_rows - len(statistics.reference), 1)
        weight = information / max(statistics.residual_ss / n_free, np.finfo(float).eps)
        estimate, total = statistics.reference[span], weight.sum()
        if total == 0:
            return np.zeros_like(weight)
        spread = weight @ (estimate - weight @ estimate / total) ** 2
        excess = spread - (np.count_nonzero(weight) - 1)
        tau2 = max(excess, 0) / max(total - weight @ weight / total, np.finfo(float).tiny)
        return tau2 * weight / (tau2 * weight + 1)
