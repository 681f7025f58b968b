"""A screen as a matrix of guides and replicates, and the tables that are made from it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from partialpool.defaults import default
from partialpool.errors import Problem, ScreenError
from partialpool.preparation.columns import COUNT_SD
from partialpool.preparation.counts.fold_changes import Block, Floats, FoldChanges
from partialpool.preparation.counts.sequence_qc import COLUMNS as QC_COLUMNS
from partialpool.preparation.data_settings import DataSettings

#: Replicates that are written at once.
WRITTEN_AT_ONCE = 16
#: Covariate -> the column that it is made from, in the order of the modelling table.
SCALED: Mapping[str, str] = {"gene_cn_z": "gene_cn", "rna_expr_z": "rna_expr"}
MUTATIONS = "n_muts"


@dataclass(frozen=True, eq=False)
class LineData:
    """What is known about lines, and about genes in lines.

    Attributes
    ----------
    of_line
        One row per line, indexed by ``depmap_id``: ``lineage`` and other columns of text.
    of_gene
        Column, such as ``gene_cn`` -> table with one row per line and one column per gene.
    """

    of_line: pd.DataFrame = field(default_factory=pd.DataFrame)
    of_gene: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class ScreenMatrix:
    """Log fold changes of S guides in R replicates, computed or read a few replicates at a time.

    Attributes
    ----------
    guides
        One row per guide, sorted by gene and guide: ``sgrna``, ``hugo_symbol`` and other columns.
    replicates
        One row per replicate: ``replicate_id``, ``depmap_id``, ``passes_qc`` and other columns.
    blocks
        Gives a number of replicates at a time, in order.
    lines
        What is known about lines.
    record
        How the log fold changes were made, and what was left out.
    qc
        Quality of sequences. Empty if there are no counts.
    """

    guides: pd.DataFrame
    replicates: pd.DataFrame
    blocks: Callable[[int], Iterator[Block]]
    lines: LineData = field(default_factory=LineData)
    record: Mapping[str, Any] = field(default_factory=dict)
    qc: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(QC_COLUMNS)))

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return the screen itself: it is large and does not change."""
        return self

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of guides and replicates."""
        return len(self.guides), len(self.replicates)

    @property
    def lfc(self) -> Floats:
        """(S, R) log2 fold changes, NaN where there is none."""
        return self.lfc_and_count_sd()[0]

    def lfc_and_count_sd(self) -> tuple[Floats, Floats]:
        """(S, R) log2 fold changes and the sd that counting adds, NaN where there is none."""
        lfc, count_sd = np.empty((2, *self.shape))
        for block in self.blocks(WRITTEN_AT_ONCE):
            lfc[:, block.replicates], count_sd[:, block.replicates] = block.lfc, block.count_sd
        return lfc, count_sd

    @property
    def passing(self) -> npt.NDArray[np.bool_]:
        """(R,) whether each replicate passes QC; a missing flag counts as passing."""
        flags: npt.NDArray[np.bool_] = self.replicates["passes_qc"].fillna(True).to_numpy(bool)
        return flags

    def of_gene(self, column: str, genes: pd.Index, lines: pd.Index) -> Floats:
        """(G, C) values of a column of ``lines.of_gene``, NaN where there is none."""
        table = self.lines.of_gene[column].reindex(index=lines, columns=genes)
        return table.to_numpy(dtype=float).T

    def table(self, max_rows: int | None = None) -> pd.DataFrame:
        """Make the raw screen table: one row per measured guide and replicate.

        Parameters
        ----------
        max_rows
            Largest number of rows.

        Raises
        ------
        ScreenError
            If there would be more rows.
        """
        n_guides, n_replicates = self.shape
        if max_rows is not None and n_guides * n_replicates > max_rows:
            raise ScreenError.of(
                Problem(
                    expected=f"at most {max_rows:,} rows in a table with one row per guide and "
                    "replicate (counts.max_rows).",
                    got=f"{n_guides:,} guides x {n_replicates:,} replicates.",
                    fix="from Python, use the matrix: screen = pp.read_counts(...), then "
                    "pp.fit_dependency(screen) or screen.write(path); or give fewer lines or "
                    "genes in the sample sheet or the guide map.",
                )
            )
        return pd.concat(map(self._rows, self.blocks(WRITTEN_AT_ONCE)), ignore_index=True)

    def _rows(self, block: Block) -> pd.DataFrame:
        guide, replicate, lfc, count_sd = _measured(block)
        of_guide = self.guides.iloc[guide].reset_index(drop=True)
        of_replicate = self.replicates.iloc[replicate].reset_index(drop=True)
        rows = pd.concat([of_guide, of_replicate], axis=1)
        rows.insert(2, "lfc", lfc)
        if not np.isnan(count_sd).all():
            rows.insert(3, COUNT_SD, count_sd)
        line, gene = rows["depmap_id"], rows["hugo_symbol"]
        known = {name: line.map(values) for name, values in self.lines.of_line.items()}
        for name, values in self.lines.of_gene.items():
            at = (
                values.index.get_indexer(pd.Index(line)),
                values.columns.get_indexer(pd.Index(gene)),
            )
            found = np.where(np.minimum(*at) >= 0, values.to_numpy(dtype=float)[at], np.nan)
            known[name] = pd.Series(found, index=rows.index)
        return rows.assign(**{str(name): values for name, values in known.items()})

    def write(self, path: Path | str, settings: DataSettings | None = None) -> int:
        """Write the modelling table to a Parquet file, a few replicates at a time.

        Rows are sorted by replicate, gene and guide. Labels are dictionaries. The file has the
        columns of the modelling table, and the same numbers.

        Parameters
        ----------
        path
            Path of the file. It is written completely or not at all.
        settings
            Which replicates to leave out, and where to clip copy number. None: the defaults.

        Returns
        -------
        int
            Number of rows.
        """
        import pyarrow.parquet as pq

        how = settings or DataSettings.model_validate(default("data_engineering"))
        kept = self.passing if how.drop_failed_qc else np.ones(self.shape[1], dtype=bool)
        columns = _Columns(self, kept, how)
        unfinished = Path(path).with_name(f".unfinished.{Path(path).name}")
        n_rows = 0
        try:
            with contextlib.ExitStack() as files:
                writer = None
                for block in self.blocks(WRITTEN_AT_ONCE):
                    batch = columns.of(_only(block, kept))
                    writer = writer or files.enter_context(
                        pq.ParquetWriter(unfinished, batch.schema, use_dictionary=_labels(batch))
                    )
                    writer.write_batch(batch)
                    n_rows += batch.num_rows
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        return n_rows


def _labels(batch: Any) -> list[str]:
    """Columns with few distinct values, which Parquet stores as dictionaries."""
    numbers = ("lfc", COUNT_SD)
    return [name for name in batch.schema.names if name not in numbers]


def _only(block: Block, kept: npt.NDArray[np.bool_]) -> Block:
    """The block, with nothing measured in replicates that are left out."""
    lfc = np.where(kept[block.replicates], block.lfc, np.nan)
    return block._replace(lfc=lfc)


def _measured(block: Block) -> tuple[npt.NDArray[Any], ...]:
    """Position of guide and replicate, log fold change and its sd, of every measurement."""
    replicate, guide = np.nonzero(~np.isnan(block.lfc.T))
    values = (np.ascontiguousarray(of.T)[replicate, guide] for of in (block.lfc, block.count_sd))
    return guide, replicate + block.replicates.start, *values


class _Columns:
    """Columns of the modelling table as Arrow arrays."""

    def __init__(
        self, screen: ScreenMatrix, kept: npt.NDArray[np.bool_], settings: DataSettings
    ) -> None:
        gene, self._genes = pd.factorize(screen.guides["hugo_symbol"])
        line, self._lines = pd.factorize(screen.replicates["depmap_id"])
        self._gene, self._line, self._screen = gene, line, screen
        lines = pd.Series(self._lines)
        self._labels = [
            *((str(name), _encoded(column), 0) for name, column in screen.guides.items()),
            *((str(name), _encoded(column), 1) for name, column in screen.replicates.items()),
            *((str(n), _encoded(lines.map(c)), 2) for n, c in screen.lines.of_line.items()),
        ]
        self._of_gene = {
            name: screen.of_gene(name, self._genes, self._lines) for name in screen.lines.of_gene
        }
        scaled = {name: source for name, source in SCALED.items() if source in self._of_gene}
        weights = _weights(screen, kept, gene, line) if scaled else np.empty(0)
        for name, source in scaled.items():
            values = self._of_gene[source]
            clipped = np.minimum(values, settings.cn_max) if source == "gene_cn" else values
            self._of_gene[name] = weighted_z(clipped, weights)

    def of(self, block: Block) -> Any:
        """The record batch of a block."""
        import pyarrow as pa

        guide, replicate, lfc, count_sd = _measured(block)
        positions = [pa.array(at) for at in (guide, replicate, self._line[replicate])]
        arrays = {name: _taken(column, positions[of]) for name, column, of in self._labels}
        arrays["lfc"] = pa.array(lfc)
        if len(self._screen.qc):
            arrays[COUNT_SD] = pa.array(count_sd.astype(np.float32))
        at = self._gene[guide], self._line[replicate]
        for name, values in self._of_gene.items():
            arrays[name] = pa.array(values[at], from_pandas=True)
        if MUTATIONS in arrays:
            number = arrays[MUTATIONS].cast(pa.int64())
            arrays[MUTATIONS] = number
            arrays["is_mutated"] = pa.compute.greater(number, 0)
        return pa.RecordBatch.from_pydict(arrays)


def _encoded(column: pd.Series) -> Any:
    """A column as an Arrow array; text as a dictionary."""
    import pyarrow as pa

    values = pa.array(column, from_pandas=True)
    is_text = pa.types.is_string(values.type) or pa.types.is_large_string(values.type)
    return values.dictionary_encode() if is_text else values


def _taken(values: Any, positions: Any) -> Any:
    """Values by position; a dictionary keeps all its labels."""
    import pyarrow as pa

    if not pa.types.is_dictionary(values.type):
        return values.take(positions)
    return pa.DictionaryArray.from_arrays(values.indices.take(positions), values.dictionary)


def _weights(screen: ScreenMatrix, kept: npt.NDArray[np.bool_], gene: Any, line: Any) -> Floats:
    """(G, C) number of measurements."""
    found = np.zeros((gene.max() + 1, line.max() + 1))
    starts = np.flatnonzero(np.diff(gene, prepend=-1))
    for block in screen.blocks(WRITTEN_AT_ONCE):
        measured = ~np.isnan(_only(block, kept).lfc)
        by_gene = np.add.reduceat(measured, starts, axis=0, dtype=float)
        np.add.at(found.T, line[block.replicates], by_gene.T)
    return found


def weighted_z(values: Floats, weights: Floats) -> Floats:
    """Z-scale each gene over its measurements, as ``preparation.scale_copy_number`` does.

    Parameters
    ----------
    values
        (G, C) value of each gene in each line, NaN if unknown.
    weights
        (G, C) number of measurements.

    Returns
    -------
    Floats
        (G, C). A gene that does not vary gets 0, an unknown value stays NaN.
    """
    known = np.where(np.isnan(values), 0.0, weights)
    total = np.maximum(known.sum(axis=1, keepdims=True), 1)
    filled = np.nan_to_num(values)
    centred = filled - (known * filled).sum(axis=1, keepdims=True) / total
    sd = np.sqrt((known * centred**2).sum(axis=1, keepdims=True) / total)
    size = np.abs(filled).max(axis=1, keepdims=True, where=known > 0, initial=0.0)
    varies = sd > 1e-8 * size + 1e-12
    scaled = np.divide(centred, sd, out=np.zeros_like(centred), where=varies)
    return np.where(np.isnan(values), np.nan, scaled)


def from_fold_changes(
    changes: FoldChanges, lines: LineData, record: Mapping[str, Any], qc: pd.DataFrame
) -> ScreenMatrix:
    """The screen of counts."""
    return ScreenMatrix(
        changes.screen.guides, changes.replicates, changes.blocks, lines, record, qc
    )


@dataclass(frozen=True, eq=False)
class GivenFoldChanges:
    """Log fold changes that were read. What counting reads added to them is unknown.

    Attributes
    ----------
    lfc
        (S, R) log2 fold changes, NaN where there is none.
    """

    lfc: Floats

    def blocks(self, size: int) -> Iterator[Block]:
        """Give ``size`` replicates at a time, in order."""
        for first in range(0, self.lfc.shape[1], size):
            values = np.asarray(self.lfc[:, first : first + size], dtype=float)
            at = slice(first, first + values.shape[1])
            yield Block(at, values, np.full_like(values, np.nan))
