"""Replicates with the same measurements, which are copies of one replicate."""

import numpy as np
import pandas as pd

from partialpool.errors import SHOWN, Problem, shorten
from partialpool.preparation.remarks import Remark

SHARE = 0.9
"""Two replicates with this share of equal measurements are copies."""
FEWEST = 5
"""Fewer measurements may be equal by chance."""
_SOMETIMES = 0.5
_NEIGHBOURS = 20


def find_copies(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Find replicates whose log fold changes are equal to the last digit.

    Parameters
    ----------
    table
        A conformed screen.

    Returns
    -------
    list of tuple
        Pairs of a replicate and its copy, which comes later in the table. A replicate is the copy
        of at most one other.
    """
    if not {"sgrna", "replicate_id", "lfc"} <= set(table.columns):
        return []
    lfc = pd.to_numeric(table["lfc"], errors="coerce").to_numpy(dtype=np.float64)
    guide = pd.factorize(table["sgrna"])[0]
    replicate, names = pd.factorize(table["replicate_id"])
    keep = np.isfinite(lfc) & (guide >= 0) & (replicate >= 0)
    rows = pd.DataFrame({"guide": guide, "lfc": lfc, "replicate": replicate})[keep]
    candidates = _candidates(rows)
    of_replicate = {
        code: rows[rows["replicate"] == code].set_index("guide")["lfc"]
        for code in {code for pair in candidates for code in pair}
    }
    first_of = {
        copy: first
        for first, copy in candidates
        if _are_copies(of_replicate[first], of_replicate[copy])
    }
    return [(names[first], names[copy]) for copy, first in first_of.items()]


def _candidates(rows: pd.DataFrame) -> list[tuple[int, int]]:
    """Find pairs of replicates that often have equal measurements.

    The rows are sorted, so that equal measurements of a guide are neighbours, and compared with
    their first, second, ... neighbour until no more are equal. In a coarsely rounded table they
    have many equal neighbours, of which the first ``_NEIGHBOURS`` are enough.
    """
    lfc, guide, replicate = (rows[name].to_numpy() for name in ("lfc", "guide", "replicate"))
    order = np.lexsort((replicate, lfc, guide))
    lfc, guide, replicate = lfc[order], guide[order], replicate[order]
    total = np.bincount(replicate)
    pairs = []
    for step in range(1, _NEIGHBOURS + 1):
        equal = (lfc[step:] == lfc[:-step]) & (guide[step:] == guide[:-step])
        if not equal.any():
            break
        pairs.append(replicate[:-step][equal] * len(total) + replicate[step:][equal])
    if not pairs:
        return []
    pair, number = np.unique(np.concatenate(pairs), return_counts=True)
    first, copy = np.divmod(pair, len(total))
    often = (number >= _SOMETIMES * np.minimum(total[first], total[copy])) & (first != copy)
    return list(zip(first[often].tolist(), copy[often].tolist(), strict=True))


def _are_copies(one: pd.Series, other: pd.Series) -> bool:
    """Compare the measurements of two replicates, guide by guide."""
    one, other = one[~one.index.duplicated()], other[~other.index.duplicated()]
    guides = one.index.intersection(other.index)
    equal = one[guides][(one[guides] == other[guides]).to_numpy()]
    return len(equal) >= max(FEWEST, SHARE * len(guides)) and equal.nunique() > 1


def copied_replicates(table: pd.DataFrame) -> list[Problem]:
    """Describe copies as a problem: they make results look more certain than they are."""
    pairs = find_copies(table)
    if not pairs:
        return []
    shown = (f"{copy} equals {first}" for first, copy in pairs[:SHOWN])
    return [
        Problem(
            expected="replicates that were measured independently.",
            got=f"log fold changes that are equal to the last digit: "
            f"{shorten(shown, total=len(pairs))}.",
            fix="remove the copies, or leave them out: "
            "--params data_engineering.drop_copies=true (the first of equal replicates is kept).",
        )
    ]


def drop_copies(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Remark]]:
    """Leave out replicates that are copies of an earlier one.

    Parameters
    ----------
    table
        A conformed screen.

    Returns
    -------
    table : pandas.DataFrame
        The rows of the other replicates, with their numbers.
    remarks : list of Remark
        The copies.
    """
    pairs = find_copies(table)
    if not pairs:
        return table, []
    shown = [f"{copy} ({first})" for first, copy in pairs]
    copies = {copy for _, copy in pairs}
    kept = table[~table["replicate_id"].isin(copies)]
    return kept, [Remark("copied replicates left out", len(copies), shorten(shown))]
