"""From a plot to its picture: one PNG, in the folder of the figures and in the report."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

#: Gives a plot when it is called, in any process: a plotnine plot or a matplotlib figure.
Drawing = Callable[[], Any]

logger = logging.getLogger(__name__)

#: Dots per inch.
DPI = 180
#: Colours of a picture. A figure has few, and the shades at the edges of its lines. With 256 of all
#: the file is a third as large; areas keep their colours, and shades are within 2 to 30 of 255
#: levels of theirs.
COLOURS = 256
#: One in so many pixels is looked at to find the most frequent colours.
EVERY = 7


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
    few.putpalette(_most_frequent(few, image).tobytes())
    few.save(out, "PNG", compress_level=9)
    return out.getvalue()


def _most_frequent(few: Any, image: Any) -> npt.NDArray[np.uint8]:
    """Palette of the colour that occurs most often among those that each entry stands for.

    White, the grey of stripes and every other flat area keep their colour. A mean would mix it
    with the shades at the edges of lines.
    """
    index = np.asarray(few).ravel()[::EVERY].astype(np.uint32)
    red, green, blue = np.asarray(image).reshape(-1, 3)[::EVERY].astype(np.uint32).T
    keys, n = np.unique(index << 24 | red << 16 | green << 8 | blue, return_counts=True)
    keys = keys[np.argsort(n, kind="stable")]  # the most frequent of an entry comes last
    palette = np.asarray(few.getpalette(), dtype=np.uint8).reshape(-1, 3)
    palette[keys >> 24] = np.stack([keys >> 16 & 255, keys >> 8 & 255, keys & 255], axis=-1)
    return palette


@contextmanager
def _quietly() -> Iterator[None]:
    """Turn warnings of the drawing libraries into lines of the debug log."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        logger.debug("While drawing: %s", warning.message)
