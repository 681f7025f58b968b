"""A figure that says why there is none."""

from __future__ import annotations

from typing import Any

import plotnine as p9

from partialpool.plots import style


def says(message: str, width: float = 7.0) -> Any:
    """Say in words what is missing, where a figure would be.

    Parameters
    ----------
    message
        One or two sentences.
    width
        Of the figure, inches.
    """
    return (
        p9.ggplot()
        + p9.annotate(
            "text", x=0, y=0, label=style.wrap(message, width, 13), size=11, color="#444444"
        )
        + p9.theme_void()
        + p9.theme(figure_size=(width, 1.2))
    )
