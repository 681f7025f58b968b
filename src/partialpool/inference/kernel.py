r"""Log density and gradient of any declared model, from sufficient statistics.

The density is that of ``models.build.build``, up to a constant. With theta all effects of the
predictor stacked and d = theta - theta0,

    ||y - Z theta||^2 = r0'r0 + d' Z'Z d - 2 d' Z'r0

(see ``partialpool.inference.statistics``), so the cost of a gradient depends on the number of
effects, not of rows. Instead of an effect x ~ N(m, s), the sampler draws z ~ N(c m, s^c), with
x = m + s^(1 - c) (z - c m) and a c for each element (see ``partialpool.inference.centring``).

All models use the same function with different arrays. It is compiled once per machine, stored in
numba's cache, and runs without Python's global lock. The sampler, which is compiled too, calls it
by its address and passes one block of memory with all arrays, which ``pack`` makes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from partialpool.inference import density
from partialpool.inference.statistics import SufficientStatistics
from partialpool.models.build import Centring, how_centred
from partialpool.models.effects import ZERO_SUM, Effect
from partialpool.models.model import Model, Parametrization
from partialpool.models.priors import Exponential, HalfNormal, Normal, Prior
from partialpool.parameters import Parameters
from partialpool.screen import Floats, Ints, Screen

#: Numbers of the families of priors in the compiled code.
FAMILIES = {
    Normal: density.NORMAL,
    HalfNormal: density.HALF_NORMAL,
    Exponential: density.EXPONENTIAL,
}


@dataclass(frozen=True)
class Kernel:
    """A model on one screen, ready to be sampled.

    Attributes
    ----------
    memory
        The block of memory that the compiled functions read.
    names, shapes, dims
        Names, shapes and dims of the variables that ``expand`` returns, in order.
    """

    memory: npt.NDArray[np.int64]
    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    dims: Mapping[str, tuple[str, ...]]

    @property
    def n_free(self) -> int:
        """Number of dimensions of the sample space."""
        return int(self.memory[density.N_FREE])

    @property
    def n_values(self) -> int:
        """Number of values that ``expand`` computes for a point of the sample space."""
        return int(self.memory[density.N_VALUES])

    def log_density(self, point: Floats) -> tuple[float, Floats]:
        """Log density, up to a constant, and its gradient at a point of the sample space."""
        gradient = np.empty(self.n_free)
        floats = self.memory.view(np.float64)
        return float(
            density.log_density(np.asarray(point, float), self.memory, floats, gradient)
        ), gradient

    def expand(
        self, points: Floats, dtype: npt.DTypeLike = np.float64
    ) -> dict[str, npt.NDArray[Any]]:
        """Compute all parameters and effects at points of the sample space.

        Parameters
        ----------
        points
            (point, free) array.
        dtype
            Of the arrays.

        Returns
        -------
        dict[str, npt.NDArray[Any]]
            Name -> (point, *shape) array of ``dtype``.
        """
        draws = np.empty((len(points), self.n_values), dtype=dtype)
        density.expand_draws(points, self.memory, self.memory.view(np.float64), draws)
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes])
        parts = np.split(draws, ends[:-1], axis=1)
        named = zip(self.names, parts, self.shapes, strict=True)
        return {name: part.reshape(len(points), *shape) for name, part, shape in named}


def make_kernel(
    model: Model,
    screen: Screen,
    priors: Parameters,
    statistics: SufficientStatistics,
    parametrization: Parametrization = "identified",
    centring: Centring | None = None,
) -> Kernel:
    """Make the arrays of a model on a screen for the compiled functions.

    Parameters
    ----------
    model, screen, priors
        The same as for ``build``.
    statistics
        Sufficient statistics of the screen for the terms of the model.
    parametrization, centring
        The same as for ``build``.
    """
    scalars = model.scalars(parametrization)
    populations = model.populations(parametrization)
    table = _Populations(populations, scalars, screen, centring or {})
    blocks, block_ints, block_floats = _blocks(statistics)
    effects = model.predictor(parametrization).effects
    theta = np.concatenate([table.span(effect) for effect in effects])
    arrays: dict[int, npt.NDArray[Any]] = {
        density.SCALARS: np.array([FAMILIES[type(prior)] for prior in scalars]),
        density.NUMBERS: _numbers(scalars, priors),
        density.POPULATIONS: table.rows.ravel(),
        density.PARENTS: table.parents,
        density.LEVEL: table.level,
        density.LEVELS: table.levels,
        density.BLOCKS: blocks.ravel(),
        density.BLOCK_INTS: block_ints,
        density.BLOCK_FLOATS: block_floats,
        density.EFFECT: theta,
        density.DIAGONAL: statistics.gram.diagonal(),
        density.REFERENCE: statistics.reference,
        density.SCORE: statistics.score,
        density.NOISE: np.array([scalars.index(model.sd)]),
        density.RESIDUAL: np.array([statistics.residual_ss, float(statistics.n_rows)]),
    }
    memory = pack(arrays, table.n_free, len(scalars) + len(table.level))
    shapes = [screen.shape(effect.dims) for effect in populations]
    return Kernel(
        memory,
        (*(p.name for p in scalars), *(e.name for e in populations)),
        (*(() for _ in scalars), *shapes),
        {effect.name: effect.dims for effect in populations},
    )


def pack(arrays: Mapping[int, npt.NDArray[Any]], n_free: int, n_values: int) -> Ints:
    """Write arrays of integers and floats to one block of 8-byte numbers.

    The block begins with ``n_free``, ``n_values``, and the start and length of each array.
    """
    sizes = np.array([len(arrays[number]) for number in range(density.N_ARRAYS)])
    starts = density.HEADER + np.concatenate([[0], np.cumsum(sizes)[:-1]])
    memory = np.zeros(density.HEADER + int(sizes.sum()), dtype=np.int64)
    memory[: density.HEADER] = [n_free, n_values, *np.column_stack([starts, sizes]).ravel()]
    for number, start in enumerate(starts):
        values = arrays[number]
        place = memory if values.dtype.kind in "iub" else memory.view(np.float64)
        place[start : start + len(values)] = values
    memory.flags.writeable = False
    return memory


# ---- a model as arrays ----


@dataclass(frozen=True)
class _Populations:
    """The populations of a model as arrays, one after the other."""

    effects: tuple[Effect, ...]
    scalars: tuple[Prior, ...]
    screen: Screen
    centring: Centring

    @cached_property
    def starts(self) -> dict[Effect, int]:
        sizes = [self.screen.size(effect.dims) for effect in self.effects]
        return dict(zip(self.effects, np.cumsum([0, *sizes[:-1]]).tolist(), strict=True))

    @cached_property
    def coordinates(self) -> dict[Effect, Floats]:
        """How far each element of each effect is centred."""
        return {e: how_centred(e, self.screen, self.centring) for e in self.effects}

    @cached_property
    def rows(self) -> Ints:
        rows, free, level, parent = [], len(self.scalars), 0, 0
        for effect in self.effects:
            size = self.screen.size(effect.dims)
            n_levels = len(np.unique(self.coordinates[effect]))
            kind, mean = self._mean(effect)
            zero_sum = int(effect.mean is ZERO_SUM)
            sd = self.scalars.index(effect.sd)
            rows.append(
                [self.starts[effect], size, free, kind, mean, sd, zero_sum, level, n_levels, parent]
            )
            free, level = free + size - zero_sum, level + n_levels
            parent += size if kind == density.AROUND_EFFECT else 0
        return np.array(rows)

    @property
    def n_free(self) -> int:
        last = self.rows[-1]
        return int(last[density.FREE] + last[density.SIZE] - last[density.SUMS_TO_ZERO])

    @property
    def level(self) -> Ints:
        codes = [np.unique(c, return_inverse=True)[1] for c in self.coordinates.values()]
        return np.concatenate(codes)

    @property
    def levels(self) -> Floats:
        return np.concatenate([np.unique(c) for c in self.coordinates.values()])

    @property
    def parents(self) -> Ints:
        parts = [
            self.screen.parents(effect.dims, effect.mean.dims) + self.starts[effect.mean]
            for effect in self.effects
            if isinstance(effect.mean, Effect)
        ]
        return np.concatenate([np.zeros(0, dtype=np.intp), *parts])

    def span(self, effect: Effect) -> Ints:
        start = self.starts[effect]
        return np.arange(start, start + self.screen.size(effect.dims))

    def _mean(self, effect: Effect) -> tuple[int, int]:
        if isinstance(effect.mean, Effect):
            return density.AROUND_EFFECT, 0
        if isinstance(effect.mean, Prior):
            return density.AROUND_SCALAR, self.scalars.index(effect.mean)
        return density.AROUND_ZERO, 0


def _numbers(scalars: tuple[Prior, ...], priors: Parameters) -> Floats:
    numbers = [list(getattr(priors, prior.name).model_dump().values()) for prior in scalars]
    return np.array([[*given, 0.0][:2] for given in numbers], dtype=float).ravel()


def _blocks(statistics: SufficientStatistics) -> tuple[Ints, Ints, Floats]:
    """The blocks of Z'Z above its diagonal, each stored in the form that needs less work."""
    rows: list[list[int]] = []
    ints: list[Ints] = [np.zeros(0, dtype=np.intp)]
    floats: list[Floats] = [np.zeros(0)]
    at_ints, at_floats = 0, 0
    spans = list(statistics.spans.values())
    for i, left in enumerate(spans):
        for right in spans[i + 1 :]:
            how, n_patterns, own_ints, own_floats = _block(statistics.gram[left, right].tocsr())
            size = [left.start, left.stop - left.start, right.start, right.stop - right.start]
            rows.append([*size, how, n_patterns, at_ints, at_floats])
            ints.append(own_ints)
            floats.append(own_floats)
            at_ints, at_floats = at_ints + len(own_ints), at_floats + len(own_floats)
    return np.array(rows, dtype=np.intp), np.concatenate(ints), np.concatenate(floats)


def _block(block: sparse.csr_array) -> tuple[int, int, Ints, Floats]:
    """Store a block. In a balanced screen all guides have equal counts, so they share one row."""
    block.sort_indices()
    pattern, first = _patterns(block)
    if len(pattern) + len(first) * block.shape[1] <= 2 * block.nnz:
        return density.SHARED_ROWS, len(first), pattern, block[first].toarray().ravel()
    indices = np.concatenate([block.indptr, block.indices]).astype(np.intp)
    return density.NON_ZEROS, 0, indices, block.data.astype(np.float64)


def _patterns(block: sparse.csr_array) -> tuple[Ints, Ints]:
    """Number the different rows of a sparse block, and find the first row of each pattern."""
    found: dict[bytes, int] = {}
    pattern, first = np.empty(block.shape[0], dtype=np.intp), []
    for row, (start, stop) in enumerate(zip(block.indptr[:-1], block.indptr[1:], strict=True)):
        content = block.indices[start:stop].tobytes() + block.data[start:stop].tobytes()
        if content not in found:
            found[content] = len(found)
            first.append(row)
        pattern[row] = found[content]
    return pattern, np.array(first, dtype=np.intp)
