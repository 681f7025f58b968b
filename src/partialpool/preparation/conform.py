"""Uniform values for each kind of column, whatever program wrote the table.

Nothing is checked here. A value that can't be read is left unchanged, and the schema reports it.
Every function takes a column and returns a new one of the same length and index.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from partialpool.preparation.columns import BOOLEAN, MISSING, NUMBER, TEXT

_TRUE = frozenset({"true", "t", "yes", "1", "1.0"})
_FALSE = frozenset({"false", "f", "no", "0", "0.0"})


def conform(raw: pd.DataFrame) -> pd.DataFrame:
    """Make the values of the known columns of a raw table uniform.

    Parameters
    ----------
    raw
        The table as it was read. It is not changed.

    Returns
    -------
    pandas.DataFrame
        The same rows, numbered from 0. Text columns contain text. Boolean columns contain nullable
        booleans if every value can be read. Number columns contain numbers, or text that is not
        read yet. Columns that are not known are unchanged.
    """
    table = raw.reset_index(drop=True)
    readers = {TEXT: as_text, BOOLEAN: as_boolean, NUMBER: as_number}
    read = {
        name: reader(table[name])
        for names, reader in readers.items()
        for name in names
        if name in table.columns
    }
    if "pdna_batch" in read:
        read["pdna_batch"] = read["pdna_batch"].str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    return table.assign(**read)


def as_text(column: pd.Series) -> pd.Series:
    """Read identifiers. Whole numbers lose their decimals (3.0 is "3"), "NA" becomes missing."""
    if isinstance(column.dtype, pd.StringDtype):
        return column.astype("str").mask(column.isin(MISSING))
    return _translate(column, _spell).astype("str")


def as_boolean(column: pd.Series) -> pd.Series:
    """Read TRUE, True, true, T, yes, 1 and their opposites; leave other values unchanged."""
    if types.is_bool_dtype(column.dtype):
        return column.astype("boolean")
    read = _translate(column, _truth)
    readable = read.isna() | read.isin([True, False])
    return read.astype("boolean") if readable.all() else read


def as_number(column: pd.Series) -> pd.Series:
    """Keep numbers, and keep everything else as text, which the schema then tries to read."""
    if types.is_numeric_dtype(column.dtype) and not types.is_bool_dtype(column.dtype):
        return column
    text = column.astype("str")
    return text.mask(column.isna() | text.isin(MISSING))


def _translate(column: pd.Series, translate: Callable[[Any], object]) -> pd.Series:
    """Apply a function to each distinct value of a column; missing values stay missing."""
    codes, distinct = pd.factorize(column)
    values = np.empty(len(distinct) + 1, dtype=object)
    values[:-1] = [translate(value) for value in distinct]
    values[-1] = None
    return pd.Series(values[codes], index=column.index, name=column.name, dtype=object)


def _spell(value: Any) -> str | None:
    whole = isinstance(value, float) and value.is_integer()
    text = str(int(value)) if whole else str(value)
    return None if text in MISSING else text


def _truth(value: object) -> object:
    text = str(value).strip()
    if text in MISSING:
        return None
    if text.lower() in _TRUE:
        return True
    return False if text.lower() in _FALSE else text
