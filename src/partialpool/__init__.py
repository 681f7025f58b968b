"""Partial pooling for pooled CRISPR screens."""

import os

__version__ = "0.1.0"

# PyTensor must know this before it is imported. Everything that costs time is compiled by numba,
# which pip installs, so no C++ compiler or system BLAS is looked for. A user's own flags win.
os.environ.setdefault("PYTENSOR_FLAGS", "cxx=,blas__ldflags=")
