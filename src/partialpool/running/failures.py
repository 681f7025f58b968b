"""Shows an error that the user can fix as one message, without a traceback."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from types import TracebackType

from partialpool.errors import PartialpoolError

#: Set this environment variable to see where in the code an error was raised.
TRACEBACK = "PARTIALPOOL_TRACEBACK"
#: The loggers with which Kedro repeats the error of a node, and advises how to resume the run.
REPEATING = (
    "kedro.pipeline.node",
    *(f"kedro.runner.{name}_runner" for name in ("sequential", "thread", "parallel")),
    "partialpool.running.runner",
)


def show_only_messages() -> None:
    """Print a `PartialpoolError` that ends this process without its traceback.

    Every other error keeps its traceback. PyTensor replaces ``sys.excepthook`` when it is
    imported, so this is called again when a run fails.
    """
    if sys.excepthook is not _print_error and not os.environ.get(TRACEBACK):
        _other_hooks.append(sys.excepthook)
        sys.excepthook = _print_error
        for name in REPEATING:
            logging.getLogger(name).addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:  # noqa: ARG001
    """Drop what Kedro logs while it handles a `PartialpoolError`, which is printed at the end."""
    return _fixable(sys.exc_info()[1]) is None


#: The hooks for all other errors: Python's own, then whatever replaced it.
_other_hooks = [sys.__excepthook__]


def _print_error(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    fixable = _fixable(error)
    if fixable is None:
        _other_hooks[-1](kind, error, traceback)
    else:
        notes = [note for cause in _causes(error) for note in getattr(cause, "__notes__", [])]
        lines = [f"{type(fixable).__name__}: {fixable}", *dict.fromkeys(notes)]
        print("", *lines, sep="\n", file=sys.stderr)


def _fixable(error: BaseException | None) -> PartialpoolError | None:
    """Find the first `PartialpoolError` among an error and its causes."""
    return next((cause for cause in _causes(error) if isinstance(cause, PartialpoolError)), None)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and its causes. Kedro wraps the errors of datasets in its own."""
    while error is not None:
        yield error
        error = error.__cause__
