"""Draws of a posterior, by chain and by parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from partialpool.figures.parts.densities import Floats

if TYPE_CHECKING:
    import xarray as xr

SAMPLE_DIMS = {"chain", "draw"}


def by_chain(values: xr.DataArray) -> Floats:
    """Get the draws of one number as (chain, draw)."""
    return values.transpose("chain", "draw").to_numpy().astype("float64")


def element(posterior: xr.Dataset, parameter: str) -> xr.DataArray:
    """Get the draws of one element of an effect, such as ``gene_effect[KRAS]``."""
    effect, _, label = parameter.removesuffix("]").partition("[")
    draws = posterior[effect]
    dims = [str(dim) for dim in draws.dims if dim not in SAMPLE_DIMS]
    labels = label.split(", ") if len(dims) > 1 else [label]
    return draws.sel(dict(zip(dims, labels, strict=True))).drop_vars(dims)


def replicated_screens(group: xr.Dataset) -> Floats:
    """Get the simulated log fold changes as (screen, measurement)."""
    lfc = group["lfc"].transpose("chain", "draw", ...).to_numpy()
    return np.asarray(lfc.reshape(-1, lfc.shape[-1]))
