"""From a plot to the pictures of it: a PNG for people, and a smaller WebP for the report."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

#: Gives a plot when it is called, in any process: a plotnine plot or a matplotlib figure.
Drawing = Callable[[], Any]

logger = logging.getLogger(__name__)

#: Dots per inch.
DPI = 180
#: The report's pictures keep each 8th level of a channel, white and the grey of stripes among
#: them: nobody sees the difference, and it halves them.
STEP = 8
#: Of lossless WebP, from least (0, 0) to most (100, 6): more takes far longer for little.
QUALITY, METHOD = 50, 1


@dataclass(frozen=True)
class Picture:
    """One figure, twice.

    Attributes
    ----------
    png
        As it is saved for people.
    webp
        What the report shows, of the same size in pixels.
    """

    png: bytes
    webp: bytes


def picture(drawing: Drawing) -> Picture:
    """Draw a figure; equal figures make equal pictures.

    Parameters
    ----------
    drawing
        Gives a plotnine plot or a matplotlib figure, which is closed then.

    Raises
    ------
    TypeError
        If it gives something else.
    """
    with _quietly():
        image = _image(drawing())
        return Picture(_encoded(image, "PNG"), _small(image))


def _image(plot: Any) -> Any:
    """The pixels of a plot, as an image of Pillow."""
    from matplotlib import pyplot as plt
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    figure = _figure(plot)
    try:
        figure.set_dpi(DPI)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        size = canvas.get_width_height()
        return Image.frombuffer("RGBA", size, canvas.buffer_rgba()).convert("RGB")
    finally:
        plt.close(figure)


def _figure(plot: Any) -> Any:
    from matplotlib.figure import Figure
    from plotnine import ggplot, theme

    if isinstance(plot, Figure):
        return plot
    if isinstance(plot, ggplot):
        plot += theme(dpi=DPI)  # in place: `+` would copy the plot
        return plot.draw()
    raise TypeError(f"expected a plotnine plot or a matplotlib figure, got {type(plot).__name__}")


def _small(image: Any) -> bytes:
    levels = [min(255, STEP * round(level / STEP)) for level in range(256)]
    few = image.point(levels * len(image.getbands()))
    return _encoded(few, "WEBP", lossless=True, quality=QUALITY, method=METHOD)


def _encoded(image: Any, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


@contextmanager
def _quietly() -> Iterator[None]:
    """Turn warnings of the drawing libraries into lines of the debug log."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        logger.debug("While drawing: %s", warning.message)
