"""Tables as R writes them."""

import pandas as pd


def as_r_table(table: pd.DataFrame) -> pd.DataFrame:
    """Spell the booleans of a table as R does, so that a CSV of it looks as if R had written it.

    Parameters
    ----------
    table
        Any table; boolean columns may be of dtype bool, boolean, or object with missing values.

    Returns
    -------
    pandas.DataFrame
        The same columns, with "TRUE" and "FALSE" for booleans. Missing stays missing (write it
        with ``na_rep="NA"``). The input is left as it is.
    """
    spelled = {
        column: table[column].map({True: "TRUE", False: "FALSE"}).astype("str")
        for column in table.columns
        if pd.api.types.infer_dtype(table[column], skipna=True) == "boolean"
    }
    return table.assign(**spelled)
