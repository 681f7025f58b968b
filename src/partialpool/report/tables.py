"""Tables of the page: what a column is called, how its values look, and its rows."""

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

#: ``number``: fixed digits; ``general``: significant digits; ``count``: whole; ``share``: per cent;
#: ``flag``: a word with a colour.
Kind = Literal["text", "number", "general", "count", "share", "flag"]

#: A longer table shows its ends only, and names the file that holds all of it.
MAX_ROWS = 5_000
#: Rows that are there before any script runs.
FIRST_ROWS = 10
#: Numbers outside these are shown with a power of ten.
SMALL, LARGE = 1e-4, 1e7
#: Digits kept of a number in the page; the files hold all of them.
PRECISION = 5


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    label
        Its heading.
    kind
        How its values look.
    digits
        Of a ``number`` after the point, of a ``general`` in all.
    hint
        What it holds, in a sentence.
    """

    label: str
    kind: Kind
    digits: int = 3
    hint: str = ""


#: Name of a column of a table of effects or scores -> how it is shown.
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
        "guide": Column("no.", "count", hint="Number of the guide within its gene, as in figures"),
        "n_measurements": Column("measurements", "count", hint="How many the model saw"),
        "mean_error": Column("mean error", "number", 3, "Predicted minus measured"),
        "rmse": Column("typical error", "number", 3, "Root mean square error (RMSE)"),
        "level": Column("of a", "text"),
        "label": Column("name", "text"),
        "value": Column("inside intervals", "share", hint="Share of its measurements"),
        "status": Column("result", "text", hint="Whether that is in the expected range"),
        "expected": Column("expected", "text", hint="Range of a right model"),
        "direction": Column(
            "direction",
            "text",
            hint="Negative or positive if the whole interval is, unclear if it contains 0, "
            "uninformed if no measurement says anything of the effect",
        ),
        "true_value": Column(
            "planted", "number", 3, "What was planted, averaged over all that this model ignores"
        ),
        "ess_bulk": Column("ESS", "count", hint="Effective number of draws (bulk)"),
        "r_hat": Column("R-hat", "number", 4, "Agreement of the chains; 1 is perfect"),
        "share": Column("share", "share"),
        "share_inside": Column("share inside", "share"),
        "elpd_loo": Column("elpd", "count", hint="Log predictive density; higher is better"),
        "elpd_loo_se": Column("\u00b1\u00a0SE", "count", hint="Standard error of elpd"),
        "p_loo": Column("effective parameters", "count", hint="How many the data had to determine"),
        "elpd_diff": Column("behind the best", "count", hint="Difference in elpd"),
        "elpd_diff_se": Column("\u00b1\u00a0SE", "count", hint="Standard error of the difference"),
        "n_bad_k": Column("not trusted", "count", hint="Measurements with a large Pareto k"),
        "n": Column("planted values", "count"),
        "n_inside": Column("inside their interval", "count"),
    }
)
#: Columns of tables of other things, where a mean, say, is none of a posterior; those not named
#: are shown by their own name.
OTHER_COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "std": Column("sd", "general", 4),
        "fit": Column("model", "text"),
        "q95": Column("95 % are below", "general", 3),
    }
)


def interval_columns(percent: str) -> dict[str, Column]:
    """Columns of effects and scores, with the probability of intervals in their headings."""
    lower, upper = COLUMNS["hdi_lower"], COLUMNS["hdi_upper"]
    return {
        **COLUMNS,
        "hdi_lower": replace(lower, label=f"{percent} {lower.label}"),
        "hdi_upper": upper,
    }


@dataclass(frozen=True)
class Table:
    """A table as the page shows it.

    Attributes
    ----------
    title, how_to_read
        Of the table.
    file_name
        Of its download, without the ending.
    columns, rows
        What it holds; a missing value is None.
    note
        Where the rest of it is, if it is not whole.
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
    columns: Mapping[str, Column] = COLUMNS,
) -> Table:
    """Make a table of a data frame.

    Parameters
    ----------
    frame
        The rows.
    title
        Heading of the table.
    how_to_read
        A sentence below the heading.
    file_name
        Name of the file that a browser saves.
    source
        File that holds all of it, named if only the ends by ``rank_by`` are shown.
    rank_by
        Column that orders the rows.
    columns
        Name -> how it is shown; the others by their name and kind.
    """
    shown = _ends(frame, rank_by)
    heads = tuple(columns.get(name) or _column(name, frame[name]) for name in frame.columns)
    values = [_values(shown[name]) for name in frame.columns]
    note = ""
    if len(shown) < len(frame):
        where = f"; all of them are in {source}" if source else ""
        note = (
            f"The {MAX_ROWS // 2:,} lowest and {MAX_ROWS // 2:,} highest of {len(frame):,} "
            f"rows{where}."
        )
    return Table(title, how_to_read, file_name, heads, tuple(zip(*values, strict=True)), note)


def text(value: Any, column: Column) -> str:
    """A value as the page shows it; the page's script does the same."""
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
    """A number with so many significant digits, with a power of ten only if it is far from 1."""
    size = abs(value)
    if size and not SMALL <= size < LARGE:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    places = digits - 1 - math.floor(math.log10(size)) if size else 0
    plain = f"{round(value, places):,.{max(places, 0)}f}"
    return plain.rstrip("0").rstrip(".") if places > 0 else plain


def _signed(number: str) -> str:
    """With a real minus sign, and without one before zero."""
    return number.replace("-", "\u2212") if re.search("[1-9]", number) else number.lstrip("-")


def _column(name: str, values: pd.Series) -> Column:
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
