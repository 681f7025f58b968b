"""The mark on every figure of a fit that failed its convergence check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

FAILED = "This fit FAILED its convergence check: do not use it."


def marked_failed(drawing: Callable[[], Any]) -> Any:
    """Draw a figure with the mark below its title."""
    import plotnine as p9

    from partialpool.figures.parts import style

    red = p9.element_text(color=style.COLOURS["failed"], weight="bold", size=10, ha="left")
    return drawing() + p9.labs(subtitle=FAILED) + p9.theme(plot_subtitle=red)
