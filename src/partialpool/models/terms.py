"""The linear predictor: a sum of terms. Each term is an effect, looked up by labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from partialpool.screen import Floats, Rows, Screen


@dataclass(frozen=True)
class Term:
    """``effect[dims of the row] * covariate of the row`` (the covariate is 1 if there is none).

    Attributes
    ----------
    effect
        Name of the variable of the model.
    dims
        Dims of the effect. Several dims are an interaction, such as ("gene", "cell_line").
    covariate
        Name of the column of the screen that the effect is multiplied by.
    """

    effect: str
    dims: tuple[str, ...]
    covariate: str | None = None

    def values(self, screen: Screen, rows: Rows = slice(None)) -> Floats:
        """Factor that the effect is multiplied by in each of ``rows``."""
        if self.covariate is None:
            return np.ones(len(screen.lfc[rows]))
        return screen.covariates[self.covariate][rows]


Terms = tuple[Term, ...]


def covariates_of(terms: Terms) -> tuple[str, ...]:
    """Names of the covariates of the terms, each once."""
    return tuple(dict.fromkeys(term.covariate for term in terms if term.covariate))


def design_matrix(screen: Screen, terms: Terms, rows: Rows = slice(None)) -> sparse.csr_array:
    """Design matrix Z of some rows, (row, all effects stacked). Z @ theta is their predictor."""
    n = len(screen.lfc[rows])
    offsets = np.cumsum([0, *(screen.size(term.dims) for term in terms)])
    columns = [screen.index(t.dims, rows) + start for t, start in zip(terms, offsets, strict=False)]
    values = [term.values(screen, rows) for term in terms]
    return sparse.csr_array(
        (
            np.column_stack(values).ravel(),
            np.column_stack(columns).ravel(),
            np.arange(0, n * len(terms) + 1, len(terms)),
        ),
        shape=(n, int(offsets[-1])),
    )


def predict(
    screen: Screen,
    terms: Terms,
    effects: Mapping[str, npt.NDArray[Any]],
    rows: Rows = slice(None),
) -> npt.NDArray[Any]:
    """Linear predictor of some rows, for one value or many draws of the effects.

    Parameters
    ----------
    screen
        Screen that the rows belong to.
    terms
        Terms of the linear predictor.
    effects
        Name of an effect -> (element,) or (element, draw) array, elements flattened.
    rows
        Rows to predict, all by default.

    Returns
    -------
    npt.NDArray[Any]
        (row,) or (row, draw) array, in log2 fold change.
    """
    return reduce(np.add, (_part(screen, term, effects[term.effect], rows) for term in terms))


def _part(screen: Screen, term: Term, effect: npt.NDArray[Any], rows: Rows) -> npt.NDArray[Any]:
    part = effect[screen.index(term.dims, rows)]
    if term.covariate is None:
        return part
    values = term.values(screen, rows).astype(part.dtype)
    added: npt.NDArray[Any] = part * values.reshape(-1, *(1,) * (part.ndim - 1))
    return added
