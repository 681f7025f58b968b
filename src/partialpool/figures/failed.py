"""The mark on every figure of a fit that failed its convergence check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

FAILED = "This fit FAILED its convergence check: do not use it."


def marked_failed(drawing: Callable[[], Any]) -> Any:
    """Draw a figure with the mark below its title; of a matplotlib figure, at its top."""
    import plotnine as p9
    from matplotlib.figure import Figure

    from partialpool.figures.parts import style

    plot, colour = drawing(), style.COLOURS["failed"]
    if isinstance(plot, Figure):
        plot.text(0.01, 0.99, FAILED, color=colour, weight="bold", size=10, va="top")
        return plot
    red = p9.element_text(color=colour, weight="bold", size=10, ha="left")
    return plot + p9.labs(subtitle=FAILED) + p9.theme(plot_subtitle=red)
