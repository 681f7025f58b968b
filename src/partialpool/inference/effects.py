"""Tables of effects: one row per gene, guide or cell line, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from partialpool.models.effects import Effect
from partialpool.screen import COVARIATES, DIM_COLUMNS, DIMS, Floats, Ints, Screen, dim_column

if TYPE_CHECKING:
    import xarray as xr

LABELS = tuple(DIM_COLUMNS.values())
ESTIMATES = ("mean", "sd", "hdi_lower", "hdi_upper", "ess_bulk", "ess_tail", "r_hat")
#: What the measurements say of each element, besides its estimate.
INFORMATION = ("n_measurements", "informed")


def effect_table(
    convergence: pd.DataFrame, posterior: xr.Dataset, screen: Screen, effects: Sequence[Effect]
) -> pd.DataFrame:
    """Label the estimates of every effect.

    Parameters
    ----------
    convergence
        Summary of every parameter.
    posterior
        The draws.
    screen
        What was fitted, as the model saw it.
    effects
        Those of the model.

    Returns
    -------
    pd.DataFrame
        A row per element: ``parameter``, ``effect`` (such as ``sgrna_effect``), ``hugo_symbol``,
        ``sgrna``, ``depmap_id`` (missing where a label does not apply; a guide has its gene too)
        and a column for any other dim that the model has, then ``mean``, ``sd``, ``hdi_lower``,
        ``hdi_upper`` in log2 fold change (slopes: per unit of their covariate), ``ess_bulk``,
        ``ess_tail``, ``r_hat``, and ``n_measurements`` and ``informed`` as `information` gives
        them.
    """
    known = {effect.name: effect for effect in effects}
    dims = {str(name): _dims(posterior[name]) for name in posterior.data_vars}
    tables = [
        pd.concat([element_labels(screen, name, over), information(screen, known[name])], axis=1)
        for name, over in dims.items()
        if over
    ]
    table = pd.concat(tables).merge(convergence, on="parameter", how="left", validate="one_to_one")
    others = [dim_column(dim) for dim in screen.labels if dim not in DIMS]
    return table[["parameter", "effect", *LABELS, *others, *ESTIMATES, *INFORMATION]]


def element_labels(screen: Screen, effect: str, dims: tuple[str, ...]) -> pd.DataFrame:
    """Name the elements of an effect as ``az.summary`` does, and label them by column."""
    names = pd.MultiIndex.from_product([screen.labels[dim] for dim in dims], names=list(dims))
    elements = [", ".join(key) for key in names]
    columns: dict[str, Any] = {dim_column(dim): np.nan for dim in screen.labels}
    columns |= {dim_column(dim): names.get_level_values(dim).to_numpy() for dim in dims}
    if "sgrna" in dims and "gene" not in dims:
        genes = np.array(screen.labels["gene"], dtype=object)
        columns[dim_column("gene")] = genes[screen.parents(dims, ("gene",))]
    labels = pd.DataFrame(columns, index=range(len(names)), dtype=object)
    return labels.assign(effect=effect, parameter=[f"{effect}[{name}]" for name in elements])


def information(screen: Screen, effect: Effect) -> pd.DataFrame:
    """Count the measurements that say something of each element of an effect.

    A slope shows only where its covariate differs between the measurements of an element. The
    estimate of any other element is what its population makes it.

    Returns
    -------
    pd.DataFrame
        A row per element: ``n_measurements``, of a slope along a covariate of 0 and 1 those with
        1, of any other slope those of elements whose covariate varies; and ``informed``, whether
        the measurements say anything of the element.
    """
    element, size = screen.index(effect.dims), screen.size(effect.dims)
    n = np.bincount(element, minlength=size)
    if effect.along is None:
        return pd.DataFrame({"n_measurements": n, "informed": n > 0})
    values = screen.covariates[effect.along]
    informed = _varies(values, element, size)
    is_flag = not COVARIATES[effect.along].per
    n = np.bincount(element[values != 0], minlength=size) if is_flag else np.where(informed, n, 0)
    return pd.DataFrame({"n_measurements": n, "informed": informed})


def _varies(values: Floats, element: Ints, size: int) -> npt.NDArray[np.bool_]:
    """Whether each element has measurements with different values."""
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, element, values)
    np.maximum.at(high, element, values)
    return low < high


def _dims(variable: xr.DataArray) -> tuple[str, ...]:
    return tuple(str(dim) for dim in variable.dims if dim not in ("chain", "draw"))
