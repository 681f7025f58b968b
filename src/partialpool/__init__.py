"""Partial pooling for pooled CRISPR screens."""

import os
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from partialpool.interface import Fit, fit
    from partialpool.models import MODELS

__version__ = version("partialpool")
__all__ = ["MODELS", "Fit", "fit"]

# PyTensor must know this before it is imported. Everything that costs time is compiled by numba,
# which pip installs, so no C++ compiler or system BLAS is looked for. A user's own flags win.
os.environ.setdefault("PYTENSOR_FLAGS", "cxx=,blas__ldflags=")


def __getattr__(name: str) -> Any:
    """Import the interface when it is used, so that every kedro command starts fast."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from partialpool import interface

    return getattr(interface, name)
