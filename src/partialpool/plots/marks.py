"""The mark that a figure of a fit that can't be used carries, wherever the figure goes."""

from __future__ import annotations

from typing import Any

import plotnine as p9

from partialpool.plots import style

FAILED = "This fit FAILED its convergence check: do not use it."


def failed(plot: Any) -> Any:
    """Say below the title that the fit failed."""
    red = p9.element_text(color=style.COLOURS["failed"], weight="bold", size=10, ha="left")
    return plot + p9.labs(subtitle=FAILED) + p9.theme(plot_subtitle=red)
