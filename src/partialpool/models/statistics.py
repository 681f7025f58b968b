"""Sufficient statistics of a Gaussian likelihood that is linear in its effects.

With theta all effects stacked and Z the design,

    ||y - Z theta||^2 = r0'r0 + (theta - theta0)' Z'Z (theta - theta0)
                        - 2 (theta - theta0)' Z'r0,    r0 = y - Z theta0,

exactly, for any reference theta0. Two passes over chunks of rows gather Z'Z, and then Z'r0 and
r0'r0; after that a density costs the number of effects, not of rows. theta0 is (nearly) the
least-squares solution, so that no large numbers cancel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import cg

from partialpool.models.terms import Terms, design_matrix
from partialpool.screen import Floats, Screen

CHUNK_ROWS = 100_000


@dataclass(frozen=True)
class SufficientStatistics:
    """All that a Gaussian likelihood needs to know of the rows.

    Attributes
    ----------
    n_rows : N
    reference : (effects,) theta0
    gram : (effects, effects) sparse, Z'Z
    score : (effects,) Z'r0
    residual_ss : r0'r0
    """

    n_rows: int
    reference: Floats
    gram: sparse.csr_array
    score: Floats
    residual_ss: float

    def sum_of_squares(self, theta: Floats) -> float:
        """||y - Z theta||^2, in squared log2 fold change."""
        shift = theta - self.reference
        return float(self.residual_ss + shift @ (self.gram @ shift) - 2 * shift @ self.score)


def gather(screen: Screen, terms: Terms, chunk_rows: int = CHUNK_ROWS) -> SufficientStatistics:
    """Gather the statistics, holding the design of one chunk of rows at a time."""
    n_effects = sum(screen.size(term.dims) for term in terms)
    gram, moment = sparse.csr_array((n_effects, n_effects)), np.zeros(n_effects)
    for rows in screen.chunks(chunk_rows):
        design = design_matrix(screen, terms, rows)
        gram = gram + design.T @ design
        moment += design.T @ screen.lfc[rows]
    reference = _least_squares(gram, moment, screen.size(terms[0].dims))
    score, residual_ss = np.zeros(n_effects), 0.0
    for rows in screen.chunks(chunk_rows):
        design = design_matrix(screen, terms, rows)
        residual = screen.lfc[rows] - design @ reference
        score += design.T @ residual
        residual_ss += float(residual @ residual)
    return SufficientStatistics(screen.n_rows, reference, gram, score, residual_ss)


def _least_squares(gram: sparse.csr_array, moment: Floats, n_first: int) -> Floats:
    """A solution of Z'Z theta = Z'y; conjugate gradients take the singular ones too.

    It need not be tight: every reference gives the exact likelihood. It starts from the first
    effect alone, so that a level that several effects could carry, however large, stays there.
    """
    diagonal = gram.diagonal()
    inverse = np.divide(1, diagonal, out=np.zeros_like(diagonal), where=diagonal > 0)
    start = np.where(np.arange(len(moment)) < n_first, inverse * moment, 0)
    scale = sparse.diags_array(inverse)
    return cg(gram, moment, x0=start, rtol=1e-10, maxiter=500, M=scale)[0]
