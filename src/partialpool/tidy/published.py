"""Compares estimates with those that the expression notebook printed for its simulated screen.

The notebook's model had a level for genes and a level for cell lines. The data determine only their
sum, so each of these effects had a standard deviation of 1.5. Contrasts can be compared: the effect
of a gene in the average cell line, and the distance of a line from the average line.

The notebook's table of predictions has intervals of ``az.hpd`` with ``credible_interval=0.89``.
They are intervals of the mean of each measurement, not of the measurement. They are as wide as
94 % intervals: 94 % intervals of the same posterior reproduce the table within 0.03, and 89 %
intervals do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

#: The first and last LFC that the notebook printed. They identify its screen.
FIRST_LFC, LAST_LFC = 7.516370, -1.022285
PRINTED_DIGITS = 6
#: Parameter -> mean and sd, as ``az.summary`` printed them in ``model-experimentation-m4``.
PUBLISHED: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "mu_gene": (-0.236, 1.490),
        "mu_cell_line": (-0.263, 1.504),
        "mu_rna": (-1.488, 0.530),
        "sigma_gene": (0.823, 0.353),
        "sigma_cell_line": (3.225, 0.495),
        "sigma_rna": (1.188, 0.494),
        "gene_effect[geneA]": (-1.029, 1.504),
        "gene_effect[geneB]": (0.031, 1.504),
        "gene_effect[geneC]": (0.658, 1.504),
        "gene_effect[geneD]": (-0.135, 1.504),
        "gene_effect[geneE]": (-0.733, 1.503),
        "rna_effect[geneA]": (-2.552, 0.044),
        "rna_effect[geneB]": (-2.887, 0.048),
        "rna_effect[geneC]": (-0.563, 0.053),
        "rna_effect[geneD]": (-2.239, 0.043),
        "rna_effect[geneE]": (-1.284, 0.047),
        "cell_line_effect[cellA]": (5.544, 1.506),
        "cell_line_effect[cellB]": (0.059, 1.506),
        "cell_line_effect[cellC]": (-0.008, 1.507),
        "cell_line_effect[cellD]": (-4.226, 1.507),
        "cell_line_effect[cellE]": (-3.294, 1.505),
        "cell_line_effect[cellF]": (0.588, 1.506),
        "cell_line_effect[cellG]": (-1.565, 1.506),
        "cell_line_effect[cellH]": (1.779, 1.505),
        "cell_line_effect[cellI]": (3.398, 1.505),
        "cell_line_effect[cellJ]": (-4.801, 1.507),
        "cell_line_effect[cellK]": (-5.468, 1.504),
        "cell_line_effect[cellL]": (1.968, 1.505),
        "cell_line_effect[cellM]": (-1.501, 1.503),
        "cell_line_effect[cellN]": (0.844, 1.504),
        "cell_line_effect[cellO]": (2.759, 1.504),
        "cell_line_effect[cellP]": (2.429, 1.505),
        "cell_line_effect[cellQ]": (-6.544, 1.504),
        "cell_line_effect[cellR]": (0.599, 1.506),
        "cell_line_effect[cellS]": (3.342, 1.506),
        "cell_line_effect[cellT]": (-1.825, 1.506),
    }
)
#: The level of the cell lines. A fit whose lines sum to zero does not have this parameter.
LINE_LEVEL = "mu_cell_line"
#: Patterns of parameters that contain the level of the genes, and of the cell lines. The average of
#: the cell lines is added to the first and subtracted from the second.
OF_GENES, OF_LINES = r"^(?:mu_gene|gene_effect\[.*)$", r"^(?:mu_cell_line|cell_line_effect\[.*)$"
AVERAGE = "average(cell_line_effect)"
COLUMNS = ("parameter", "published_mean", "published_sd", "mean", "sd", "distance")


def estimates_vs_published(screen: pd.DataFrame, convergence: pd.DataFrame) -> pd.DataFrame:
    """Compare estimates with the published ones.

    Parameters
    ----------
    screen
        The modelling table that was fitted.
    convergence
        The summary of every parameter of the fit.

    Returns
    -------
    pd.DataFrame
        ``parameter`` (for contrasts, a difference or sum), ``published_mean``, ``published_sd``
        (missing for contrasts, because it was not printed), ``mean``, ``sd`` and ``distance``
        between the means, in published sds or, for contrasts, in sds of the fit. No rows if
        `screen` is not the notebook's.
    """
    if not _is_notebooks(screen["lfc"]):
        return pd.DataFrame(columns=list(COLUMNS))
    published = pd.DataFrame.from_dict(dict(PUBLISHED), orient="index", columns=["mean", "sd"])
    found = convergence.set_index("parameter")[["mean", "sd"]].reindex(published.index)
    # If lines sum to zero, they are contrasts already, and gene effects are for the average line.
    are_contrasts = LINE_LEVEL not in set(convergence["parameter"])
    sign = _sign_of_average(published.index)
    is_contrast = sign != 0
    table = pd.DataFrame(
        {
            "parameter": _names(published.index, sign),
            "published_mean": _from_average_line(published["mean"], sign),
            "published_sd": published["sd"].mask(is_contrast),
            "mean": _from_average_line(found["mean"], sign),
            "sd": found["sd"] if are_contrasts else found["sd"].mask(is_contrast),
        }
    ).reset_index(drop=True)
    distance = (table["mean"] - table["published_mean"]) / table["published_sd"].fillna(table["sd"])
    return table.assign(distance=distance)


def _sign_of_average(parameters: pd.Index) -> np.ndarray:
    """Find the sign with which the average of the cell lines is added to a parameter, or 0."""
    names = parameters.to_series()
    return np.select([names.str.match(OF_GENES), names.str.match(OF_LINES)], [1, -1], 0)


def _from_average_line(means: pd.Series, sign: np.ndarray) -> pd.Series:
    is_line = means.index.str.startswith("cell_line_effect[")
    return means + sign * means[is_line].mean()


def _names(parameters: pd.Index, sign: np.ndarray) -> list[str]:
    added = {0: "", 1: f" + {AVERAGE}", -1: f" - {AVERAGE}"}
    return [f"{name}{added[int(one)]}" for name, one in zip(parameters, sign, strict=True)]


def _is_notebooks(lfc: pd.Series) -> bool:
    ends = np.round(lfc.iloc[[0, -1]].to_numpy(), PRINTED_DIGITS)
    return bool((ends == [FIRST_LFC, LAST_LFC]).all())
