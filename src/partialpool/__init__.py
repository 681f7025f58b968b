"""Partial pooling for pooled CRISPR screens."""

import os
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from partialpool.interface import Fit, fit
    from partialpool.interface_counts import from_counts, from_depmap, read_counts, read_depmap
    from partialpool.interface_dependency import DependencyResult, fit_dependency
    from partialpool.models import MODELS

__version__ = version("partialpool")
__all__ = [
    "MODELS",
    "DependencyResult",
    "Fit",
    "fit",
    "fit_dependency",
    "from_counts",
    "from_depmap",
    "read_counts",
    "read_depmap",
]

# This must be set before PyTensor is imported. All slow code is compiled by numba, which pip
# installs, so PyTensor need not look for a C++ compiler or a system BLAS. If the user has set
# flags, they are kept.
os.environ.setdefault("PYTENSOR_FLAGS", "cxx=,blas__ldflags=")


def __getattr__(name: str) -> Any:
    """Import the interface only when it is used, so that kedro commands start fast."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from partialpool import interface, interface_counts, interface_dependency

    modules = interface, interface_counts, interface_dependency
    return next(getattr(module, name) for module in modules if hasattr(module, name))
