"""Progress of the sampler: a bar in a terminal or notebook, and lines of a log otherwise."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from time import monotonic
from typing import Any

logger = logging.getLogger(__name__)

#: Seconds between two lines in a log.
EVERY = 10.0


def at_terminal() -> bool:
    """Whether standard error, where progress bars are drawn, is a terminal."""
    return sys.stderr.isatty()


def in_notebook() -> bool:
    """Whether this runs in a Jupyter kernel, where nutpie shows its bars as HTML."""
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return type(shell).__name__ == "ZMQInteractiveShell"


def run_with_progress(start: Callable[[bool], Any], n_draws: int, label: str) -> Any:
    """Run a background sampler of nutpie until it ends, and report progress.

    A log only reports the time, because nutpie would copy all draws to report their number.

    Parameters
    ----------
    start
        Function that starts the sampler. Its argument is whether to draw a bar.
    n_draws
        Draws that it will make after warm-up, over all chains.
    label
        Name of the fit in the log.
    """
    watched = at_terminal() or in_notebook()
    logger.info("%s: sampling %s draws", label, f"{n_draws:,}")
    started = monotonic()
    sampler = start(watched)
    while True:
        try:
            return sampler.wait(timeout=None if watched else EVERY)
        except TimeoutError:
            logger.info("%s: still sampling after %.0f s", label, monotonic() - started)


class DrawLog:
    """A callback of ``pm.sample`` that writes a line to the log at intervals if there is no bar.

    ``at_start`` is called at the first draw, when compilation has finished.
    """

    def __init__(self, label: str, n_total: int, at_start: Callable[[], object]) -> None:
        self.label, self.n_total, self.at_start = label, n_total, at_start
        self.n_done, self.last = 0, monotonic()

    def __call__(self, trace: Any, draw: Any) -> None:  # noqa: ARG002
        """Count one draw, during or after warm-up."""
        if self.n_done == 0:
            self.at_start()
        self.n_done += 1
        if not at_terminal() and monotonic() - self.last >= EVERY:
            self.last = monotonic()
            logger.info("%s: %s", self.label, _share(self.n_done, self.n_total))


def _share(done: int, total: int) -> str:
    return f"{done:,} of {total:,} draws ({done / total:.0%})"
