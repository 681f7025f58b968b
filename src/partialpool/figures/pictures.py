"""From a plot to its picture: one PNG, in the folder of the figures and in the report."""

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
#: Colours of a picture. A figure has few, and the shades at the edges of its lines: 256 of all are
#: within 1 to 10 of 255 levels of it, and make a file that is a third as large.
COLOURS = 256


@dataclass(frozen=True)
class Picture:
    """A figure as it was drawn, with its caption.

    Attributes
    ----------
    png
        The picture; empty if there was nothing to draw.
    title, how_to_read, group
        As the figure declares them.
    reason
        Why there was nothing to draw.
    """

    png: bytes
    title: str
    how_to_read: str
    group: str
    reason: str = ""


def png(drawing: Drawing) -> bytes:
    """Draw a figure as a PNG; equal figures give equal bytes.

    Parameters
    ----------
    drawing
        Gives a plotnine plot or a matplotlib figure, which is closed afterwards.

    Raises
    ------
    TypeError
        If it gives something else.
    """
    with _quietly():
        return _encoded(_image(drawing()))


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


def _encoded(image: Any) -> bytes:
    from PIL.Image import Dither, Quantize

    out = io.BytesIO()
    few = image.quantize(COLOURS, method=Quantize.MAXCOVERAGE, dither=Dither.NONE)
    few.save(out, "PNG", compress_level=9)
    return out.getvalue()


@contextmanager
def _quietly() -> Iterator[None]:
    """Turn warnings of the drawing libraries into lines of the debug log."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        logger.debug("While drawing: %s", warning.message)
