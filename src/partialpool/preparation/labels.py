"""Labels in several spellings: they are refused, or merged on request."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from partialpool.errors import SHOWN, Problem, shorten
from partialpool.preparation.columns import KEYS
from partialpool.preparation.remarks import Remark

ENTREZ = "entrez_id"
"""Column with the Entrez ids of genes."""
LABELS = (*KEYS, "lineage")
"""Columns whose labels are checked: two spellings of one would be two elements of a model."""

_WITH_ENTREZ = re.compile(r"\s*(.*\S)\s*\((\d+)\)\s*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


def untidy_labels(table: pd.DataFrame) -> Iterator[Problem]:
    """Find labels that differ only in case or blanks, and labels that can't be shown in a line.

    Parameters
    ----------
    table
        A conformed screen, numbered from 0.

    Yields
    ------
    Problem
        At most one of each kind for each column.
    """
    for name in _label_columns(table):
        labels = table[name].dropna().unique()
        several = [group for group in _spellings(labels).values() if len(group) > 1]
        blank = [label for label in labels if label != label.strip()]
        control = [label for label in labels if _CONTROL.search(label.strip())]
        rows = _first_rows(table[name]) if several or blank or control else {}
        merge = (
            f"correct {name}, or merge the spellings: "
            "--params data_engineering.merge_labels=true (the most frequent one is kept)."
        )
        if several:
            shown = (" and ".join(_with_row(label, rows) for label in g) for g in several[:SHOWN])
            yield Problem(
                expected=f"one spelling of each label in column {name}; "
                "case, blanks at the ends and Entrez ids do not make another label.",
                got=f"{shorten(shown, total=len(several))}.",
                fix=merge,
            )
        elif blank:
            yield Problem(
                expected=f"no blanks at the ends of labels in column {name}.",
                got=_listed(blank, rows),
                fix=merge,
            )
        if control:
            yield Problem(
                expected=f"no line breaks or other control characters in column {name}.",
                got=_listed(control, rows),
                fix=f"correct {name}.",
            )


def merge_labels(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Remark]]:
    """Merge labels that differ only in case, in blanks at the ends, or in an Entrez id.

    Parameters
    ----------
    table
        A conformed screen.

    Returns
    -------
    table : pandas.DataFrame
        The same rows. Each label has the most frequent spelling, without blanks at its ends.
    remarks : list of Remark
        The spellings that were replaced.
    """
    merged, remarks = {}, []
    for name in _label_columns(table):
        number = table[name].value_counts(sort=False).to_dict()
        groups = _spellings(number).values()
        best = {
            label: max(group, key=lambda spelling: number[spelling]).strip()
            for group in groups
            for label in group
        }
        changed = {label: to for label, to in best.items() if label != to}
        if changed:
            merged[name] = table[name].replace(changed)
            shown = [f"{label!r} as {to!r}" for label, to in changed.items()]
            remarks.append(Remark(f"spellings of {name} merged", len(changed), shorten(shown)))
    return table.assign(**merged), remarks


def split_entrez(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Remark]]:
    """Split genes that are written as in DepMap's files, ``KRAS (3845)``.

    Parameters
    ----------
    table
        A conformed screen.

    Returns
    -------
    table : pandas.DataFrame
        The same rows, with the symbol in ``hugo_symbol`` and, if there is no such column, the
        number in ``entrez_id``. The table is unchanged if two genes would get the same symbol.
    remarks : list of Remark
        How many genes were written so.
    """
    if "hugo_symbol" not in table:
        return table, []
    genes = table["hugo_symbol"]
    labels = genes.dropna().unique()
    parts = {gene: part for gene in labels if (part := _WITH_ENTREZ.fullmatch(gene))}
    if not parts or len(_spellings(labels)) < len(labels):
        return table, []
    changed = {"hugo_symbol": genes.replace({gene: part[1] for gene, part in parts.items()})}
    if ENTREZ not in table:
        numbers = {gene: int(part[2]) for gene, part in parts.items()}
        changed[ENTREZ] = genes.map(numbers).astype("Int64")
    note = f"{shorten([*parts], shown=2)}; hugo_symbol is the symbol, {ENTREZ} the number"
    return table.assign(**changed), [Remark("genes with Entrez id", len(parts), note)]


def ambiguous_labels(table: pd.DataFrame) -> Iterator[Remark]:
    """Find genes with one Entrez id but several symbols, and guides of several libraries.

    Neither is an error: an id may be wrong, and libraries share guides.

    Parameters
    ----------
    table
        A conformed screen.

    Yields
    ------
    Remark
        At most one of each kind.
    """
    for item, child, parent in (
        ("Entrez ids with several symbols", ENTREZ, "hugo_symbol"),
        ("guides in several libraries", "sgrna", "library"),
    ):
        if {child, parent} <= set(table.columns):
            pairs = table[[child, parent]].dropna().drop_duplicates()
            several = pairs[pairs[child].duplicated(keep=False)].groupby(child)[parent]
            if len(several):
                shown = [f"{label}: {', '.join(map(str, of))}" for label, of in several]
                yield Remark(item, len(several), shorten(shown), is_odd=True)


def _label_columns(table: pd.DataFrame) -> list[str]:
    return [name for name in LABELS if name in table]


def _spellings(labels: Iterable[Any]) -> dict[str, list[str]]:
    """Group labels by what they are without case, blanks at the ends and Entrez id."""
    groups = defaultdict(list)
    for label in labels:
        part = _WITH_ENTREZ.fullmatch(label)
        groups[(part[1] if part else label).strip().casefold()].append(label)
    return groups


def _first_rows(column: pd.Series) -> dict[Hashable, int]:
    """Label -> its first row, counted from 1."""
    first = column[~column.duplicated()]
    return dict(zip(first, np.asarray(first.index) + 1, strict=True))


def _with_row(label: str, rows: dict[Hashable, int]) -> str:
    return f"{label!r} (row {rows[label]})"


def _listed(labels: list[str], rows: dict[Hashable, int]) -> str:
    return f"{shorten((_with_row(label, rows) for label in labels[:SHOWN]), total=len(labels))}."
