"""Tables of the page: names and formats of columns, and rows."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd

#: Formats. ``number``: fixed digits; ``general``: significant digits; ``count``: whole number;
#: ``share``: per cent; ``flag``: a word with a colour.
Kind = Literal["text", "number", "general", "count", "share", "flag"]

#: A longer table shows only its first and last rows, and names the file with all rows.
MAX_ROWS = 5_000
#: The number of rows that are shown before the script runs.
FIRST_ROWS = 10
#: Numbers outside this range are shown with a power of ten.
SMALL, LARGE = 1e-4, 1e7
#: Digits of a number in the page. The files contain all digits.
PRECISION = 5


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    label
        The heading of the column.
    kind
        The format of its values.
    digits
        For ``number``, digits after the point; for ``general``, significant digits.
    hint
        A sentence that describes the column; may be empty.
    """

    label: str
    kind: Kind
    digits: int = 3
    hint: str = ""


#: Name of a column of effects or scores -> how it is shown.
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
        "guide": Column(
            "no.", "count", hint="Number of the guide within its gene, as in the figures"
        ),
        "n_measurements": Column(
            "measurements", "count", hint="Number of measurements that the model saw"
        ),
        "mean_error": Column("mean error", "number", 3, "Predicted minus measured"),
        "rmse": Column("typical error", "number", 3, "Root mean square error (RMSE)"),
        "level": Column("group", "text"),
        "label": Column("name", "text"),
        "value": Column("inside intervals", "share", hint="Share of the measurements of the group"),
        "status": Column(
            "result", "text", hint="Whether the share or count is in the expected range"
        ),
        "expected": Column("expected", "text", hint="Expected range if the model is right"),
        "direction": Column(
            "direction",
            "text",
            hint="Negative or positive if the whole interval is below or above 0, unclear if it "
            "contains 0, uninformed if no measurement informs the effect",
        ),
        "true_value": Column(
            "planted",
            "number",
            3,
            "Planted value, averaged over everything that this model ignores",
        ),
        "ess_bulk": Column("ESS", "count", hint="Effective number of draws (bulk)"),
        "r_hat": Column("R-hat", "number", 4, "Agreement of the chains; 1 is perfect"),
        "share": Column("share", "share"),
        "share_inside": Column("share inside", "share"),
        "elpd_loo": Column("elpd", "count", hint="Log predictive density; higher is better"),
        "elpd_loo_se": Column("\u00b1\u00a0SE", "count", hint="Standard error of elpd"),
        "p_loo": Column(
            "effective parameters",
            "count",
            hint="Number of parameters that the data had to determine",
        ),
        "elpd_diff": Column(
            "behind the best", "count", hint="Difference in elpd to the best model"
        ),
        "elpd_diff_se": Column("\u00b1\u00a0SE", "count", hint="Standard error of the difference"),
        "n_bad_k": Column(
            "not trusted",
            "count",
            hint="Measurements with a large Pareto k, whose prediction is not reliable",
        ),
        "n": Column("planted values", "count"),
        "n_inside": Column("inside their interval", "count"),
    }
)
#: Columns of other tables, in which a mean, for example, is not a posterior mean. All others are
#: shown with their own name.
OTHER_COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "std": Column("sd", "general", 4),
        "fit": Column("model", "text"),
        "q95": Column("95 % are below", "general", 3),
    }
)


def interval_columns(percent: str) -> dict[str, Column]:
    """Make the columns of effects and scores, with the probability of intervals in a heading."""
    lower, upper = COLUMNS["hdi_lower"], COLUMNS["hdi_upper"]
    return {
        **COLUMNS,
        "hdi_lower": replace(lower, label=f"{percent} {lower.label}"),
        "hdi_upper": upper,
    }


@dataclass(frozen=True)
class Table:
    """A table of the page.

    Attributes
    ----------
    title, how_to_read
        The caption of the table.
    file_name
        The name of the file to download, without suffix.
    columns, rows
        The content; a missing value is None.
    note
        If rows are left out, the file with all rows.
    """

    title: str
    how_to_read: str
    file_name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    note: str = ""

    @property
    def first_rows(self) -> list[list[tuple[Column, Any, str]]]:
        """The first rows, each cell as (column, value, text)."""
        return [
            [
                (column, value, text(value, column))
                for column, value in zip(self.columns, row, strict=True)
            ]
            for row in self.rows[:FIRST_ROWS]
        ]

    @property
    def as_json(self) -> str:
        """The whole table for the script, safe inside an HTML script element."""
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
    columns: Mapping[str, Column] = COLUMNS,
) -> Table:
    """Make a table from a data frame.

    Parameters
    ----------
    frame
        The rows.
    title
        The heading of the table.
    how_to_read
        A sentence below the heading.
    file_name
        The name of the file that a browser saves.
    source
        The file with all rows. It is named if only the first and last rows by ``rank_by`` are
        shown.
    rank_by
        The column that orders the rows.
    columns
        Name -> how the column is shown. Other columns are shown with their name and type.
    """
    shown = _ends(frame, rank_by)
    heads = tuple(columns.get(name) or _column(name, frame[name]) for name in frame.columns)
    values = [_values(shown[name]) for name in frame.columns]
    note = ""
    if len(shown) < len(frame):
        where = f"; {source} has all rows" if source else ""
        note = (
            f"The {MAX_ROWS // 2:,} lowest and {MAX_ROWS // 2:,} highest of {len(frame):,} "
            f"rows{where}."
        )
    return Table(title, how_to_read, file_name, heads, tuple(zip(*values, strict=True)), note)


def text(value: Any, column: Column) -> str:
    """Format a value. The script of the page does the same."""
    if value is None:
        return ""
    match column.kind:
        case "number":
            return _signed(f"{value:.{column.digits}f}")
        case "general":
            return _signed(_general(value, column.digits))
        case "count":
            return _signed(f"{value:,.0f}")
        case "share":
            return f"{100 * value:.1f} %"
        case _:
            return str(value)


def _general(value: float, digits: int) -> str:
    """Write significant digits, with a power of ten only for very small or large numbers."""
    size = abs(value)
    if size and not SMALL <= size < LARGE:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    places = digits - 1 - math.floor(math.log10(size)) if size else 0
    plain = f"{round(value, places):,.{max(places, 0)}f}"
    return plain.rstrip("0").rstrip(".") if places > 0 else plain


def _signed(number: str) -> str:
    """Use a real minus sign, and none before zero."""
    return number.replace("-", "\u2212") if re.search("[1-9]", number) else number.lstrip("-")


def _column(name: str, values: pd.Series) -> Column:
    label = name.replace("_", " ")
    if pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values):
        return Column(label, "text")
    return Column(label, "count" if pd.api.types.is_integer_dtype(values) else "general", 4)


def _ends(frame: pd.DataFrame, rank_by: str) -> pd.DataFrame:
    """Keep all rows, or only the first and last if there are too many."""
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
