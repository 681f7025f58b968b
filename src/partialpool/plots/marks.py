"""The mark that a figure of a fit that can't be used carries, wherever the figure goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import plotnine as p9

from partialpool.plots import style

FAILED = "This fit FAILED its convergence check: do not use it."


def failed(drawing: Callable[[], Any]) -> Any:
    """Draw a figure, and say below its title that the fit failed."""
    red = p9.element_text(color=style.COLOURS["failed"], weight="bold", size=10, ha="left")
    return drawing() + p9.labs(subtitle=FAILED) + p9.theme(plot_subtitle=red)
