"""Compilation with PyTensor, one graph at a time, because its flags are global to the process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

#: Held only during compilation, so that fits in other threads can go on.
COMPILING = threading.RLock()


@contextmanager
def numba_kernels() -> Iterator[None]:
    """Let PyTensor fuse as many operands as numba supports, while a graph is compiled.

    Without a C++ compiler (see ``partialpool/__init__.py``), PyTensor limits the number of operands
    to 32, the limit of NumPy's kernels, and warns. Code that is compiled here does not use NumPy's
    kernels.
    """
    import pytensor

    with COMPILING, pytensor.config.change_flags(cxx="g++"):
        yield
