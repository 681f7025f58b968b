"""Figures drawn by several processes at once.

Plotnine keeps one core busy, and its pyplot serves one thread at a time. So the drawing is done
by processes that run ``partialpool.figures.worker``: started afresh, as a fork would copy the
threads of samplers half; told what to draw through a pipe, so that they end when this process
does, however it ends.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from partialpool.figures.pictures import Drawing, Picture, picture


class DrawingError(RuntimeError):
    """A figure can't be drawn."""


def draw_all(drawings: Iterable[tuple[str, Drawing]], cores: int) -> dict[str, Picture]:
    """Draw figures, ``cores`` of them at once.

    Parameters
    ----------
    drawings
        Name of a figure, and a call that gives its plot; where ``cores`` is above 1 the
        call must be picklable, such as a ``functools.partial`` of a module's function. Drawing
        begins with the first, while the others are made.
    cores
        Processes that draw; 1: this one.

    Returns
    -------
    dict[str, Picture]
        The pictures, by name.

    Raises
    ------
    DrawingError
        Names the figure that can't be drawn.
    """
    if cores == 1:
        return {name: _drawn(name, attempt(drawing)) for name, drawing in drawings}
    pool = _pool(cores, os.getpid())
    begun = {name: pool.submit(_draw_elsewhere, drawing) for name, drawing in drawings}
    return {name: _drawn(name, future.result()) for name, future in begun.items()}


def attempt(drawing: Drawing) -> Picture | Exception:
    """Draw a figure, or say why that failed: where it failed is noted on the error."""
    import traceback

    try:
        return picture(drawing)
    except Exception as error:
        told = DrawingError(f"{type(error).__name__}: {error}")
        told.add_note(traceback.format_exc())
        return told


def _drawn(name: str, result: Picture | Exception) -> Picture:
    if isinstance(result, Picture):
        return result
    error = DrawingError(f"The figure {name} can't be drawn: {result}")
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

    def draw(self, drawing: Drawing) -> Picture | Exception:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(pickle.dumps(drawing, pickle.HIGHEST_PROTOCOL))
            stdin.flush()
            drawn: Picture | Exception = pickle.load(stdout)
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


def _draw_elsewhere(drawing: Drawing) -> Picture | Exception:
    """Draw with the process that belongs to this thread."""
    worker = getattr(_of_thread, "worker", None)
    if worker is None or not worker.is_alive:
        worker = _of_thread.worker = _Worker()
    return worker.draw(drawing)


@cache
def _pool(cores: int, process: int) -> ThreadPoolExecutor:  # noqa: ARG001
    """A thread for each process that draws; none that a fork of another process left behind."""
    return ThreadPoolExecutor(cores, thread_name_prefix="draw")
