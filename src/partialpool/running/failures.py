"""How a failed command ends: with the message alone, where it says how to mend things."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from traceback import walk_tb
from types import TracebackType

from partialpool.errors import PartialpoolError

#: What Kedro raises, or where, if it does not find what a run asks for by name.
NO_ENVIRONMENT = "MissingConfigException"
SESSION, PIPELINE = "kedro.framework.session.session", "kedro.pipeline."
#: Set this environment variable to see where in the code an error was raised.
TRACEBACK = "PARTIALPOOL_TRACEBACK"


def tell_plainly() -> None:
    """From now on an error that the user can mend ends this process without a traceback.

    PyTensor puts a hook of its own in place when it is imported, so this is called again when a
    run fails.
    """
    if sys.excepthook is not _tell and not os.environ.get(TRACEBACK):
        _others.append(sys.excepthook)
        sys.excepthook = _tell


#: What tells all other errors: Python itself, or what was there last.
_others = [sys.__excepthook__]


def _tell(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    chain = list(_causes(error))
    told = next((cause for cause in chain if _can_be_mended(cause)), None)
    if told is None:
        _others[-1](kind, error, traceback)
    else:
        notes = [note for cause in chain for note in getattr(cause, "__notes__", [])]
        words = [f"{type(told).__name__}: {told}", *dict.fromkeys(notes)]
        print("", *words, sep="\n", file=sys.stderr)


def _can_be_mended(error: BaseException) -> bool:
    return isinstance(error, PartialpoolError) or _is_misspelt(error)


def _is_misspelt(error: BaseException) -> bool:
    """Whether Kedro did not find an environment, pipeline or node that was asked for by name.

    For the latter two it raises plain errors while it puts the pipeline of a run together: in
    ``KedroSession.run``, or below it in nothing but ``kedro.pipeline``.
    """
    if type(error).__name__ == NO_ENVIRONMENT:
        return True
    modules = [frame.f_globals.get("__name__", "") for frame, _ in walk_tb(error.__traceback__)]
    if SESSION not in modules:
        return False
    below = modules[len(modules) - modules[::-1].index(SESSION) :]
    return all(module.startswith(PIPELINE) for module in below)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it was raised from: Kedro wraps those of datasets in its own."""
    while error is not None:
        yield error
        error = error.__cause__
