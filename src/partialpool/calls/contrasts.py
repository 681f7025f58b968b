"""Groups of lines to compare, as weights of lines for ``fit_dependency(contrasts=...)``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

import pandas as pd

from partialpool.calls.call_settings import ContrastSettings
from partialpool.errors import Problem, ScreenError, shorten

#: Smallest number of lines in a group.
MIN_GROUP = 2
MUTATED = "is_mutated"

Weights = dict[str, float]
Value = str | bool | int
Values = Value | Sequence[Value]


class Groups(NamedTuple):
    """Contrasts that can be made, and those that can't.

    Attributes
    ----------
    weights
        Name -> line -> weight.
    left_out
        Name -> why it can't be made.
    """

    weights: dict[str, Weights]
    left_out: dict[str, str]


def weights_of(table: pd.DataFrame, contrast: ContrastSettings) -> Weights:
    """Weights of the lines for a contrast of the settings, see ``contrast_weights``."""
    if contrast.lines is not None:
        return lines_weights(table, contrast.lines, contrast.against_lines)
    if contrast.mutated is not None:
        return contrast_weights(table, MUTATED, True, gene=contrast.mutated)
    return contrast_weights(table, str(contrast.column), contrast.group, contrast.against)


def contrast_weights(
    table: pd.DataFrame,
    column: str,
    group: Values | None = None,
    against: Values | None = None,
    gene: str | None = None,
) -> Weights:
    """Weights of the difference between the means of two groups of lines.

    Parameters
    ----------
    table
        The modelling table.
    column
        Column that gives the groups. Lines without a value are in neither group.
    group, against
        Values of the column in each group. If one is None, it is all other values:
        ``contrast_weights(table, "kras_mutation", against="WT")`` compares mutant with wild-type
        lines.
    gene
        Gene whose rows are used. A column such as ``is_mutated`` differs between genes.

    Returns
    -------
    Weights
        Line -> weight: 1/n in ``group``, -1/n in ``against``.

    Raises
    ------
    ScreenError
        If the column does not exist or has several values in a line, if a value does not occur, or
        if a group has fewer than two lines.
    """
    values = line_values(table, column, gene)
    if group is None and against is None:
        raise _refuse(
            f"values of {column} for one group of lines",
            "neither group nor against",
            "give group, against or both",
        )
    chosen, others = (_labels(values, side, column) for side in (group, against))
    chosen = sorted(set(values) - set(others)) if group is None else chosen
    others = sorted(set(values) - set(chosen)) if against is None else others
    return _difference(
        list(values.index[values.isin(chosen)]),
        list(values.index[values.isin(others)]),
        f"{column} = {shorten(chosen)}",
        f"{column} = {shorten(others)}",
    )


def lines_weights(
    table: pd.DataFrame, lines: Sequence[str], against: Sequence[str] | None = None
) -> Weights:
    """Weights of the difference between given lines and ``against``, by default all other lines."""
    known = set(table["depmap_id"].dropna().astype(str))
    absent = [line for line in (*lines, *(against or ())) if line not in known]
    if absent:
        raise _refuse(
            "lines of the screen in a contrast",
            f"{len(absent)} that are not in the screen: {shorten(absent, shown=20)}",
            f"use the names of column depmap_id, such as {shorten(sorted(known))}",
        )
    others = sorted(known - set(lines)) if against is None else sorted(set(against))
    return _difference(sorted(set(lines)), others, "the given lines", "the lines against them")


def each_value(table: pd.DataFrame, column: str) -> Groups:
    """Compare the lines of each value of a column with all lines that have another value.

    Returns
    -------
    Groups
        Weights by ``<column>_<value>``, without characters that are not allowed in a file's name.
        Values of fewer than two lines, or with fewer than two other lines, are left out.

    Raises
    ------
    ScreenError
        If no value can be compared, or if two values would get the same name.
    """
    sizes = line_values(table, column).value_counts().sort_index()
    found = Groups({}, {})
    for name, (value, n) in zip(_names(column, sizes.index.tolist()), sizes.items(), strict=True):
        if min(n, sizes.sum() - n) < MIN_GROUP:
            found.left_out[name] = f"{n} of {sizes.sum()} lines with {column} = {value}"
        else:
            found.weights[name] = contrast_weights(table, column, str(value))
    return _some(found, column, sizes)


def each_pair(table: pd.DataFrame, column: str) -> Groups:
    """Compare the lines of each value of a column with those of each other value.

    Returns
    -------
    Groups
        Weights by ``<column>_<value>_vs_<other value>``, each pair once, in alphabetical order.
        Values of fewer than two lines are left out.

    Raises
    ------
    ScreenError
        If no two values can be compared, or if two values would get the same name.
    """
    sizes = line_values(table, column).value_counts().sort_index()
    names = _names(column, sizes.index.tolist())
    small = {
        name: f"{n} line with {column} = {value}"
        for name, (value, n) in zip(names, sizes.items(), strict=True)
        if n < MIN_GROUP
    }
    pairs = list(combinations(sizes.index[sizes >= MIN_GROUP], 2))
    names = _names(column, [f"{one}_vs_{other}" for one, other in pairs])
    weights = {
        name: contrast_weights(table, column, one, other)
        for name, (one, other) in zip(names, pairs, strict=True)
    }
    return _some(Groups(weights, small), column, sizes)


def _names(column: str, values: Sequence[str]) -> list[str]:
    """Name of the contrast of each value; different values need different names."""
    names = [file_name(column, value) for value in values]
    same = [value for value, name in zip(values, names, strict=True) if names.count(name) > 1]
    if same:
        raise _refuse(
            f"values of {column} that differ in letters, digits, . _ or -",
            f"{shorten([repr(value) for value in same])}, which get the same name",
            "rename these values in the table",
        )
    return names


def _some(groups: Groups, column: str, sizes: pd.Series) -> Groups:
    if groups.weights:
        return groups
    counts = [f"{value}: {n}" for value, n in sizes.items()]
    raise _refuse(
        f"two groups of lines by {column}, with {MIN_GROUP} lines or more each",
        f"numbers of lines: {shorten(counts)}",
        "choose another column, or list the lines of a group",
    )


def line_values(table: pd.DataFrame, column: str, gene: str | None = None) -> pd.Series:
    """Value of a column in each line, as text, sorted by line; lines without a value left out."""
    if column not in table:
        raise _refuse(
            f"column {column}, which gives the groups of a contrast",
            f"columns {shorten(table.columns, shown=30)}",
            "name a column of the screen table",
        )
    if gene is not None:
        table = table[table["hugo_symbol"] == gene]
        if table.empty:
            raise _refuse(
                "a gene of the screen in a contrast",
                f"{gene}, which has no rows",
                "choose another gene, or list the lines of a group",
            )
    pairs = table[["depmap_id", column]].dropna()
    # Whole numbers are floats if a line has none: 1.0 is the value 1.
    pairs = pairs.assign(**{column: pairs[column].convert_dtypes()}).astype(str).drop_duplicates()
    several = sorted(pairs.loc[pairs["depmap_id"].duplicated(), "depmap_id"].unique())
    if several:
        raise _refuse(
            f"one value of {column} in each line",
            f"several in {len(several)} lines: {shorten(several)}",
            "choose a column that belongs to lines, or name the gene whose rows are used",
        )
    return pairs.set_index("depmap_id")[column].sort_index()


def _labels(values: pd.Series, given: Values | None, column: str) -> list[str]:
    if given is None:
        return []
    labels = listed(given)
    absent = [label for label in labels if label not in set(values)]
    if absent:
        raise _refuse(
            f"values of {column} that occur in the screen",
            f"{shorten(absent)}; values found: {shorten(sorted(set(values)), shown=20)}",
            "use the values of the table",
        )
    return labels


def _difference(group: list[str], against: list[str], name: str, other: str) -> Weights:
    for lines, what in ((group, name), (against, other)):
        if len(lines) < MIN_GROUP:
            raise _refuse(
                f"at least {MIN_GROUP} lines in each group of a contrast",
                f"{len(lines)} with {what} ({shorten(lines)})",
                "choose groups with more lines",
            )
    both = sorted(set(group) & set(against))
    if both:
        raise _refuse(
            "different lines in the two groups of a contrast",
            f"{len(both)} in both: {shorten(both)}",
            "remove these lines from one of the groups",
        )
    weights = {line: 1 / len(group) for line in group}
    return weights | {line: -1 / len(against) for line in against}


def listed(given: Values) -> list[str]:
    """One or more values as a list of text."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        return [str(given)]
    return [str(value) for value in given]


def file_name(*parts: object) -> str:
    """Name of a contrast, without characters that are not allowed in a file's name."""
    return re.sub(r"[^\w.-]+", "_", "_".join(map(str, parts)))


def _refuse(expected: str, got: str, fix: str) -> ScreenError:
    return ScreenError.of(Problem(expected=expected, got=got, fix=fix))
