"""Compiling with PyTensor, one graph at a time: its flags belong to the whole process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

#: Held while something is compiled, never while it runs: fits of other threads go on.
COMPILING = threading.RLock()


@contextmanager
def numba_kernels() -> Iterator[None]:
    """Compile, and let PyTensor fuse as many operands as numba takes.

    Where PyTensor is told of no C++ compiler (see ``partialpool/__init__.py``) it keeps to the
    32 operands of NumPy's kernels, and warns; what is compiled here never runs there.
    """
    import pytensor

    with COMPILING, pytensor.config.change_flags(cxx="g++"):
        yield
