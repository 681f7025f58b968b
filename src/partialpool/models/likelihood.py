"""The Gaussian likelihood of a linear predictor, in two forms with one meaning.

``sufficient`` works on the sufficient statistics (see :mod:`partialpool.models.statistics`);
``rowwise`` adds up the rows, as the notebooks did, for checking and for other noise. Their
log-densities are equal but for rounding.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any, Literal

import numpy as np
from scipy import sparse

from partialpool.models.predictor import LinearPredictor

Likelihood = Literal["sufficient", "rowwise"]

#: A block of Z'Z fuller than this is multiplied dense.
DENSE_FROM = 0.25


def observe_lfc(predictor: LinearPredictor, sigma: Any, likelihood: Likelihood) -> None:
    """Tell the model in context that lfc ~ N(predictor, sigma).

    The effects of the predictor's terms are that model's variables of the same names.
    """
    import pymc as pm

    model = pm.modelcontext(None)
    effects = {term.effect: model[term.effect].flatten() for term in predictor.terms}
    if likelihood == "rowwise":
        screen = predictor.screen
        model.add_coord("measurement", np.arange(screen.n_rows))
        mu = sum(
            effects[term.effect][screen.index(term.dims)] * term.values(screen)
            for term in predictor.terms
        )
        pm.Normal("lfc", mu=mu, sigma=sigma, observed=screen.lfc, dims="measurement")
    else:
        pm.Potential("lfc", _log_likelihood(predictor, effects, sigma))


def _log_likelihood(predictor: LinearPredictor, effects: dict[str, Any], sigma: Any) -> Any:
    """-N log(sigma) - ||y - Z theta||^2 / (2 sigma^2) - N/2 log(2 pi), as a tensor."""
    import pytensor.tensor as pt

    statistics, spans = predictor.statistics, predictor.spans
    gram, squares = statistics.gram, statistics.residual_ss
    shifts = {name: effect - statistics.reference[spans[name]] for name, effect in effects.items()}
    for name, shift in shifts.items():
        # A row has one element of each term, so a term's own block is diagonal.
        squares += (gram[spans[name], spans[name]].diagonal() * shift**2).sum()
        squares -= 2 * (statistics.score[spans[name]] * shift).sum()
    for left, right in combinations(shifts, 2):
        squares += 2 * _bilinear(shifts[left], gram[spans[left], spans[right]], shifts[right])
    n = statistics.n_rows
    return -n * pt.log(sigma) - squares / (2 * sigma**2) - n / 2 * np.log(2 * np.pi)


def _bilinear(left: Any, block: sparse.csr_array, right: Any) -> Any:
    """Left' block right, dense or by its non-zeros, whichever is less work."""
    if block.nnz > DENSE_FROM * block.shape[0] * block.shape[1]:
        return left @ (block.toarray() @ right)
    entries = block.tocoo()
    at_left, at_right = _at(entries.row, block.shape[0]), _at(entries.col, block.shape[1])
    return (left[at_left] * entries.data * right[at_right]).sum()


def _at(positions: Any, size: int) -> Any:
    """The positions, as a slice where they are simply all of them in order."""
    return slice(None) if np.array_equal(positions, np.arange(size)) else positions
