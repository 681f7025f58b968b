"""Sufficient statistics of a Gaussian likelihood that is linear in its effects.

With theta all effects stacked and Z the design,

    ||y - Z theta||^2 = r0'r0 + (theta - theta0)' Z'Z (theta - theta0)
                        - 2 (theta - theta0)' Z'r0,    r0 = y - Z theta0,

exactly, for any reference theta0. The first pass over chunks of rows computes Z'Z, the second Z'r0
and r0'r0. After that, the cost of a density depends on the number of effects, not of rows. theta0
is close to the least-squares solution, so that no large numbers cancel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse

from partialpool.models.terms import Terms, design_matrix
from partialpool.screen import Floats, Screen

CHUNK_ROWS = 100_000
#: For the least-squares solution: largest number of sweeps over the effects, and the relative step
#: at which they end.
MAX_SWEEPS, TOLERANCE = 200, 1e-9


@dataclass(frozen=True)
class SufficientStatistics:
    """The statistics of the rows that a Gaussian likelihood depends on.

    Attributes
    ----------
    n_rows
        Number of rows, N.
    spans
        Effect -> the position of its elements in the stack.
    reference
        (effects,) theta0.
    gram
        (effects, effects) sparse, Z'Z.
    score
        (effects,) Z'r0.
    residual_ss
        r0'r0.
    """

    n_rows: int
    spans: Mapping[str, slice]
    reference: Floats
    gram: sparse.csr_array
    score: Floats
    residual_ss: float

    def sum_of_squares(self, theta: Floats) -> float:
        """||y - Z theta||^2, in squared log2 fold change."""
        shift = theta - self.reference
        return float(self.residual_ss + shift @ (self.gram @ shift) - 2 * shift @ self.score)


def gather(screen: Screen, terms: Terms, chunk_rows: int = CHUNK_ROWS) -> SufficientStatistics:
    """Compute the statistics, with the design of one chunk of rows at a time.

    The same rows always give bitwise equal statistics. Sums have a fixed order and do not use
    BLAS, whose order depends on the addresses of arrays in memory. A difference in the last bit
    would lead to different draws.
    """
    ends = np.cumsum([screen.size(term.dims) for term in terms]).tolist()
    spans = {t.effect: slice(*b) for t, b in zip(terms, pairwise([0, *ends]), strict=True)}
    gram, moment = sparse.csr_array((ends[-1], ends[-1])), np.zeros(ends[-1])
    for rows in screen.chunks(chunk_rows):
        design = design_matrix(screen, terms, rows)
        gram = gram + design.T @ design
        moment += design.T @ screen.lfc[rows]
    reference = _least_squares(gram, moment, list(spans.values()))
    score, residual_ss = np.zeros(ends[-1]), 0.0
    for rows in screen.chunks(chunk_rows):
        design = design_matrix(screen, terms, rows)
        residual = screen.lfc[rows] - design @ reference
        score += design.T @ residual
        residual_ss += float(np.sum(residual**2))
    return SufficientStatistics(screen.n_rows, spans, reference, gram, score, residual_ss)


def _least_squares(gram: sparse.csr_array, moment: Floats, spans: Sequence[slice]) -> Floats:
    """Approximate solution of Z'Z theta = Z'y, one effect at a time, given the others.

    It need not be accurate, because the likelihood is exact for every reference. If several effects
    could contain the level, the first effect contains it, because it is solved first.
    """
    diagonal, theta = gram.diagonal(), np.zeros_like(moment)
    inverse = np.divide(1, diagonal, out=np.zeros_like(diagonal), where=diagonal > 0)
    rows = [gram[span] for span in spans]
    for _ in range(MAX_SWEEPS):
        largest = 0.0
        for span, own in zip(spans, rows, strict=True):
            step = (moment[span] - own @ theta) * inverse[span]
            theta[span] += step
            largest = max(largest, float(np.abs(step).max(initial=0)))
        if len(spans) == 1 or largest <= TOLERANCE * max(float(np.abs(theta).max()), TOLERANCE):
            break
    return theta
