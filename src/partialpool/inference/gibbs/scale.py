"""The scale of the effects: which genes are 0, and which are -1.

Control genes are split into folds. A control gene is reported on the scale that the other folds
set, so it does not take part in its own normalisation. All other genes are on the scale of the
whole lists.
"""

from __future__ import annotations

from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from partialpool.inference.gibbs.primitives import jit
from partialpool.screen import Ints


class Scale(NamedTuple):
    """Genes that set each scale: 0 is that of the whole lists, k that of all folds but fold k.

    Attributes
    ----------
    zero, zero_start
        Genes whose median is 0, one scale after the other, and the first of each scale.
    one, one_start
        Genes whose median is -1. If there are none, the unit is that of the mean line.
    of_gene
        (G,) scale of each gene, which is its fold; 0 if it is not on a list.
    """

    zero: Ints
    zero_start: Ints
    one: Ints
    one_start: Ints
    of_gene: Ints


def make_scale(
    genes: tuple[str, ...], zero: Ints, one: Ints, folds: int
) -> tuple[Scale, npt.NDArray[np.bool_]]:
    """Split the control genes into folds.

    Parameters
    ----------
    genes
        Names of all genes.
    zero
        Positions of the genes whose median is 0. If there are none, it is that of all genes.
    one
        Positions of the genes whose median is -1.
    folds
        Number of folds. With one, control genes can't be scored.

    Returns
    -------
    scale : Scale
        Genes that set the scales.
    scored : numpy.ndarray
        (G,) False for the genes that take part in their own normalisation, because no other
        fold has genes of their list.

    Notes
    -----
    Folds depend on the names only: genes are sorted by a hash of their names and dealt out in
    turn, so that folds have equal sizes.
    """
    fold = np.zeros(len(genes), dtype=np.intp)
    scored = np.ones(len(genes), dtype=bool)
    for listed in (zero, one):
        order = sorted(listed, key=lambda g: (crc32(genes[g].encode()), genes[g]))
        fold[order] = 1 + np.arange(len(order)) % folds
        scored[listed] = [bool((fold[listed] != fold[g]).any()) for g in listed]
    everything = [np.arange(len(genes), dtype=np.intp)] * (folds + 1)
    zeros = _without_folds(zero, fold, folds) if len(zero) else everything
    ones = _without_folds(one, fold, folds)
    return Scale(*_joined(zeros), *_joined(ones), fold), scored


def _without_folds(listed: Ints, fold: Ints, folds: int) -> list[Ints]:
    """Lists without fold 0 (which none of these genes is in), 1, 2, ...; if empty, all of them."""
    rest = [listed[fold[listed] != k] for k in range(folds + 1)]
    return [part if len(part) else listed for part in rest]


def _joined(parts: list[Ints]) -> tuple[Ints, Ints]:
    """One after the other, and the start of each."""
    return np.concatenate(parts), np.cumsum([0, *map(len, parts)]).astype(np.intp)


@jit
def zeros_and_units(state, scale):  # type: ignore[no-untyped-def]
    """Level that is 0, and log fold change of one unit, on each scale."""
    n = len(scale.zero_start) - 1
    zeros, units = np.empty(n), np.empty(n)
    for k in range(n):
        zero = scale.zero[scale.zero_start[k] : scale.zero_start[k + 1]]
        one = scale.one[scale.one_start[k] : scale.one_start[k + 1]]
        zeros[k] = np.median(state.mu[zero])
        units[k] = state.lam.mean()
        if len(one) > 0:
            units[k] = 1 / (zeros[k] - np.median(state.mu[one]))
    return zeros, units
