"""The sample sheet: cell line, replicate, pDNA batch and QC flag of each sequence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from partialpool.errors import Problem, ScreenError, shorten
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


class SampleSheet(NamedTuple):
    """Sequences and what they are.

    Attributes
    ----------
    sequences
        One row per sequence: ``sequence``, ``replicate_id``, ``depmap_id`` (both empty for pDNA),
        ``pdna_batch``, ``is_pdna``, ``passes_qc`` (missing where there is no flag), and if known
        ``days``, ``library`` and columns of lines such as ``lineage``.
    told
        Counts of what was found: what -> number.
    """

    sequences: pd.DataFrame
    told: dict[str, int]


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
    told = {"sequences in the sample sheet": len(rows)}
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
    others = [n for n in ("days", "library", *OF_LINES) if n in sequences]
    return SampleSheet(sequences[[*first, *others]].reset_index(drop=True), told)


def _of_library(rows: pd.DataFrame, library: str, source: str) -> pd.DataFrame:
    names = rows["library"].astype("str")
    chosen = names.str.casefold().str.startswith(library.casefold(), na=False)
    if not chosen.any():
        raise _refuse(
            f"sequences of library {library} in {source}",
            f"libraries {shorten(sorted(names.dropna().unique()))}",
            "choose one of them (depmap.library)",
        )
    return rows[chosen].reset_index(drop=True)


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
    """Stop if a replicate has no pDNA batch, or a batch no sequence of the pDNA."""
    replicates = sequences[~sequences["is_pdna"]]
    if replicates.empty:
        raise _refuse(f"sequences of cell lines in {source}", "only pDNA", "add the cell lines")
    without = replicates.loc[replicates["pdna_batch"].isna(), "sequence"]
    if len(without):
        raise _refuse(
            f"a pDNA batch for every sequence of {source}",
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
