"""The catalog dataset of figures: plotnine plots and matplotlib figures as PNG or SVG."""

from __future__ import annotations

import base64
import io
import logging
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NewType

from kedro.io import AbstractDataset

from partialpool.datasets.whole_file import replacing
from partialpool.errors import PartialpoolError, Problem

logger = logging.getLogger(__name__)

#: The name that kedro-viz knows pictures by.
ImagePreview = NewType("ImagePreview", str)

SUFFIXES = (".png", ".svg")
# Matplotlib's pyplot, through which plotnine draws, serves one thread at a time.
_DRAWING = threading.Lock()


class FigureError(PartialpoolError, ValueError):
    """A figure can't be saved as asked."""


class FigureDataset(AbstractDataset[Any, bytes]):
    """A figure in a local file, PNG or SVG by the file's suffix.

    It takes a ``plotnine`` plot or a ``matplotlib`` figure, and gives the bytes of the picture.
    The file appears whole or not at all, equal figures make equal files, and no window is opened
    wherever it runs.

    Parameters
    ----------
    filepath : str
        Where the picture lies, ending in ``.png`` or ``.svg``.
    dpi : int
        Dots per inch of a PNG.
    metadata : dict, optional
        Anything; Kedro and this class ignore it.

    Raises
    ------
    FigureError
        If the suffix is another one, or on saving something that is no figure.

    Examples
    --------
    ::

        "{section}.figures.{name}":
          type: partialpool.datasets.figure.FigureDataset
          filepath: data/08_reporting/{section}/{name}.png
    """

    def __init__(
        self,
        *,
        filepath: str | os.PathLike[str],
        dpi: int = 180,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._path = Path(filepath)
        self._dpi = dpi
        self.metadata = metadata
        if self._path.suffix.lower() not in SUFFIXES:
            problem = Problem(
                needed=f"a file name that ends in one of {', '.join(SUFFIXES)}.",
                came=f"{self._path.name!r}.",
                mend="rename the figure in the catalog.",
            )
            raise FigureError(str(problem))

    def load(self) -> bytes:
        """Read the picture as it is in the file."""
        return self._path.read_bytes()

    def save(self, data: Any) -> None:
        """Draw the figure and write the picture; a matplotlib figure is closed."""
        picture = _picture(data, self._path.suffix.lower()[1:], self._dpi)
        with replacing(self._path) as unfinished:
            unfinished.write_bytes(picture)

    def preview(self) -> ImagePreview:
        """Give the picture to kedro-viz, which shows PNG only."""
        if self._path.suffix.lower() != ".png":
            return ImagePreview("")
        return ImagePreview(base64.b64encode(self.load()).decode("ascii"))

    def _exists(self) -> bool:
        return self._path.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._path), "dpi": self._dpi}


def _picture(figure: Any, suffix: str, dpi: int) -> bytes:
    """Draw a figure into memory."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    if not isinstance(figure, Figure) and not callable(getattr(figure, "save", None)):
        problem = Problem(
            needed="a plotnine plot or a matplotlib figure.",
            came=f"{type(figure).__name__}.",
            mend="return the plot itself from the node.",
        )
        raise FigureError(str(problem))
    buffer = io.BytesIO()
    # Without a date and with fixed identifiers, equal figures make equal files.
    metadata = {"Date": None} if suffix == "svg" else {"Software": None}
    with _DRAWING, _off_screen(), _quietly(), mpl.rc_context({"svg.hashsalt": "partialpool"}):
        if isinstance(figure, Figure):
            _save_matplotlib(figure, buffer, format=suffix, dpi=dpi, metadata=metadata)
        else:
            figure.save(buffer, format=suffix, dpi=dpi, metadata=metadata, verbose=False)
    return buffer.getvalue()


def _save_matplotlib(figure: Any, buffer: io.BytesIO, **how: Any) -> None:
    from matplotlib import pyplot as plt

    try:
        figure.savefig(buffer, bbox_inches="tight", **how)
    finally:
        plt.close(figure)


@contextmanager
def _off_screen() -> Iterator[None]:
    """Draw with matplotlib's Agg back end, then go back to the one that was chosen before."""
    import matplotlib as mpl

    chosen = mpl.get_backend(auto_select=False)
    mpl.use("Agg")
    try:
        yield
    finally:
        if chosen is not None:
            mpl.use(chosen)


@contextmanager
def _quietly() -> Iterator[None]:
    """Turn warnings of the drawing libraries into lines of the debug log."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        logger.debug("While drawing: %s", warning.message)
