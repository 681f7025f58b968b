"""Tables in the format that R writes."""

import pandas as pd


def as_r_table(table: pd.DataFrame) -> pd.DataFrame:
    """Write the booleans of a table as R does, so that its CSV file looks like one of R.

    Parameters
    ----------
    table
        Any table. Boolean columns have dtype bool, boolean, or object with missing values.

    Returns
    -------
    pandas.DataFrame
        The same columns, with "TRUE" and "FALSE" for booleans. Missing values stay missing (write
        them with ``na_rep="NA"``). The input is not changed.
    """
    spelled = {
        column: table[column].map({True: "TRUE", False: "FALSE"}).astype("str")
        for column in table.columns
        if pd.api.types.infer_dtype(table[column], skipna=True) == "boolean"
    }
    return table.assign(**spelled)
