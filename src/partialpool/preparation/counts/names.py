"""Columns of tables that several programs write, by their names in any spelling."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from partialpool.errors import Problem, ScreenError, shorten

#: Attribute of a table with the name of its file, for messages.
SOURCE = "source"
_PLAIN = re.compile(r"[^a-z0-9]")


def plain(name: object) -> str:
    """A name without case, blanks and other signs: ``pDNA_batch`` and ``pDNABatch`` are equal."""
    return _PLAIN.sub("", str(name).lower())


def find_columns(
    table: pd.DataFrame, known: Mapping[str, Sequence[str]], source: str
) -> dict[str, str]:
    """Find the columns of a table by their meaning.

    Parameters
    ----------
    table
        Table with any columns.
    known
        Meaning -> names, the preferred one first. Case, blanks and underscores do not matter.
    source
        Name of the file, for messages.

    Returns
    -------
    dict[str, str]
        Meaning -> name of the column. Meanings without a column are left out.

    Raises
    ------
    ScreenError
        If two columns have the same name but for spelling.
    """
    spelled: dict[str, list[str]] = {}
    for name in table.columns:
        spelled.setdefault(plain(name), []).append(str(name))
    found: dict[str, str] = {}
    for meaning, names in known.items():
        match = next((plain(name) for name in names if plain(name) in spelled), None)
        if match is None:
            continue
        if len(spelled[match]) > 1:
            raise ScreenError.of(
                Problem(
                    expected=f"one column {meaning} in {source}.",
                    got=f"{shorten(spelled[match])}.",
                    fix="remove or rename all but one of them.",
                )
            )
        found[meaning] = spelled[match][0]
    return found


def require_columns(
    found: Mapping[str, str],
    needed: Sequence[str],
    known: Mapping[str, Sequence[str]],
    table: pd.DataFrame,
    source: str,
) -> None:
    """Stop if a column is missing.

    Raises
    ------
    ScreenError
        Names what is missing, and the names that are understood.
    """
    absent = [meaning for meaning in needed if meaning not in found]
    if absent:
        said = "; ".join(f"{meaning} ({', '.join(known[meaning])})" for meaning in absent)
        raise ScreenError.of(
            Problem(
                expected=f"in {source}: {said}.",
                got=f"columns {shorten([*map(str, table.columns)], shown=20)}.",
                fix="add the columns, or rename those with the same meaning.",
            )
        )


def labels_of(column: pd.Series, meaning: str, source: str) -> pd.Series:
    """A column of labels as text.

    Raises
    ------
    ScreenError
        If a row has none. The message names the rows.
    """
    lacking = [row + 1 for row, missing in enumerate(column.isna()) if missing]
    if lacking:
        raise ScreenError.of(
            Problem(
                expected=f"a value in column {column.name} ({meaning}) in every row of {source}.",
                got=f"none in row {shorten(lacking)} (rows are counted below the header).",
                fix="fill in the column, or remove these rows.",
            )
        )
    labels = column.astype(str)
    require_one_spelling(labels, meaning, source)
    return labels


def require_one_spelling(labels: pd.Series, meaning: str, source: str) -> None:
    """Stop if labels start or end with blanks, or differ only in case.

    They would be taken for different guides, genes, lines or sequences.

    Raises
    ------
    ScreenError
        Names the labels and the rows.
    """
    distinct = labels.dropna().drop_duplicates()
    blank = distinct[distinct != distinct.str.strip()]
    if len(blank):
        shown = [f"{label!r} (row {row})" for row, label in _numbered(blank)]
        raise ScreenError.of(
            Problem(
                expected=f"no blanks around the labels ({meaning}) of {source}.",
                got=f"{shorten(shown)}.",
                fix="remove the blanks.",
            )
        )
    folded = distinct.str.casefold()
    twice = distinct[folded.duplicated(keep=False)]
    if len(twice):
        ordered = twice.iloc[folded[twice.index].argsort(kind="stable")]
        shown = [f"{label} (row {row})" for row, label in _numbered(ordered)]
        raise ScreenError.of(
            Problem(
                expected=f"one spelling of each label ({meaning}) of {source}.",
                got=f"labels that differ only in case: {shorten(shown)}.",
                fix="spell them in the same way, or rename one of them.",
            )
        )


def _numbered(labels: pd.Series) -> Iterator[tuple[int, str]]:
    """Labels with the number of their row, counted from 1 below the header."""
    return zip(labels.index.to_numpy() + 1, labels, strict=True)
