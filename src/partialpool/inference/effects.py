"""Tables of effects: one row per gene, guide or cell line, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from partialpool.screen import DIM_COLUMNS, DIMS, Screen, dim_column

if TYPE_CHECKING:
    import xarray as xr

LABELS = tuple(DIM_COLUMNS.values())
ESTIMATES = ("mean", "sd", "hdi_lower", "hdi_upper", "ess_bulk", "ess_tail", "r_hat")


def effect_table(convergence: pd.DataFrame, posterior: xr.Dataset, screen: Screen) -> pd.DataFrame:
    """Label the estimates of every effect.

    Returns
    -------
    pd.DataFrame
        One row per element: ``parameter``, ``effect`` (such as ``sgrna_effect``), ``hugo_symbol``,
        ``sgrna``, ``depmap_id`` (missing if a label does not apply; guides have their gene too),
        a column for each other dim of the model, then ``mean``, ``sd``, ``hdi_lower``,
        ``hdi_upper`` in log2 fold change (slopes: per unit of their covariate) and ``ess_bulk``,
        ``ess_tail``, ``r_hat``.
    """
    dims = {name: _dims(posterior[name]) for name in posterior.data_vars}
    labels = pd.concat([element_labels(screen, str(name), ds) for name, ds in dims.items() if ds])
    table = labels.merge(convergence, on="parameter", how="left", validate="one_to_one")
    others = [dim_column(dim) for dim in screen.labels if dim not in DIMS]
    return table[["parameter", "effect", *LABELS, *others, *ESTIMATES]]


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


def _dims(variable: xr.DataArray) -> tuple[str, ...]:
    return tuple(str(dim) for dim in variable.dims if dim not in ("chain", "draw"))
