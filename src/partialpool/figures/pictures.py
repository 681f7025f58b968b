"""Turns a plot into a PNG, for the folder of the figures and for the report."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

#: A call that makes a plot of plotnine or matplotlib, in any process.
Drawing = Callable[[], Any]

logger = logging.getLogger(__name__)

#: Dots per inch.
DPI = 180
#: Numbers of colours of a picture. The most frequent colours, such as white and the grey of
#: stripes, are kept unchanged. The others are spread over the shades at the edges of lines. A
#: picture of 256 colours needs a third of the bytes, and looks the same.
FREQUENT, SPREAD = 64, 192


@dataclass(frozen=True)
class Picture:
    """A drawn figure with its caption.

    Attributes
    ----------
    png
        The picture; empty if there was nothing to draw.
    title, how_to_read, group
        The caption and group that the figure declares.
    reason
        A sentence that says why there was nothing to draw.
    """

    png: bytes
    title: str
    how_to_read: str
    group: str
    reason: str = ""


def png(drawing: Drawing) -> bytes:
    """Draw a figure as a PNG. Equal figures have equal bytes.

    Parameters
    ----------
    drawing
        Makes a plotnine plot or a matplotlib figure, which is closed afterwards.

    Raises
    ------
    TypeError
        Raised if ``drawing`` makes something else.
    """
    from matplotlib import rc_context

    # A gene may have dollars in its name, which matplotlib would read as a formula.
    with _quietly(), rc_context({"text.parse_math": False}):
        return _encoded(_image(drawing()))


def _image(plot: Any) -> Any:
    """Draw a plot as an image of Pillow."""
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
    out = io.BytesIO()
    _few_colours(image).save(out, "PNG", compress_level=9)
    return out.getvalue()


def _few_colours(image: Any) -> Any:
    """Replace the colour of every pixel by the nearest one of a palette of 256."""
    from PIL import Image
    from PIL.Image import Dither, Quantize

    counted = sorted(image.getcolors(256**3), reverse=True)
    colours = np.array([colour for _, colour in counted], dtype=np.int32)
    spread = image.quantize(SPREAD, Quantize.MAXCOVERAGE, dither=Dither.NONE).getpalette()
    palette = np.concatenate([colours[:FREQUENT], np.reshape(spread, (-1, 3))])
    nearest = np.zeros(256**3, dtype=np.uint8)
    for part in np.array_split(colours, 1 + len(colours) // 4096):
        r, g, b = (np.subtract.outer(part[:, i], palette[:, i]) for i in range(3))
        nearest[part @ (1, 256, 65536)] = (r * r + g * g + b * b).argmin(axis=1)
    pixels = np.frombuffer(image.convert("RGBX").tobytes(), "<u4") & 0xFFFFFF
    few = Image.frombytes("P", image.size, nearest[pixels].tobytes())
    few.putpalette(palette.astype(np.uint8).tobytes())
    return few


@contextmanager
def _quietly() -> Iterator[None]:
    """Log the warnings of the drawing libraries at level debug."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        logger.debug("While drawing: %s", warning.message)
