"""A screen as a matrix of guides and replicates, for the dependency model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from partialpool.errors import Problem, ScreenError, shorten
from partialpool.screen import MIN_GENES, Floats, Ints

#: Smaller copy numbers are set to this one, because 0 copies have no finite logarithm.
MIN_COPIES = 0.25
DIPLOID = 2.0
MIN_LINES = 2


@dataclass(frozen=True, eq=False)
class GuideMatrix:
    """Log fold changes of S guides in R replicates; build one with ``from_table`` or ``of``.

    Attributes
    ----------
    lfc
        (S, R) log2 fold changes, NaN if not measured. Guides are sorted by gene, replicates by
        line.
    genes, sgrnas, cell_lines, replicates
        Labels.
    gene_of_sgrna
        (S,) position of each guide's gene in ``genes``, ascending.
    cell_line_of_replicate
        (R,) position of each replicate's line in ``cell_lines``, ascending.
    copies
        (G, C) log2 of half the copy number, 0 if unknown. None for a model without copy number.
    count_sd
        (S, R) sd of ``lfc`` that counting reads adds, 0 if unknown. None for a model without it.
    """

    lfc: Floats
    genes: tuple[str, ...]
    sgrnas: tuple[str, ...]
    cell_lines: tuple[str, ...]
    replicates: tuple[str, ...]
    gene_of_sgrna: Ints
    cell_line_of_replicate: Ints
    copies: Floats | None = None
    count_sd: Floats | None = None

    @classmethod
    def from_table(
        cls, table: pd.DataFrame, copy_number: bool = False, count_noise: bool = False
    ) -> GuideMatrix:
        """View a table with one row per sgRNA x replicate.

        Parameters
        ----------
        table
            Table with columns ``sgrna``, ``replicate_id``, ``lfc``, ``hugo_symbol``, ``depmap_id``
            and, for a model with copy number, ``gene_cn``, with the noise of counting,
            ``lfc_count_sd``. Rows without a label or ``lfc`` are left out.
        copy_number
            Whether to read ``gene_cn``.
        count_noise
            Whether to read ``lfc_count_sd``.

        Raises
        ------
        ScreenError
            If a guide has several genes or a replicate several lines, if a guide was measured
            twice in a replicate, or if there are fewer than two genes or lines.
        """
        labels = ["sgrna", "replicate_id", "hugo_symbol", "depmap_id"]
        table = table[table[[*labels, "lfc"]].notna().all(axis=1)]
        guides, replicates = table[["hugo_symbol", "sgrna"]], table[["depmap_id", "replicate_id"]]
        guides = guides.astype(str).drop_duplicates().sort_values(["hugo_symbol", "sgrna"])
        replicates = replicates.astype(str).drop_duplicates()
        replicates = replicates.sort_values(["depmap_id", "replicate_id"])
        _require_one_owner(guides, "sgrna", "hugo_symbol")
        _require_one_owner(replicates, "replicate_id", "depmap_id")
        row = pd.Index(guides["sgrna"]).get_indexer(table["sgrna"].astype(str))
        column = pd.Index(replicates["replicate_id"]).get_indexer(table["replicate_id"].astype(str))
        _require_once(table, row, column)
        lfc, count_sd = np.full((2, len(guides), len(replicates)), np.nan)
        lfc[row, column] = table["lfc"]
        if count_noise:
            count_sd[row, column] = table["lfc_count_sd"]
        gene, genes = pd.factorize(guides["hugo_symbol"])
        line, lines = pd.factorize(replicates["depmap_id"])
        _require_enough(genes, "gene", MIN_GENES)
        _require_enough(lines, "line", MIN_LINES)
        return cls(
            lfc=lfc,
            genes=tuple(genes),
            sgrnas=tuple(guides["sgrna"]),
            cell_lines=tuple(lines),
            replicates=tuple(replicates["replicate_id"]),
            gene_of_sgrna=gene.astype(np.intp),
            cell_line_of_replicate=line.astype(np.intp),
            copies=_log_copies(table, genes, lines) if copy_number else None,
            count_sd=np.nan_to_num(count_sd) if count_noise else None,
        )

    @classmethod
    def of(
        cls,
        lfc: Floats,
        guides: pd.DataFrame,
        samples: pd.DataFrame,
        gene_cn: pd.DataFrame | None = None,
        count_sd: Floats | None = None,
    ) -> GuideMatrix:
        """View a matrix of log fold changes.

        Parameters
        ----------
        lfc
            (S, R) log2 fold changes, NaN if not measured.
        guides
            One row per guide, in the order of the rows of ``lfc``: ``sgrna``, ``hugo_symbol``.
        samples
            One row per replicate, in the order of the columns: ``replicate_id``, ``depmap_id``.
        gene_cn
            Copies of each gene (columns) in each line (rows), for a model with copy number.
        count_sd
            (S, R) sd of ``lfc`` that counting reads adds, for a model with it.

        Raises
        ------
        ScreenError
            If labels do not fit the matrix, are missing or repeated, if a number is infinite, or if
            there are fewer than two genes or lines.
        """
        rows = _labels(guides, ["hugo_symbol", "sgrna"], lfc.shape[0], "row")
        columns = _labels(samples, ["depmap_id", "replicate_id"], lfc.shape[1], "column")
        _require_finite(lfc, rows, columns)
        gene, genes = pd.factorize(rows["hugo_symbol"])
        line, lines = pd.factorize(columns["depmap_id"])
        _require_enough(genes, "gene", MIN_GENES)
        _require_enough(lines, "line", MIN_LINES)
        at = rows.index.to_numpy(), columns.index.to_numpy()
        in_order = all((np.diff(order) == 1).all() for order in at)
        noise = count_sd if count_sd is None or in_order else count_sd[np.ix_(*at)]
        return cls(
            lfc=np.asarray(lfc if in_order else lfc[np.ix_(*at)], dtype=float),
            genes=tuple(genes),
            sgrnas=tuple(rows["sgrna"]),
            cell_lines=tuple(lines),
            replicates=tuple(columns["replicate_id"]),
            gene_of_sgrna=gene.astype(np.intp),
            cell_line_of_replicate=line.astype(np.intp),
            copies=None if gene_cn is None else _log(gene_cn.reindex(lines, columns=genes).T),
            count_sd=None if noise is None else np.nan_to_num(np.asarray(noise, dtype=float)),
        )

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Numbers of genes, guides, lines and replicates."""
        return len(self.genes), len(self.sgrnas), len(self.cell_lines), len(self.replicates)

    @cached_property
    def n_measured(self) -> Ints:
        """Number of measurements of each gene in each line; (G, C)."""
        n_genes, _, n_lines, _ = self.shape
        found = np.zeros((n_genes, n_lines), dtype=np.intp)
        s, r = np.nonzero(~np.isnan(self.lfc))
        np.add.at(found, (self.gene_of_sgrna[s], self.cell_line_of_replicate[r]), 1)
        return found

    @property
    def coords(self) -> dict[str, list[str]]:
        """Labels of each dim, in the form that PyMC and xarray need."""
        return {
            "gene": list(self.genes),
            "sgrna": list(self.sgrnas),
            "cell_line": list(self.cell_lines),
            "replicate": list(self.replicates),
        }


def _log_copies(table: pd.DataFrame, genes: pd.Index, lines: pd.Index) -> Floats:
    """Log2 of half the mean copy number of each gene in each line; 0 if unknown."""
    mean = table.pivot_table("gene_cn", "hugo_symbol", "depmap_id", "mean", observed=True)
    return _log(mean.reindex(index=genes, columns=lines))


def _log(copies: pd.DataFrame) -> Floats:
    logs: Floats = np.log2(np.maximum(copies.to_numpy(dtype=float), MIN_COPIES) / DIPLOID)
    return np.nan_to_num(logs)


def _labels(table: pd.DataFrame, names: list[str], size: int, what: str) -> pd.DataFrame:
    """Labels of rows or columns as text, sorted; their index is the position in the matrix."""
    absent = [name for name in names if name not in table]
    wrong = (
        f"no {', '.join(absent)}" if absent else f"{len(table)} rows" if len(table) != size else ""
    )
    if not wrong and (missing := np.flatnonzero(table[names].isna().any(axis=1)) + 1).size:
        wrong = f"missing labels in row {shorten(list(missing))}"
    if wrong:
        raise ScreenError.of(
            Problem(
                expected=f"{' and '.join(names)} of each of the {size} {what}s of the matrix",
                got=wrong,
                fix=f"give a table with one row for each {what}, in the same order",
            )
        )
    labels = table[names].reset_index(drop=True).astype(str)
    twice = labels.loc[labels[names[1]].duplicated(), names[1]].unique()
    if len(twice):
        raise ScreenError.of(
            Problem(
                expected=f"different {names[1]}s for all {what}s of the matrix",
                got=f"{len(twice)} more than once: {shorten(list(twice))}",
                fix=f"remove or rename the repeated {what}s",
            )
        )
    return labels.sort_values(names)


def _require_finite(lfc: Floats, rows: pd.DataFrame, columns: pd.DataFrame) -> None:
    infinite = np.argwhere(np.isinf(lfc))
    if len(infinite):
        s, r = infinite[0]
        raise ScreenError.of(
            Problem(
                expected="finite log fold changes, or NaN if there is none",
                got=f"{len(infinite)} infinite ones, the first of {rows['sgrna'][s]} in "
                f"{columns['replicate_id'][r]}",
                fix="add a pseudocount before taking logarithms",
            )
        )


def _require_one_owner(pairs: pd.DataFrame, label: str, owner: str) -> None:
    twice = pairs.loc[pairs[label].duplicated(), label].unique()
    if len(twice):
        raise ScreenError.of(
            Problem(
                expected=f"one {owner} for each {label}",
                got=f"{len(twice)} with several: {shorten(twice)}",
                fix=f"give each {label} one {owner}, for instance by renaming the {label}",
            )
        )


def _require_once(table: pd.DataFrame, row: Ints, column: Ints) -> None:
    twice = pd.Series(row).mul(len(table) + 1).add(pd.Series(column)).duplicated().to_numpy()
    if twice.any():
        shown = (table["sgrna"].astype(str) + " in " + table["replicate_id"].astype(str))[twice]
        raise ScreenError.of(
            Problem(
                expected="one row for each sgrna and replicate_id",
                got=f"{twice.sum()} repeated rows: {shorten(list(shown))}",
                fix="average the rows of a guide in a replicate, or give them different replicates",
            )
        )


def _require_enough(labels: pd.Index, what: str, least: int) -> None:
    if len(labels) < least:
        raise ScreenError.of(
            Problem(
                expected=f"at least {least} {what}s, because partial pooling shares information "
                f"between {what}s",
                got=f"{len(labels)} ({shorten(list(labels))})",
                fix=f"give a table with more {what}s",
            )
        )
