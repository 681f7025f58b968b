"""From the raw screen table to the modelling table, by pure functions.

`prepare` does it all; `validate`, `exclude`, `categorise`, `add_covariates` and `data_quality`
are its steps.
"""

import pandas as pd

from partialpool.preparation.covariates import add_covariates, categorise
from partialpool.preparation.exclusions import Exclusions, exclude
from partialpool.preparation.quality import CONSTANT_CN, data_quality
from partialpool.preparation.schema import validate
from partialpool.preparation.settings import DataSettings

__all__ = [
    "CONSTANT_CN",
    "DataSettings",
    "Exclusions",
    "add_covariates",
    "categorise",
    "data_quality",
    "exclude",
    "prepare",
    "validate",
]


def prepare(raw: pd.DataFrame, settings: DataSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the modelling table of a raw screen.

    Parameters
    ----------
    raw : pandas.DataFrame
        A row per sgRNA x replicate, see `validate`. It is not changed.
    settings : DataSettings
        What to leave out, and where to clip copy number.

    Returns
    -------
    screen : pandas.DataFrame
        The modelling table, see `categorise` and `add_covariates`.
    quality : pandas.DataFrame
        The data-quality table, see `data_quality`.

    Raises
    ------
    ScreenError
        If the table can't be modelled as it is; the message says how to mend it.
    """
    table = validate(raw)
    kept, counts = exclude(table, settings)
    screen = add_covariates(categorise(kept), settings)
    return screen, data_quality(table, screen, counts, settings)
