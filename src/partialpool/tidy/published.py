"""Estimates beside those that the expression notebook printed for its simulated screen."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

#: What tells the notebook's screen from one of other settings: its printed first and last LFC.
FIRST_LFC, LAST_LFC = 7.516370, -1.022285
PRINTED_DIGITS = 6
#: Parameter -> mean and sd, as ``az.summary`` printed them in ``model-experimentation-m4``. Genes
#: and lines are not among them: only their sums were known (sd 1.5), as their levels traded off.
PUBLISHED: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "mu_rna": (-1.488, 0.530),
        "sigma_gene": (0.823, 0.353),
        "sigma_cell_line": (3.225, 0.495),
        "sigma_rna": (1.188, 0.494),
        "rna_effect[geneA]": (-2.552, 0.044),
        "rna_effect[geneB]": (-2.887, 0.048),
        "rna_effect[geneC]": (-0.563, 0.053),
        "rna_effect[geneD]": (-2.239, 0.043),
        "rna_effect[geneE]": (-1.284, 0.047),
    }
)
COLUMNS = ("parameter", "published_mean", "published_sd", "mean", "sd", "distance")


def estimates_vs_published(screen: pd.DataFrame, convergence: pd.DataFrame) -> pd.DataFrame:
    """Put estimates beside the published ones.

    Parameters
    ----------
    screen
        The modelling table that was fitted.
    convergence
        Summary of every parameter of the fit.

    Returns
    -------
    pd.DataFrame
        ``parameter``, ``published_mean``, ``published_sd``, ``mean``, ``sd`` and ``distance``
        between the means in published sds. No rows if `screen` is not the notebook's.
    """
    if not _is_notebooks(screen["lfc"]):
        return pd.DataFrame(columns=list(COLUMNS))
    published = pd.DataFrame.from_dict(
        dict(PUBLISHED), orient="index", columns=["published_mean", "published_sd"]
    )
    found = convergence.set_index("parameter").loc[list(PUBLISHED), ["mean", "sd"]]
    table = published.join(found).rename_axis("parameter").reset_index()
    distance = (table["mean"] - table["published_mean"]) / table["published_sd"]
    return table.assign(distance=distance)


def _is_notebooks(lfc: pd.Series) -> bool:
    ends = np.round(lfc.iloc[[0, -1]].to_numpy(), PRINTED_DIGITS)
    return bool((ends == [FIRST_LFC, LAST_LFC]).all())
