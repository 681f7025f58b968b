"""Distinct rows of a screen, and draws in the form that the compiled loops need."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from partialpool.models.terms import Terms, design_matrix
from partialpool.screen import Floats, Ints, Screen

if TYPE_CHECKING:
    import xarray as xr

#: Keys of rows are 64-bit integers.
MAX_KEYS = np.iinfo(np.int64).max


@dataclass(frozen=True)
class DistinctRows:
    """Sets of rows with the same labels and covariates, and so one predictive distribution.

    Attributes
    ----------
    first
        (set,) first row of each set. Sets are in the order of their first rows.
    group
        (row,) set of each row.
    """

    first: Ints
    group: Ints

    @property
    def n(self) -> int:
        """Number of sets."""
        return len(self.first)

    @cached_property
    def order(self) -> Ints:
        """All rows, set by set."""
        return np.argsort(self.group, kind="stable")

    @cached_property
    def starts(self) -> Ints:
        """(set + 1,) positions in ``order`` where the rows of each set start, and its length."""
        return np.concatenate([[0], np.cumsum(np.bincount(self.group, minlength=self.n))])


@dataclass(frozen=True)
class Design:
    """The design of some rows in compressed sparse rows: ``design @ theta`` is their predictor.

    Attributes
    ----------
    pointers
        (row + 1,) position where each row starts in the other arrays.
    elements
        Position of an element in the stack of all effects.
    factors
        Factor that the element is multiplied by.
    """

    pointers: npt.NDArray[np.int64]
    elements: npt.NDArray[np.int64]
    factors: Floats

    @classmethod
    def of(cls, screen: Screen, terms: Terms, rows: Ints) -> Design:
        """Make the design of some rows of a screen."""
        z = design_matrix(screen, terms, rows)
        return cls(z.indptr.astype(np.int64), z.indices.astype(np.int64), z.data)


def distinct_rows(screen: Screen, terms: Terms) -> DistinctRows:
    """Find sets of rows that are equal for the terms."""
    dims = dict.fromkeys(dim for term in terms for dim in term.dims)
    columns = [screen.index((dim,)) for dim in dims]
    columns += [
        pd.factorize(term.values(screen))[0]
        for term in {term.covariate: term for term in terms if term.covariate}.values()
    ]
    key, n_keys = np.zeros(screen.n_rows, dtype=np.int64), 1
    for column in columns:
        size = int(column.max()) + 1
        if n_keys > MAX_KEYS // size:
            key, found = pd.factorize(key)
            n_keys = len(found)
        key, n_keys = key * size + column, n_keys * size
    # Factors are numbered in the order in which they appear.
    group = pd.factorize(key)[0].astype(np.intp)
    first = np.flatnonzero(np.diff(np.maximum.accumulate(group), prepend=-1))
    return DistinctRows(first, group)


def stacked_draws(posterior: xr.Dataset, terms: Terms, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """(element, draw) draws of all effects, stacked in the same order as in ``design_matrix``."""
    draws = [stack_chains(posterior[term.effect], term.dims) for term in terms]
    return np.concatenate(draws).astype(dtype, order="C")


def stack_chains(values: xr.DataArray, dims: tuple[str, ...] = ()) -> npt.NDArray[Any]:
    """Draws of all chains together: (element, draw), or (draw,) for a scalar."""
    array = values.transpose(*dims, "chain", "draw").to_numpy()
    n_draws = array.shape[-2] * array.shape[-1]
    return array.reshape((-1, n_draws) if dims else (n_draws,))


def thin(posterior: xr.Dataset, n: int) -> xr.Dataset:
    """At least ``n`` draws (or all, if there are fewer), evenly spaced over each chain."""
    step = max(1, posterior.sizes["chain"] * posterior.sizes["draw"] // n)
    return posterior.isel(draw=slice(None, None, step))


def in_parallel(work: Callable[[int, int], None], n: int, size: int) -> None:
    """Call ``work(start, stop)`` for pieces of ``range(n)`` on all processors.

    ``work`` runs compiled code that releases Python's global lock.
    """
    starts = range(0, n, size)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for done in [threads.submit(work, start, min(start + size, n)) for start in starts]:
            done.result()
