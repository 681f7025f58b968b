"""Tables of the page: what a column is called, how its values look, and its rows."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd

#: ``number``: fixed digits; ``general``: significant digits; ``count``: whole; ``share``: per cent.
Kind = Literal["text", "number", "general", "count", "share", "flag"]

#: A longer table shows its ends only, and names the file that holds all of it.
MAX_ROWS = 5_000
#: Rows that are there before any script runs.
FIRST_ROWS = 10
#: Digits kept of a number in the page; the files hold all of them.
PRECISION = 5


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    label : its heading
    kind : how its values look
    digits : of a ``number`` after the point, of a ``general`` in all
    hint : what it holds, in a sentence
    """

    label: str
    kind: Kind
    digits: int = 3
    hint: str = ""


#: Name of a column of a table of the project -> how it is shown.
COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "hugo_symbol": Column("gene", "text"),
        "sgrna": Column("guide", "text", hint="Sequence of the sgRNA"),
        "depmap_id": Column("cell line", "text", hint="DepMap id"),
        "verdict": Column("verdict", "flag", hint="Whether the model's sampler converged"),
        "mean": Column("estimate", "number", 3, "Mean of the posterior"),
        "sd": Column("±\u00a0sd", "number", 3, "Standard deviation of the posterior"),
        "hdi_lower": Column("from", "number", 3, "Lower end of the interval (HDI)"),
        "hdi_upper": Column("to", "number", 3, "Upper end of the interval (HDI)"),
        "direction": Column(
            "direction", "text", hint="Negative or positive if the whole interval is; else unclear"
        ),
        "true_value": Column("planted", "number", 3, "What the simulation planted"),
        "ess_bulk": Column("ESS", "count", hint="Effective number of draws (bulk)"),
        "r_hat": Column("R-hat", "number", 4, "Agreement of the chains; 1 is perfect"),
        "share": Column("share", "share"),
        "share_inside": Column("share inside", "share"),
        "elpd_loo": Column("elpd", "number", 1, "Log predictive density; higher is better"),
        "elpd_loo_se": Column("\u00b1\u00a0SE", "number", 1, "Standard error of elpd"),
        "p_loo": Column("parameters", "number", 1, "Effective number of parameters"),
        "elpd_diff": Column("behind the best", "number", 1, "Difference in elpd"),
        "elpd_diff_se": Column("\u00b1\u00a0SE", "number", 1, "Standard error of the difference"),
        "n_bad_k": Column("bad k", "count", hint="Measurements whose estimate can't be trusted"),
        "n": Column("planted values", "count"),
        "n_inside": Column("inside their interval", "count"),
    }
)


@dataclass(frozen=True)
class Table:
    """A table as the page shows it.

    Attributes
    ----------
    title, how_to_read : of the table
    file_name : of its download, without the ending
    columns, rows : what it holds; a missing value is None
    note : where the rest of it is, if it is not whole
    """

    title: str
    how_to_read: str
    file_name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    note: str = ""

    @property
    def first_rows(self) -> list[list[tuple[Column, Any, str]]]:
        """The first rows as (column, value, text)."""
        return [
            [
                (column, value, text(value, column))
                for column, value in zip(self.columns, row, strict=True)
            ]
            for row in self.rows[:FIRST_ROWS]
        ]

    @property
    def as_json(self) -> str:
        """The whole table for the page's script, safe inside an HTML script element."""
        columns = [
            {"title": c.label, "kind": c.kind, "digits": c.digits, "hint": c.hint}
            for c in self.columns
        ]
        content = {"name": self.file_name, "columns": columns, "rows": self.rows}
        return json.dumps(content, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def table_of(
    frame: pd.DataFrame,
    title: str,
    how_to_read: str = "",
    file_name: str = "table",
    source: str = "",
    rank_by: str = "mean",
) -> Table:
    """Make a table of a data frame.

    Parameters
    ----------
    source : file that holds all of it, named if only the ends by ``rank_by`` are shown
    """
    shown = _ends(frame, rank_by)
    columns = tuple(_column(name, frame[name]) for name in frame.columns)
    values = [_values(shown[name]) for name in frame.columns]
    note = ""
    if len(shown) < len(frame):
        where = f"; all of them are in {source}" if source else ""
        note = (
            f"The {MAX_ROWS // 2:,} lowest and {MAX_ROWS // 2:,} highest of {len(frame):,} "
            f"rows{where}."
        )
    return Table(title, how_to_read, file_name, columns, tuple(zip(*values, strict=True)), note)


def text(value: Any, column: Column) -> str:
    """A value as the page shows it; the page's script does the same."""
    if value is None:
        return ""
    match column.kind:
        case "number":
            return f"{value:.{column.digits}f}".replace("-", "\u2212")
        case "general":
            return f"{value:.{column.digits}g}".replace("-", "\u2212")
        case "count":
            return f"{value:,.0f}".replace("-", "\u2212")
        case "share":
            return f"{100 * value:.1f} %"
        case _:
            return str(value)


def _column(name: str, values: pd.Series) -> Column:
    if name in COLUMNS:
        return COLUMNS[name]
    label = name.replace("_", " ")
    if pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values):
        return Column(label, "text")
    return Column(label, "count" if pd.api.types.is_integer_dtype(values) else "general", 4)


def _ends(frame: pd.DataFrame, rank_by: str) -> pd.DataFrame:
    """The rows, or those at either end if they are too many."""
    if len(frame) <= MAX_ROWS:
        return frame
    ranked = frame.sort_values(rank_by, kind="stable") if rank_by in frame else frame
    half = MAX_ROWS // 2
    return pd.concat([ranked.iloc[:half], ranked.iloc[-half:]])


def _values(values: pd.Series) -> Sequence[Any]:
    if pd.api.types.is_integer_dtype(values):
        return [None if pd.isna(value) else int(value) for value in values]
    if pd.api.types.is_float_dtype(values):
        return [_rounded(value) for value in values.to_numpy(dtype="float64")]
    return [None if pd.isna(value) else str(value) for value in values]


def _rounded(value: float) -> float | None:
    if not math.isfinite(value):
        return None
    if value == 0 or abs(value) >= 1:
        return round(float(value), PRECISION)
    return float(np.format_float_positional(value, PRECISION, fractional=False))
