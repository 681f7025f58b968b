"""Counts that are joined with their guide map and sample sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from partialpool.errors import Problem, ScreenError, shorten
from partialpool.preparation.counts.guides import COLUMNS, GuideMap, map_in_matrix, read_guides
from partialpool.preparation.counts.matrix import MISSING, Matrix, oriented
from partialpool.preparation.counts.names import SOURCE, find_columns
from partialpool.preparation.counts.samples import SampleSheet, read_samples, require_pdna
from partialpool.preparation.counts.settings import FoldChangeSettings

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CountedScreen:
    """Counts of S guides in Q sequences.

    Attributes
    ----------
    counts
        (S, Q) whole numbers, ``MISSING`` where there is no count.
    guides
        One row per guide, see ``GuideMap``.
    sequences
        One row per sequence, see ``SampleSheet``: replicates sorted by line, then the pDNA.
    told
        What was read and left out, for the record.
    """

    counts: npt.NDArray[np.int32]
    guides: pd.DataFrame
    sequences: pd.DataFrame
    told: dict[str, Any]

    @property
    def replicates(self) -> pd.DataFrame:
        """One row per replicate, in the order of its sequences; columns of ``sequences``."""
        rows = self.sequences[~self.sequences["is_pdna"]]
        flags = rows["passes_qc"].groupby(rows["replicate_id"], sort=False).min()
        first = rows.drop_duplicates("replicate_id").drop(columns=["sequence", "is_pdna"])
        first = first.assign(passes_qc=first["replicate_id"].map(flags).astype("boolean"))
        return first.reset_index(drop=True)

    def block(self, positions: Any) -> Floats:
        """Counts of some sequences as (S, q) floats, NaN where there is none."""
        counts = self.counts[:, positions].astype(float)
        counts[counts == MISSING] = np.nan
        return counts

    def is_of(self, genes: Any) -> npt.NDArray[np.bool_]:
        """Whether each guide targets one of some genes."""
        found: npt.NDArray[np.bool_] = self.guides["hugo_symbol"].isin(list(genes)).to_numpy()
        return found


def join_counts(
    matrix: Matrix,
    samples: pd.DataFrame,
    settings: FoldChangeSettings,
    guides: pd.DataFrame | None = None,
    *,
    library: str | None = None,
) -> CountedScreen:
    """Join a matrix of counts with its guide map and sample sheet, by their labels.

    Parameters
    ----------
    matrix
        Counts in either orientation.
    samples
        Sample sheet, see ``read_samples``.
    settings
        Which guides are left out.
    guides
        Guide map, see ``read_guides``. By default, the genes in the matrix.
    library
        If given, only sequences of this library are kept.

    Raises
    ------
    ScreenError
        If the orientation is unclear, a sequence of the pDNA is missing, or nothing is left.
    """
    table = map_in_matrix(matrix) if guides is None else guides
    sheet = read_samples(samples, _source(samples, "the sample sheet"), library)
    kept = read_guides(table, settings, _source(table, "the guide map"))
    turned, orientation, row, column, told = _matched(matrix, table, kept, sheet)
    sequences = sheet.sequences[column >= 0].reset_index(drop=True)
    column = column[column >= 0]
    order = sequences.sort_values(["is_pdna", "depmap_id", "replicate_id"], kind="stable").index
    sequences = sequences.loc[order].reset_index(drop=True)
    require_pdna(
        sequences, f"{_source(samples, 'the sample sheet')} with counts in {matrix.source}"
    )
    found = kept.guides[row >= 0].reset_index(drop=True)
    counts = turned.numbers[row[row >= 0]][:, column[order]]
    told = {"orientation": orientation, **kept.told, **sheet.told, **told}
    told |= _missing(counts, found["sgrna"], sequences["sequence"])
    return CountedScreen(np.ascontiguousarray(counts), found, sequences, told)


def _missing(
    counts: npt.NDArray[np.int32], guides: pd.Series, sequences: pd.Series
) -> dict[str, Any]:
    """Number of missing counts, and the labels of the first one."""
    is_missing = counts == MISSING
    number = int(is_missing.sum())
    if not number:
        return {"missing counts": 0}
    guide, sequence = divmod(int(is_missing.argmax()), counts.shape[1])
    first = f"{guides[guide]} in {sequences[sequence]}"
    return {"missing counts": number, "first missing count": first}


def _source(table: pd.DataFrame, otherwise: str) -> str:
    """Name of the file of a table, for messages."""
    return str(table.attrs.get(SOURCE, otherwise))


def _matched(
    matrix: Matrix, table: pd.DataFrame, kept: GuideMap, sheet: SampleSheet
) -> tuple[Matrix, str, npt.NDArray[np.intp], npt.NDArray[np.intp], dict[str, Any]]:
    """Turn the matrix, and find the position of each guide and sequence, -1 if it has none."""
    every_guide = set(table[find_columns(table, COLUMNS, "")["sgrna"]].dropna().astype(str))
    names = sheet.sequences["sequence"]
    turned, orientation = oriented(matrix, every_guide, set(names))
    row = pd.Index(turned.rows).get_indexer(pd.Index(kept.guides["sgrna"]))
    column = pd.Index(turned.columns).get_indexer(pd.Index(names))
    if not (row >= 0).any():
        raise ScreenError.of(
            Problem(
                expected=f"counts of the guides that are used in {matrix.source}.",
                got=f"none for {shorten(list(kept.guides['sgrna']))}.",
                fix="give the guide map of the same library.",
            )
        )
    known = set(names)
    unknown = [name for name in turned.columns if name not in known]
    told = {
        "guides of the matrix that are not in the guide map": sum(
            guide not in every_guide for guide in turned.rows
        ),
        "guides without counts": int((row < 0).sum()),
        "sequences of the matrix that are not in the sample sheet": unknown,
        "sequences without counts": list(names[column < 0]),
    }
    return turned, orientation, row, column, told


def join_fold_changes(
    matrix: Matrix,
    samples: pd.DataFrame,
    settings: FoldChangeSettings,
    guides: pd.DataFrame,
    *,
    library: str | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, Floats, dict[str, Any]]:
    """Join a matrix of log fold changes with its guide map and sample sheet.

    Parameters are those of ``join_counts``.

    Returns
    -------
    guides : pandas.DataFrame
        One row per guide.
    replicates : pandas.DataFrame
        One row per sequence, which is its own replicate.
    lfc : Floats
        (S, R) log fold changes.
    told : dict[str, Any]
        What was read and left out.
    """
    source = _source(samples, "the sample sheet")
    sheet = read_samples(samples, source, library, needs_pdna=False)
    rows = sheet.sequences[~sheet.sequences["is_pdna"]].drop(columns="is_pdna")
    own = rows.assign(replicate_id=rows["sequence"]).sort_values(["depmap_id", "sequence"])
    sheet = sheet._replace(sequences=own.reset_index(drop=True))
    kept = read_guides(guides, settings, _source(guides, "the guide map"))
    turned, orientation, row, column, told = _matched(matrix, guides, kept, sheet)
    replicates = sheet.sequences[column >= 0].drop(columns="sequence").reset_index(drop=True)
    found = kept.guides[row >= 0].reset_index(drop=True)
    lfc = turned.numbers[row[row >= 0]][:, column[column >= 0]].astype(float)
    told = {
        "orientation": orientation,
        **kept.told,
        **sheet.told,
        **told,
        "missing log fold changes": int(np.isnan(lfc).sum()),
        "guides": len(found),
        "genes": int(found["hugo_symbol"].nunique()),
        "replicates": len(replicates),
        "lines": int(replicates["depmap_id"].nunique()),
    }
    return found, replicates, lfc, told
