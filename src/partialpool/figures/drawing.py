"""Draws figures in several processes at once.

Plotnine uses one core, and pyplot is not thread-safe. So separate processes draw, which run
``partialpool.figures.worker``. They are not forked, because a fork would leave the threads of the
samplers in an undefined state. They read their tasks from a pipe, so they end when this process
ends.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache, partial
from typing import Any

from partialpool.figures.failed import marked_failed
from partialpool.figures.figure import Figure
from partialpool.figures.pictures import Drawing, Picture, png


class DrawingError(RuntimeError):
    """A figure cannot be drawn."""


def draw_figures(
    figures: Iterable[Figure], given: object, cores: int, *, failed: bool = False
) -> dict[str, Picture]:
    """Make the tables of figures, and draw them.

    Parameters
    ----------
    figures
        The figures to draw.
    given
        The data that the figures are drawn from, see ``partialpool.figures.given``.
    cores
        The number of processes that draw. With 1, this process draws.
    failed
        Whether the fit failed its convergence check, so that its figures are marked.

    Returns
    -------
    dict[str, Picture]
        The pictures by name, in the order of ``figures``.

    Raises
    ------
    DrawingError
        Names the figure that cannot be drawn.
    """
    captions: dict[str, Picture] = {}

    def drawings() -> Iterator[tuple[str, Drawing]]:
        for figure in figures:
            made = _made(figure, given)
            caption = Picture(b"", figure.title, figure.how_to_read, figure.group)
            if isinstance(made, str):
                captions[figure.name] = replace(caption, reason=made)
                continue
            captions[figure.name] = caption
            drawing: Drawing = partial(figure.draw, **made)
            yield figure.name, partial(marked_failed, drawing) if failed else drawing

    drawn = draw_all(drawings(), cores)
    return {name: replace(caption, png=drawn.get(name, b"")) for name, caption in captions.items()}


def _made(figure: Figure, given: object) -> Mapping[str, Any] | str:
    """Make the tables of a figure; an error names the figure."""
    try:
        return figure.made_of(given)
    except Exception as error:
        message = f"The tables of figure {figure.name} cannot be made: {error}"
        raise DrawingError(message) from error


def draw_all(drawings: Iterable[tuple[str, Drawing]], cores: int) -> dict[str, bytes]:
    """Draw plots with several processes.

    Parameters
    ----------
    drawings
        The name of each figure, and a call that makes its plot. With more than one of ``cores``,
        the call must be picklable, such as a ``functools.partial`` of a module's function. One
        figure is drawn while the tables of the next one are made.
    cores
        The number of processes that draw. With 1, this process draws.

    Returns
    -------
    dict[str, bytes]
        Name -> PNG.

    Raises
    ------
    DrawingError
        Names the figure that cannot be drawn.
    """
    if cores == 1:
        return {name: _drawn(name, attempt(drawing)) for name, drawing in drawings}
    pool = _pool(cores, os.getpid())
    begun = {name: pool.submit(_draw_elsewhere, drawing) for name, drawing in drawings}
    return {name: _drawn(name, future.result()) for name, future in begun.items()}


def attempt(drawing: Drawing) -> bytes | Exception:
    """Draw a plot, or return the error with its traceback as a note."""
    import traceback

    try:
        return png(drawing)
    except Exception as error:
        failure = DrawingError(f"{type(error).__name__}: {error}")
        failure.add_note(traceback.format_exc())
        return failure


def _drawn(name: str, result: bytes | Exception) -> bytes:
    if isinstance(result, bytes):
        return result
    error = DrawingError(f"The figure {name} cannot be drawn: {result}")
    for note in getattr(result, "__notes__", ()):
        error.add_note(note)
    raise error from result


class _Worker:
    """A process that draws one figure after another."""

    def __init__(self) -> None:
        path = os.pathsep.join(filter(None, sys.path))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "partialpool.figures.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": path, "MPLBACKEND": "agg"},
            start_new_session=True,  # Ctrl-C is for the run, which ends this process
        )
        atexit.register(self._stop)

    def draw(self, drawing: Drawing) -> bytes | Exception:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(pickle.dumps(drawing, pickle.HIGHEST_PROTOCOL))
            stdin.flush()
            drawn: bytes | Exception = pickle.load(stdout)
        except (EOFError, BrokenPipeError):
            code = self._process.wait()
            return DrawingError(f"the process that drew it ended with code {code}")
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            return error  # the call can't be sent to another process
        return drawn

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def _stop(self) -> None:
        self._process.communicate()


_of_thread = threading.local()


def _draw_elsewhere(drawing: Drawing) -> bytes | Exception:
    """Draw with the process that belongs to this thread."""
    worker = getattr(_of_thread, "worker", None)
    if worker is None or not worker.is_alive:
        worker = _of_thread.worker = _Worker()
    return worker.draw(drawing)


@cache
def _pool(cores: int, process: int) -> ThreadPoolExecutor:  # noqa: ARG001
    """Make a thread for each process that draws. After a fork, the threads are made again."""
    return ThreadPoolExecutor(cores, thread_name_prefix="draw")
