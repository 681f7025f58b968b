"""The planted parameter values of a simulation as a tidy table."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

TRUTH_COLUMNS = ("parameter", "hugo_symbol", "sgrna", "depmap_id", "value")
KEY_COLUMNS = ("hugo_symbol", "sgrna", "depmap_id")


def planted_effect(
    parameter: str, values: ArrayLike, **keys: Sequence[str] | pd.Series
) -> pd.DataFrame:
    """Make the rows of the truth for one effect.

    Parameters
    ----------
    parameter
        Name of the effect, for instance ``"gene_effect"``.
    values
        (n,) planted values, in LFC units.
    **keys
        Labels of the values, by the names `hugo_symbol`, `sgrna` and `depmap_id`.

    Returns
    -------
    pd.DataFrame
        A table of n rows, with columns `parameter`, the given keys and `value`.
    """
    labels = {key: np.asarray(column, dtype=object) for key, column in keys.items()}
    return pd.DataFrame({"parameter": parameter, **labels, "value": np.asarray(values)})


def truth_table(
    effects: Sequence[pd.DataFrame], hyperparameters: Mapping[str, float]
) -> pd.DataFrame:
    """Join the rows of all effects and of the hyperparameters.

    Parameters
    ----------
    effects
        Results of `planted_effect`.
    hyperparameters
        Name -> value of scalar parameters, which have no keys.

    Returns
    -------
    pd.DataFrame
        One row per planted value, with columns `parameter, hugo_symbol, sgrna, depmap_id, value`.
        Keys that do not apply are NaN.
    """
    scalars = pd.DataFrame(
        {"parameter": list(hyperparameters), "value": list(hyperparameters.values())}
    )
    table = pd.concat([*effects, scalars], ignore_index=True).reindex(columns=TRUTH_COLUMNS)
    return table.astype(dict.fromkeys(("parameter", *KEY_COLUMNS), "str")).astype(
        {"value": "float64"}
    )
