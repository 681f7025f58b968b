"""Rules about relations between columns of a screen."""

import pandas as pd

from partialpool.errors import SHOWN, Problem, shorten


def broken_relations(table: pd.DataFrame) -> list[Problem]:
    """Find guides of two genes, replicates of two cell lines, and repeated measurements.

    Parameters
    ----------
    table
        A conformed screen, numbered from 0. A rule is skipped if one of its columns is missing.

    Returns
    -------
    list of Problem
        One problem for each rule that is broken.
    """
    return [
        *_one_parent(
            table,
            child="sgrna",
            parent="hugo_symbol",
            expected="one gene (hugo_symbol) for each sgrna.",
            fix="correct the guide map, or leave out the guides that target several genes.",
        ),
        *_one_parent(
            table,
            child="replicate_id",
            parent="depmap_id",
            expected="one cell line (depmap_id) for each replicate_id.",
            fix="give the replicates of different cell lines different names.",
        ),
        *_measured_once(table),
    ]


def _one_parent(
    table: pd.DataFrame, *, child: str, parent: str, expected: str, fix: str
) -> list[Problem]:
    """Find labels of `child` that have more than one label of `parent`."""
    if not {child, parent} <= set(table.columns):
        return []
    pairs = table[[child, parent]].dropna().drop_duplicates()
    torn = pairs[pairs[child].duplicated(keep=False)]
    if torn.empty:
        return []
    labels = torn[child].unique()
    shown = (
        f"{label} with " + shorten(f"{name} (row {row + 1})" for row, name in parents.items())
        for label in labels[:SHOWN]
        for parents in [torn.loc[torn[child] == label, parent]]
    )
    return [Problem(expected, f"{shorten(shown, total=len(labels))}.", fix)]


def _measured_once(table: pd.DataFrame) -> list[Problem]:
    pair = ["sgrna", "replicate_id"]
    if not set(pair) <= set(table.columns):
        return []
    pairs = table[pair].dropna()
    repeated = pairs[pairs.duplicated(keep=False)]
    if repeated.empty:
        return []
    distinct = repeated.drop_duplicates()
    shown = (
        f"{sgrna} x {replicate} in rows {shorten(row + 1 for row in rows)}"
        for sgrna, replicate in distinct.head(SHOWN).itertuples(index=False)
        for rows in [
            repeated.index[(repeated["sgrna"] == sgrna) & (repeated["replicate_id"] == replicate)]
        ]
    )
    return [
        Problem(
            expected="one row for each sgrna x replicate_id.",
            got=f"{shorten(shown, total=len(distinct))}.",
            fix="remove the repeated rows, or give repeated measurements their own replicate_id.",
        )
    ]
