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
    """Truth rows of one effect.

    Parameters
    ----------
    parameter
        The name of the effect, e.g. ``"gene_effect"``.
    values
        (n,) the planted values, in LFC units.
    **keys
        The labels of the values, under any of `hugo_symbol`, `sgrna` and `depmap_id`.

    Returns
    -------
    pd.DataFrame
        Rows of `parameter`, the given keys and `value`.
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
        Sequence of pandas.DataFrame
        Results of `planted_effect`.
    hyperparameters
        Mapping of str to float
        Scalars, which get no keys.

    Returns
    -------
    pandas.DataFrame
        Columns `parameter, hugo_symbol, sgrna, depmap_id, value`, one row per planted value;
        a key that does not apply is NaN.
    """
    scalars = pd.DataFrame(
        {"parameter": list(hyperparameters), "value": list(hyperparameters.values())}
    )
    table = pd.concat([*effects, scalars], ignore_index=True).reindex(columns=TRUTH_COLUMNS)
    return table.astype(dict.fromkeys(("parameter", *KEY_COLUMNS), "str")).astype(
        {"value": "float64"}
    )
