"""The sample sheet: cell line, replicate, pDNA batch and QC flag of each sequence."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from partialpool.errors import Problem, ScreenError, shorten
from partialpool.preparation.columns import KNOWN
from partialpool.preparation.conform import as_boolean
from partialpool.preparation.counts.names import find_columns, labels_of, plain, require_columns

#: Meaning of a column -> its names, among them those of DepMap and Chronos.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "sequence": ("sequence_id", "sequence", "sample", "sample_id", "sample_name"),
    "depmap_id": ("depmap_id", "model_id", "cell_line_name", "cell_line", "cell_line_id"),
    "replicate_id": ("replicate_id",),
    "pdna_batch": ("pdna_batch", "batch"),
    "passes_qc": ("passes_qc",),
    "days": ("days", "n_days"),
    "library": ("library",),
    "screen_id": ("screen_id",),
    "screen_type": ("screen_type",),
}
#: Columns of lines that are kept in the modelling table.
OF_LINES: Mapping[str, tuple[str, ...]] = {
    "lineage": ("lineage",),
    "lineage_subtype": ("lineage_subtype",),
    "primary_or_metastasis": ("primary_or_metastasis",),
    "kras_mutation": ("kras_mutation",),
}
#: What the sheet says where a sequence is of the plasmid pool: the reference of its batch.
PDNA = "pdna"
ONE_BATCH = "1"
#: A column of DepMap that is no misspelt replicate_id: a letter that many lines share.
LETTER = "replicate"
#: Similarity (0 to 1, of difflib) from which a name may be a misspelt one.
SIMILAR = 0.8
#: Key of the record: columns that may be misspelt.
MISSPELT = "columns of the sample sheet that may be misspelt"


class SampleSheet(NamedTuple):
    """Sequences and what they are.

    Attributes
    ----------
    sequences
        One row per sequence: ``sequence``, ``replicate_id``, ``depmap_id`` (both empty for pDNA),
        ``pdna_batch``, ``is_pdna``, ``passes_qc`` (missing where there is no flag), and if known
        ``days``, ``library`` and columns of lines: ``lineage``, and unknown ones with one value
        for each line, under their own name.
    told
        What was found: what -> number, or names of columns.
    """

    sequences: pd.DataFrame
    told: dict[str, Any]


def read_samples(
    table: pd.DataFrame,
    source: str = "the sample sheet",
    library: str | None = None,
    *,
    needs_pdna: bool = True,
) -> SampleSheet:
    """Read a sample sheet.

    Parameters
    ----------
    table
        Table with a row per sequence. Names of columns are those of DepMap's sequence maps, of
        Chronos, or our own, in any spelling. A sequence of the plasmid pool has ``pDNA`` as its
        line, screen, or type of screen.
    source
        Name of the file, for messages.
    library
        If given, only sequences of this library are kept. The start of its name is enough:
        sequences of Humagne-CD are of library Humagne.
    needs_pdna
        Whether every batch must have a sequence of the pDNA, as counts need it.

    Raises
    ------
    ScreenError
        If a column or label is missing, a sequence is listed twice, a replicate has several lines
        or batches, or a batch has no pDNA.
    """
    names = find_columns(table, {**COLUMNS, **OF_LINES}, source)
    require_columns(names, ("sequence", "depmap_id"), COLUMNS, table, source)
    rows = pd.DataFrame({m: table[n].reset_index(drop=True) for m, n in names.items()})
    others = table.drop(columns=list(names.values())).reset_index(drop=True)
    # An empty field of a table in memory may be text.
    rows, others = (of.replace(r"^\s*$", np.nan, regex=True) for of in (rows, others))
    told: dict[str, Any] = {"sequences in the sample sheet": len(rows)}
    if library is not None and "library" in rows:
        rows = _of_library(rows, library, source)
        told[f"sequences of library {library}"] = len(rows)
    rows = rows.assign(sequence=labels_of(rows["sequence"], "sequence", source))
    _require_unique(rows["sequence"], source)
    marks = [name for name in ("depmap_id", "screen_id", "screen_type") if name in rows]
    is_pdna = pd.concat([rows[name].map(plain).eq(PDNA) for name in marks], axis=1).any(axis=1)
    lines = labels_of(rows.loc[~is_pdna, "depmap_id"], "cell line", source)
    replicates = rows.get("replicate_id", rows["sequence"]).fillna(rows["sequence"]).astype(str)
    sequences = rows.assign(
        is_pdna=is_pdna,
        depmap_id=lines.reindex(rows.index),
        replicate_id=replicates.mask(is_pdna),
        pdna_batch=_batches(rows),
        passes_qc=_flags(rows, source),
    )
    if "days" in sequences:
        sequences = sequences.assign(days=pd.to_numeric(sequences["days"], errors="coerce"))
    _require_one_owner(sequences, source)
    if needs_pdna:
        require_pdna(sequences, source)
    told["sequences of the pDNA"] = int(is_pdna.sum())
    first = ["sequence", "replicate_id", "depmap_id", "pdna_batch", "is_pdna", "passes_qc"]
    known = [n for n in ("days", "library", *OF_LINES) if n in sequences]
    of_lines = _of_lines(others.loc[rows.index], sequences["depmap_id"])
    if misspelt := near_misses(others.columns, names):
        told[MISSPELT] = [f"{name} (is it {meant}?)" for name, meant in misspelt.items()]
    if unused := [str(name) for name in others if name not in of_lines]:
        told["columns of the sample sheet that are not used"] = unused
    kept = pd.concat([sequences[[*first, *known]], of_lines], axis=1)
    return SampleSheet(kept.reset_index(drop=True), told)


def near_misses(columns: Iterable[Hashable], found: Collection[str]) -> dict[str, str]:
    """Unknown columns whose name is almost a known one that is not there -> the known one."""
    absent = {
        plain(name): meaning
        for meaning, names in {**COLUMNS, **OF_LINES}.items()
        if meaning not in found
        for name in names
    }
    close = {
        str(name): get_close_matches(plain(name), absent, n=1, cutoff=SIMILAR)
        for name in columns
        if plain(name) != LETTER
    }
    return {name: absent[match[0]] for name, match in close.items() if match}


def _of_lines(others: pd.DataFrame, lines: pd.Series) -> pd.DataFrame:
    """Unknown columns with at most one value for each line, which contrasts may use."""
    taken = {plain(name) for name in (*KNOWN, *COLUMNS, "is_pdna")}
    kept = {}
    for name, column in others.items():
        one = column.groupby(lines).nunique().le(1).all()
        if one and column[lines.notna()].notna().any() and plain(name) not in taken:
            kept[str(name)] = column if is_numeric_dtype(column) else column.astype("str")
    return pd.DataFrame(kept, index=others.index)


def _of_library(rows: pd.DataFrame, library: str, source: str) -> pd.DataFrame:
    names = rows["library"].astype("str")
    chosen = names.str.casefold().str.startswith(library.casefold(), na=False)
    if not chosen.any():
        raise _refuse(
            f"sequences of library {library} in {source}",
            f"libraries {shorten(sorted(names.dropna().unique()))}",
            "choose one of them (depmap.library)",
        )
    return rows[chosen]


def _batches(rows: pd.DataFrame) -> pd.Series:
    if "pdna_batch" not in rows:
        return pd.Series(ONE_BATCH, index=rows.index, dtype="str")
    text = rows["pdna_batch"].astype("str").str.strip()
    return text.str.replace(r"^(\d+)\.0+$", r"\1", regex=True).mask(rows["pdna_batch"].isna())


def _flags(rows: pd.DataFrame, source: str) -> pd.Series:
    if "passes_qc" not in rows:
        return pd.Series(pd.NA, index=rows.index, dtype="boolean")
    read = as_boolean(rows["passes_qc"])
    if read.dtype != "boolean":
        odd = [value for value in read.dropna().unique() if not isinstance(value, bool)]
        raise _refuse(
            f"TRUE or FALSE in the QC flag of {source}",
            f"{shorten(odd)}",
            "write TRUE or FALSE, or leave the field empty",
        )
    return read


def _require_unique(sequences: pd.Series, source: str) -> None:
    twice = sequences[sequences.duplicated()].unique()
    if len(twice):
        raise _refuse(
            f"one row for each sequence of {source}",
            f"{len(twice)} with several: {shorten(list(twice))}",
            "remove the repeated rows",
        )


def _require_one_owner(sequences: pd.DataFrame, source: str) -> None:
    """A replicate is of one line and has one pDNA batch. Its sequences are added up."""
    replicates = sequences[~sequences["is_pdna"]]
    for owner in ("depmap_id", "pdna_batch"):
        pairs = replicates[["replicate_id", owner]].drop_duplicates()
        twice = pairs.loc[pairs["replicate_id"].duplicated(), "replicate_id"].unique()
        if len(twice):
            raise _refuse(
                f"one {owner} for each replicate of {source}",
                f"{len(twice)} replicates with several: {shorten(list(twice))}",
                "give sequences of different lines or batches different replicate_ids",
            )


def require_pdna(sequences: pd.DataFrame, source: str) -> None:
    """Stop if a sequence has no pDNA batch, or a batch no sequence of the pDNA."""
    replicates = sequences[~sequences["is_pdna"]]
    if replicates.empty:
        raise _refuse(f"sequences of cell lines in {source}", "only pDNA", "add the cell lines")
    without = sequences.loc[sequences["pdna_batch"].isna(), "sequence"]
    if len(without):
        raise _refuse(
            f"a pDNA batch for every sequence of {source}, also of the pDNA",
            f"none for {len(without)}: {shorten(list(without))}",
            "fill in the column pDNA_batch",
        )
    have = set(sequences.loc[sequences["is_pdna"], "pdna_batch"])
    lacking = [batch for batch in replicates["pdna_batch"].unique() if batch not in have]
    if lacking:
        raise _refuse(
            f"a sequence of the pDNA (cell line: pDNA) for each batch of {source}",
            f"none for batch {shorten(lacking)}; batches with pDNA: {shorten(sorted(have))}",
            "add the counts of the plasmid pool, or of day 0, with pDNA as its cell line",
        )


def _refuse(expected: str, got: str, fix: str) -> ScreenError:
    return ScreenError.of(Problem(expected=f"{expected}.", got=f"{got}.", fix=f"{fix}."))
