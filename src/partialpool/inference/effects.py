"""Tables of effects: a row per gene, guide or cell line, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from partialpool.screen import DIM_COLUMNS, Screen

if TYPE_CHECKING:
    import xarray as xr

LABELS = tuple(DIM_COLUMNS.values())
ESTIMATES = ("mean", "sd", "hdi_lower", "hdi_upper", "ess_bulk", "ess_tail", "r_hat")


def effect_table(convergence: pd.DataFrame, posterior: xr.Dataset, screen: Screen) -> pd.DataFrame:
    """Label the estimates of every effect.

    Returns
    -------
    A row per element: ``parameter``, ``effect`` (such as ``sgrna_effect``), ``hugo_symbol``,
    ``sgrna``, ``depmap_id`` (missing where a label does not apply; a guide has its gene too),
    then ``mean``, ``sd``, ``hdi_lower``, ``hdi_upper`` in log2 fold change (``rna_effect``: per
    standard deviation of the gene's RNA) and ``ess_bulk``, ``ess_tail``, ``r_hat``.
    """
    dims = {name: _dims(posterior[name]) for name in posterior.data_vars}
    labels = pd.concat([element_labels(screen, str(name), ds) for name, ds in dims.items() if ds])
    table = labels.merge(convergence, on="parameter", how="left", validate="one_to_one")
    return table[["parameter", "effect", *LABELS, *ESTIMATES]]


def element_labels(screen: Screen, effect: str, dims: tuple[str, ...]) -> pd.DataFrame:
    """Name the elements of an effect as ``az.summary`` does, and label them by column."""
    names = pd.MultiIndex.from_product([screen.labels[dim] for dim in dims], names=list(dims))
    columns = {DIM_COLUMNS[dim]: names.get_level_values(dim).to_numpy() for dim in dims}
    table = pd.DataFrame(columns, columns=list(LABELS), dtype=object)
    if "sgrna" in dims:
        genes = np.array(screen.labels["gene"], dtype=object)
        gene_of = dict(zip(screen.labels["sgrna"], genes[screen.gene_of_sgrna], strict=True))
        table["hugo_symbol"] = table["sgrna"].map(gene_of)
    elements = [", ".join(key) if isinstance(key, tuple) else key for key in names]
    return table.assign(effect=effect, parameter=[f"{effect}[{name}]" for name in elements])


def _dims(variable: xr.DataArray) -> tuple[str, ...]:
    return tuple(str(dim) for dim in variable.dims if dim not in ("chain", "draw"))
