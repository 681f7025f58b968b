"""Pure functions that turn the raw screen table into the modelling table.

`prepare` calls all steps: `read_columns`, `check_columns`, `exclude`, `categorise`,
`scale_copy_number`, `scale_rna_expression`, `mark_mutated` and `data_quality`.
"""

import pandas as pd

from partialpool.preparation.covariates import (
    categorise,
    mark_mutated,
    scale_copy_number,
    scale_rna_expression,
)
from partialpool.preparation.data_settings import DataSettings
from partialpool.preparation.exclusions import Exclusions, exclude
from partialpool.preparation.quality import CONSTANT_CN, data_quality
from partialpool.preparation.remarks import Remark
from partialpool.preparation.scale import long_upper_tail, require_depletion
from partialpool.preparation.schema import check_columns, read_columns, validate

__all__ = [
    "CONSTANT_CN",
    "DataSettings",
    "Exclusions",
    "Remark",
    "categorise",
    "check_columns",
    "data_quality",
    "exclude",
    "long_upper_tail",
    "mark_mutated",
    "prepare",
    "read_columns",
    "require_depletion",
    "scale_copy_number",
    "scale_rna_expression",
    "validate",
]


def prepare(raw: pd.DataFrame, settings: DataSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the modelling table from a raw screen.

    Parameters
    ----------
    raw
        Table with one row per sgRNA x replicate, see `validate`. It is not changed.
    settings
        Which labels to merge and rows to leave out, and where to clip copy number.

    Returns
    -------
    screen : pandas.DataFrame
        The modelling table, see `categorise` and the steps after it.
    quality : pandas.DataFrame
        The data-quality table, see `data_quality`.

    Raises
    ------
    ScreenError
        If the table can't be modelled. The message says how to fix it.
    """
    read, remarks = read_columns(raw, settings)
    table = check_columns(read)
    kept, counts = exclude(table, settings)
    screen = mark_mutated(scale_rna_expression(scale_copy_number(categorise(kept), settings)))
    remarks = (*remarks, *long_upper_tail(screen))
    return screen, data_quality(table, screen, counts, settings, remarks)
