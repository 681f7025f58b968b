"""The rules for a raw screen table, and one error that lists all problems."""

import difflib
import functools
import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from partialpool.errors import SHOWN, Problem, ScreenError, shorten
from partialpool.preparation.columns import (
    ALIASES,
    BOOLEAN,
    COUNT_SD,
    KEYS,
    KNOWN,
    REQUIRED,
    TEXT,
    WHOLE,
)
from partialpool.preparation.conform import conform
from partialpool.preparation.relations import broken_relations

if TYPE_CHECKING:
    import pandera.pandas as pa

_FINITE = ("lfc", COUNT_SD, "gene_cn", "n_muts", "rna_expr")
_NOT_NEGATIVE = (COUNT_SD, "gene_cn", "segment_cn", "n_muts", "rna_expr")


def read_columns(raw: pd.DataFrame) -> pd.DataFrame:
    """Make the values of a raw screen table uniform, whatever program wrote it.

    Parameters
    ----------
    raw
        The table as it was read. It is not changed.

    Returns
    -------
    pandas.DataFrame
        The same rows, numbered from 0; see `partialpool.preparation.conform.conform`.

    Raises
    ------
    ScreenError
        If it has no rows, or two columns with the same name.
    """
    _raise_if([*_repeated_columns(raw), *_no_rows(raw)])
    return conform(raw)


def validate(raw: pd.DataFrame) -> pd.DataFrame:
    """Read the columns of a raw screen table, check them and give them their types.

    See `read_columns` and `check_columns`.
    """
    return check_columns(read_columns(raw))


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
        The same rows in the same order, numbered from 0. Identifiers are text, measurements
        float64, counts and positions Int64, flags nullable boolean. Columns that are not among
        the 27 known ones are unchanged.

    Raises
    ------
    ScreenError
        If there are problems. The message lists all of them. Row numbers count from 1, below the
        header.

    Notes
    -----
    An sgRNA belongs to one gene and a replicate to one cell line. An sgRNA is measured once in a
    replicate. The 27 columns are those of the published DepMap subsample.
    """
    table, problems = _apply_schema(table)
    problems += broken_relations(table)
    _raise_if(problems)
    whole = {name: "Int64" for name in WHOLE if name in table and _is_whole(table[name]).all()}
    return table.astype(whole)


def _raise_if(problems: list[Problem]) -> None:
    if problems:
        raise ScreenError.of(*problems)


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
                (whole, ("n_muts",)),
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

    try:
        return screen_schema().validate(table, lazy=True), []
    except pandera.errors.SchemaErrors as error:
        return table, list(_in_words(error.failure_cases, table))


def _in_words(failures: pd.DataFrame, table: pd.DataFrame) -> Iterator[Problem]:
    """Turn pandera's failure cases into problems: missing columns, then column by column."""
    kind = failures["check"].str.partition("(")[0]
    absent = set(failures.loc[kind == "column_in_dataframe", "failure_case"])
    if absent:
        yield _missing_columns(absent, table.columns)
    for name in table.columns:
        for check, describe in _DESCRIPTIONS.items():
            rows = failures.loc[(failures["column"] == name) & (kind == check), "index"]
            if len(rows):
                yield describe(str(name), table.loc[sorted(set(rows.astype(int))), name])


def _missing_columns(absent: set[str], present: Iterable[Hashable]) -> Problem:
    ordered = [name for name in REQUIRED if name in absent]
    got = [str(name) for name in present]
    guesses = [f"{guess} to {name}" for name in ordered for guess in _near_misses(name, got)]
    fix = (
        f"rename {', '.join(guesses)}, if these columns have the same meaning."
        if guesses
        else "add these columns, or rename columns with the same meaning."
    )
    return Problem(
        expected=f"the columns {', '.join(REQUIRED)}.",
        got=f"no {', '.join(ordered)}; columns found: {shorten(got, shown=30)}.",
        fix=fix,
    )


def _near_misses(name: str, got: list[str]) -> list[str]:
    """Find a column that may be the missing one with another name."""
    plain = {_plain(other): other for other in got if other not in KNOWN}
    wanted = [_plain(name), *(_plain(alias) for alias in ALIASES[name])]
    for target in wanted:
        if target in plain:
            return [plain[target]]
    close = difflib.get_close_matches(_plain(name), plain, n=1, cutoff=0.75)
    return [plain[other] for other in close]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


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
        fix="write the number of mutations of the gene in the cell line.",
    )


_DESCRIPTIONS: dict[str, Callable[[str, pd.Series], Problem]] = {
    "coerce_dtype": _unreadable,
    "not_nullable": _without_key,
    "finite": _infinite,
    "not_negative": _negative,
    "whole": _fractional,
}
