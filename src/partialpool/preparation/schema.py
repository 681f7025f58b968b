"""The rules for a raw screen table, and one error that lists all problems."""

import functools
import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas.api import types

from partialpool.errors import SHOWN, Problem, ScreenError, shorten
from partialpool.preparation.columns import (
    BOOLEAN,
    COUNT_SD,
    KEYS,
    KNOWN,
    NUMBER,
    REQUIRED,
    TEXT,
    WHOLE,
)
from partialpool.preparation.conform import conform
from partialpool.preparation.copies import copied_replicates, drop_copies
from partialpool.preparation.data_settings import DataSettings
from partialpool.preparation.labels import (
    ambiguous_labels,
    merge_labels,
    split_entrez,
    untidy_labels,
)
from partialpool.preparation.names import known_names, missing_columns, near_misses, rival_names
from partialpool.preparation.relations import broken_relations
from partialpool.preparation.remarks import Remark
from partialpool.preparation.scale import LARGEST, not_log_fold_changes

if TYPE_CHECKING:
    import pandera.pandas as pa

_FINITE = ("lfc", COUNT_SD, "gene_cn", "n_muts", "rna_expr")
_NOT_NEGATIVE = (COUNT_SD, "gene_cn", "segment_cn", "n_muts", "rna_expr")
_LIMITS = {
    "lfc": LARGEST,
    **dict.fromkeys((COUNT_SD, "gene_cn", "rna_expr"), 1e9),
    **dict.fromkeys(WHOLE, 2.0**53),  # larger whole numbers are rounded in a file of floats
}
"""Numbers beyond these, either way, are mistakes."""
_NUMBER = re.compile(
    r"\s*[+-]?(((\d+\.?\d*|\.\d+)(e[+-]?\d+)?)|inf|infinity)\s*", re.IGNORECASE | re.ASCII
)


def read_columns(
    raw: pd.DataFrame, settings: DataSettings
) -> tuple[pd.DataFrame, tuple[Remark, ...]]:
    """Make the names and values of a raw screen table uniform, whatever program wrote it.

    Parameters
    ----------
    raw
        The table as it was read. It is not changed.
    settings
        Whether to merge labels and to leave out copies.

    Returns
    -------
    table : pandas.DataFrame
        The same rows, numbered from 0, with the known names of columns; see
        `partialpool.preparation.conform.conform`. Rows of copied replicates are left out on
        request.
    remarks : tuple of Remark
        What was renamed, split, merged or left out, and what looks like a slip.

    Raises
    ------
    ScreenError
        If it has no rows, two columns with the same name, or two that may be the same.
    """
    _raise_if([*_repeated_columns(raw), *rival_names(raw.columns), *_no_rows(raw)])
    renamed = known_names(raw.columns)
    table = conform(raw.rename(columns=renamed))
    remarks = [*_renamed(renamed), *_slips(table)]
    steps = (
        *((merge_labels,) if settings.merge_labels else ()),
        split_entrez,
        *((drop_copies,) if settings.drop_copies else ()),
    )
    for step in steps:
        table, found = step(table)
        remarks += found
    return table, (*remarks, *ambiguous_labels(table))


def validate(raw: pd.DataFrame, settings: DataSettings) -> pd.DataFrame:
    """Read the columns of a raw screen table, check them and give them their types.

    See `read_columns` and `check_columns`.
    """
    return check_columns(read_columns(raw, settings)[0])


def check_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Check a screen table and give its columns their types.

    Parameters
    ----------
    table
        Table with one row per sgRNA x replicate, as returned by `read_columns`, with at least the
        columns ``sgrna``, ``replicate_id``, ``lfc`` (log2), ``depmap_id`` and ``hugo_symbol``. It
        is not changed.

    Returns
    -------
    pandas.DataFrame
        The same rows in the same order, with the same numbers. Identifiers are text, measurements
        float64, counts and positions Int64, flags nullable boolean. Unknown columns are unchanged.

    Raises
    ------
    ScreenError
        If there are problems. The message lists all of them. Row numbers count from 1, below the
        header.

    Notes
    -----
    An sgRNA belongs to one gene and a replicate to one cell line. An sgRNA is measured once in a
    replicate. A label has one spelling, and no replicate is the copy of another.
    """
    typed, problems = _apply_schema(table)
    problems += [
        *untidy_labels(table),
        *broken_relations(table),
        *copied_replicates(table),
        *not_log_fold_changes(table),
    ]
    _raise_if(problems)
    return typed.astype({name: "Int64" for name in WHOLE if name in typed})


def _raise_if(problems: list[Problem]) -> None:
    if problems:
        raise ScreenError.of(*problems)


def _renamed(names: Mapping[Hashable, str]) -> list[Remark]:
    shown = [f"{name!r} as {known}" for name, known in names.items()]
    return [Remark("columns read under another name", len(names), shorten(shown))] if names else []


def _slips(table: pd.DataFrame) -> list[Remark]:
    item = "unknown columns that may be misspelt"
    shown = [f"{name} (is it {known}?)" for name, known in near_misses(table.columns).items()]
    return [Remark(item, len(shown), shorten(shown), is_odd=True)] if shown else []


def _repeated_columns(raw: pd.DataFrame) -> list[Problem]:
    repeated = raw.columns[raw.columns.duplicated()].unique()
    if repeated.empty:
        return []
    return [
        Problem(
            expected="different names for all columns.",
            got=f"{shorten(repeated)} more than once.",
            fix="rename or remove the repeated columns.",
        )
    ]


def _no_rows(raw: pd.DataFrame) -> list[Problem]:
    if len(raw):
        return []
    return [
        Problem(
            expected="at least one row in the screen table.",
            got=f"no rows; columns: {shorten(raw.columns)}.",
            fix="check the step that wrote the table: it may have filtered out all rows.",
        )
    ]


@functools.cache
def screen_schema() -> "pa.DataFrameSchema":
    """Return the pandera schema of a conformed screen table, with one rule per column."""
    # Imported here because all kedro commands import this module.
    import pandera.pandas as pa

    finite = pa.Check(lambda column: ~np.isinf(_floats(column)), name="finite")
    not_negative = pa.Check(lambda column: _floats(column) >= 0, name="not_negative")
    whole = pa.Check(_is_whole, name="whole")

    def within(limit: float) -> pa.Check:
        return pa.Check(
            lambda column: ~_floats(column).abs().between(limit, np.inf, inclusive="neither"),
            name="too_large",
        )

    def column(name: str) -> pa.Column:
        required = name in REQUIRED
        if name in TEXT:
            return pa.Column("str", nullable=name not in KEYS, required=required)
        if name in BOOLEAN:
            return pa.Column("boolean", nullable=True, required=required)
        checks = [
            check
            for check, names in (
                (finite, _FINITE),
                (not_negative, _NOT_NEGATIVE),
                (whole, WHOLE),
                (within(_LIMITS.get(name, np.inf)), _LIMITS),
            )
            if name in names
        ]
        return pa.Column("float64", checks, nullable=True, required=required)

    return pa.DataFrameSchema({name: column(name) for name in sorted(KNOWN)}, coerce=True)


def _floats(column: pd.Series) -> pd.Series:
    """Read numbers. Values that can't be read become missing; they are reported elsewhere."""
    return pd.to_numeric(column, errors="coerce").astype("float64")


def _is_whole(column: pd.Series) -> pd.Series:
    numbers = _floats(column)
    return numbers.isna() | (numbers.round() == numbers)


def _apply_schema(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    import pandera.errors  # here for the reason in screen_schema

    text = list(_text_as_numbers(table))
    try:
        return screen_schema().validate(table, lazy=True), text
    except pandera.errors.SchemaErrors as error:
        return table, [*_in_words(error.failure_cases, table), *text]


def _text_as_numbers(table: pd.DataFrame) -> Iterator[Problem]:
    """Find text in number columns. pandas would read some of it, such as 1_000, as a number."""
    for name in NUMBER:
        if name in table and not types.is_numeric_dtype(table[name].dtype):
            values = table[name].dropna()
            bad = values[~values.astype("str").map(lambda value: bool(_NUMBER.fullmatch(value)))]
            if len(bad):
                yield _unreadable(name, bad)


def _in_words(failures: pd.DataFrame, table: pd.DataFrame) -> Iterator[Problem]:
    """Turn pandera's failure cases into problems: missing columns, then column by column."""
    kind = failures["check"].str.partition("(")[0]
    absent = set(failures.loc[kind == "column_in_dataframe", "failure_case"])
    if absent:
        yield missing_columns(absent, table.columns)
    for name in table.columns:
        for check, describe in _DESCRIPTIONS.items():
            if check == "coerce_dtype" and name in NUMBER:
                continue  # see _text_as_numbers
            rows = failures.loc[(failures["column"] == name) & (kind == check), "index"]
            if len(rows):
                yield describe(str(name), table.loc[sorted(set(rows.astype(int))), name])


def _row_values(bad: pd.Series) -> str:
    shown = (
        f"row {row + 1}: {value!r}" for row, value in zip(bad.index, bad[:SHOWN], strict=False)
    )
    return shorten(shown, total=len(bad))


def _row_numbers(bad: pd.Series) -> str:
    rows = shorten((row + 1 for row in bad.head(SHOWN).index), total=len(bad))
    return f"row{'s' if len(bad) > 1 else ''} {rows}"


def _unreadable(name: str, bad: pd.Series) -> Problem:
    if name in BOOLEAN:
        return Problem(
            expected=f"TRUE, FALSE or NA in column {name}.",
            got=f"{_row_values(bad)}.",
            fix="write TRUE or FALSE (True, true, T, 1 and their opposites are also allowed), "
            "or leave the field empty.",
        )
    return Problem(
        expected=f"numbers in column {name}.",
        got=f"text in {_row_values(bad)}.",
        fix="correct the values, or write NA if there is no measurement.",
    )


def _without_key(name: str, bad: pd.Series) -> Problem:
    return Problem(
        expected=f"a value of {name} in every row.",
        got=f"no value in {_row_numbers(bad)}.",
        fix=f"fill in {name}, or remove these rows.",
    )


def _infinite(name: str, bad: pd.Series) -> Problem:
    return Problem(
        expected=f"finite numbers in column {name}.",
        got=f"{_row_values(bad)}.",
        fix="add a pseudocount before taking logarithms, or write NA."
        if name == "lfc"
        else "correct the values, or write NA.",
    )


def _too_large(name: str, bad: pd.Series) -> Problem:
    return Problem(
        expected=f"numbers up to {_LIMITS[name]:g} in column {name}.",
        got=f"{_row_values(bad)}.",
        fix="log2 fold changes have one or two digits: correct the values, or write NA."
        if name == "lfc"
        else "correct the values, or write NA.",
    )


def _negative(name: str, bad: pd.Series) -> Problem:
    return Problem(
        expected=f"no negative number in column {name}.",
        got=f"{_row_values(bad)}.",
        fix=f"check the scale of {name}: logarithms and z-scores are not allowed in this column.",
    )


def _fractional(name: str, bad: pd.Series) -> Problem:
    return Problem(
        expected=f"whole numbers in column {name}.",
        got=f"{_row_values(bad)}.",
        fix="write the number of mutations of the gene in the cell line."
        if name == "n_muts"
        else "correct the values, or write NA.",
    )


_DESCRIPTIONS: dict[str, Callable[[str, pd.Series], Problem]] = {
    "coerce_dtype": _unreadable,
    "not_nullable": _without_key,
    "finite": _infinite,
    "not_negative": _negative,
    "whole": _fractional,
    "too_large": _too_large,
}
