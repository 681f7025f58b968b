"""A worker: cost of one step at growing sizes: python growth.py [--tiny].

Model ``cell_line``: gathering statistics against rows, a gradient against guides and lines.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

import inputs
import numpy as np
from processes import report

from partialpool.inference.kernel import make_kernel
from partialpool.inference.statistics import gather
from partialpool.interface import fit_settings
from partialpool.screen import Screen

HOW = fit_settings("cell_line")
#: A step runs at least this many times, and for at least this many seconds.
MIN_ROUNDS, MIN_SECONDS = 3, 0.2
#: Sizes that are constant while another size grows.
N_GUIDES, N_LINES = 1_000, 200


def rows(tiny: bool) -> Iterator[dict[str, Any]]:
    """Gather the statistics of 1,000 guides and 200 lines from increasing numbers of rows."""
    sizes = (1_000, 2_000) if tiny else np.logspace(4, 7, 7).astype(int).tolist()
    for n in sizes:
        screen = inputs.random_arrays(n, N_GUIDES, N_LINES)
        gathered = _median(lambda screen=screen: gather(screen, HOW.spec.terms))
        yield {"n": n, "layout": "random", "step": "gather statistics", "seconds": gathered}


def guides(tiny: bool) -> Iterator[dict[str, Any]]:
    """Gradients with 200 lines and increasing numbers of guides."""
    for n in (10, 20) if tiny else (100, 300, 1_000, 3_000, 10_000, 30_000, 50_000):
        yield from _gradients(n, n, N_LINES)


def lines(tiny: bool) -> Iterator[dict[str, Any]]:
    """Gradients with 1,000 guides and increasing numbers of lines."""
    for n in (10, 20) if tiny else (10, 30, 100, 300, 1_000, 3_000, 10_000):
        yield from _gradients(n, N_GUIDES if not tiny else 20, n)


def _gradients(n: int, n_guides: int, n_lines: int) -> Iterator[dict[str, Any]]:
    """Time gradients of a balanced screen, and of one with rows for half of guides x lines."""
    balanced = inputs.balanced_arrays(n_guides, n_lines)
    yield {"n": n, "layout": "balanced", **_gradient(balanced)}
    half = inputs.random_arrays(max(n_guides * n_lines // 2, 2), n_guides, n_lines)
    yield {"n": n, "layout": "random", **_gradient(half)}


def _gradient(screen: Screen) -> dict[str, Any]:
    kernel = make_kernel(HOW.spec, screen, HOW.priors, gather(screen, HOW.spec.terms))
    point = np.random.default_rng(0).normal(0, 0.1, kernel.n_free)
    seconds = _median(lambda: kernel.log_density(point))
    return {"step": "gradient", "seconds": seconds, "n_rows": screen.n_rows}


def _median(work: Callable[[], Any]) -> float:
    """Median seconds, after a first call that loads or compiles code."""
    work()
    seconds: list[float] = []
    end = perf_counter() + MIN_SECONDS
    while len(seconds) < MIN_ROUNDS or perf_counter() < end:
        start = perf_counter()
        work()
        seconds.append(perf_counter() - start)
    return float(np.median(seconds))


if __name__ == "__main__":
    report(
        [
            {"along": along.__name__, **row}
            for along in (rows, guides, lines)
            for row in along("--tiny" in sys.argv)
        ]
    )
