"""The guide map: which gene each guide targets, and which guides are used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from partialpool.errors import Problem, ScreenError, shorten
from partialpool.preparation.counts.matrix import Matrix
from partialpool.preparation.counts.names import (
    find_columns,
    labels_of,
    require_columns,
    require_one_spelling,
)
from partialpool.preparation.counts.settings import FoldChangeSettings

#: Meaning of a column -> its names in the files of MAGeCK, Chronos and DepMap.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "sgrna": ("sgrna", "guide", "grna", "guide_id", "sgrna_id", "sgrna_sequence", "id"),
    "gene": ("gene", "hugo_symbol", "gene_symbol", "symbol"),
    "entrez_id": ("entrez_id", "entrez_gene_id", "entrez"),
    "genome_alignment": ("genome_alignment", "alignment"),
    "n_alignments": ("n_alignments",),
    "drop_reason": ("drop_reason",),
    "used": ("used_by_chronos",),
}
#: A gene with its Entrez id, as in ``KRAS (3845)``.
ENTREZ = r"^(?P<symbol>.*?)\s*\((?P<entrez>\d+)\)$"
#: An alignment, as in ``chr3_138742712_-``.
ALIGNMENT = r"^(?:chr)?(?P<chromosome>[^_]+)_(?P<position>\d+)_[+-]$"
_NO = ("false", "no", "f", "0")


class GuideMap(NamedTuple):
    """Guides that are used.

    Attributes
    ----------
    guides
        One row per guide, sorted by gene and guide: ``sgrna``, ``hugo_symbol``, and if known
        ``entrez_id``, ``genome_alignment``, ``chromosome``, ``chrom_pos``, ``n_alignments``.
    told
        What was left out and why: reason -> number of guides.
    """

    guides: pd.DataFrame
    told: dict[str, int]


def read_guides(
    table: pd.DataFrame, settings: FoldChangeSettings, source: str = "the guide map"
) -> GuideMap:
    """Read a guide map, which has one row per guide or one per alignment.

    Parameters
    ----------
    table
        Table with a column of guides, a column of genes and, if known, alignments.
    settings
        What happens to guides of several genes, with many alignments, or without a use.
    source
        Name of the file, for messages.

    Raises
    ------
    ScreenError
        If there is no such column, a row has no guide, no guide is left, or a guide has several
        genes and the settings say ``error``.
    """
    names = find_columns(table, COLUMNS, source)
    require_columns(names, ("sgrna", "gene"), COLUMNS, table, source)
    rows = pd.DataFrame(
        {"sgrna": labels_of(table[names["sgrna"]].reset_index(drop=True), "guide", source)}
    )
    rows = rows.assign(**{m: table[n].to_numpy() for m, n in names.items() if m != "sgrna"})
    require_one_spelling(rows["gene"], "gene", source)
    rows = rows.assign(**genes_and_ids(rows["gene"], rows.get("entrez_id")))
    # Before rows are left out: an alignment outside of genes is one, too.
    rows = rows.assign(n_alignments=_alignments(rows))
    told = {"guides in the guide map": int(rows["sgrna"].nunique())}
    if settings.only_used:
        rows = _used(rows, told)
    rows = _only(rows, rows["hugo_symbol"].notna(), "guides without a gene", told)
    rows = _with_one_gene(rows, settings, source, told)
    guides = _one_row_each(rows, told)
    if settings.max_alignments is not None:
        few = guides["n_alignments"].fillna(0) <= settings.max_alignments
        guides = _only(guides, few, f"guides with > {settings.max_alignments} alignments", told)
    if guides.empty:
        raise ScreenError.of(
            Problem(
                expected=f"guides with a gene in {source}.",
                got="; ".join(f"{reason}: {number}" for reason, number in told.items()) + ".",
                fix="correct the guide map, or change the parameters counts.only_used, "
                "counts.multiple_genes and counts.max_alignments.",
            )
        )
    told["guides used"] = len(guides)
    return GuideMap(guides.sort_values(["hugo_symbol", "sgrna"], ignore_index=True), told)


def map_in_matrix(matrix: Matrix) -> pd.DataFrame:
    """The guide map that a matrix contains in its first two columns, as MAGeCK writes it.

    Raises
    ------
    ScreenError
        If there is no column of genes.
    """
    if not matrix.genes:
        raise ScreenError.of(
            Problem(
                expected=f"a guide map, or a second column Gene in {matrix.source}.",
                got=f"columns {shorten(matrix.columns)}.",
                fix="give the guide map: --params guides_path=... with columns sgrna and gene.",
            )
        )
    return pd.DataFrame({"sgrna": matrix.rows, "gene": matrix.genes})


def genes_and_ids(genes: pd.Series, ids: pd.Series | None = None) -> dict[str, pd.Series]:
    """Split ``KRAS (3845)`` into symbol and Entrez id; an empty gene is missing."""
    text = genes.astype("str")
    text = text.mask(genes.isna() | text.eq(""))
    parts = text.str.extract(ENTREZ)
    symbols = parts["symbol"].fillna(text)
    known = pd.to_numeric(parts["entrez"] if ids is None else ids, errors="coerce")
    known = known.fillna(pd.to_numeric(parts["entrez"]))
    return {"hugo_symbol": symbols, "entrez_id": known.astype("Int64")}


def _used(rows: pd.DataFrame, told: dict[str, int]) -> pd.DataFrame:
    kept = pd.Series(True, index=rows.index)
    if "used" in rows:
        kept &= ~rows["used"].astype("str").str.strip().str.casefold().isin(_NO)
    if "drop_reason" in rows:
        reason = rows["drop_reason"]
        kept &= reason.isna() | reason.astype("str").str.strip().eq("")
    return _only(rows, kept, "guides that the guide map drops", told)


def _with_one_gene(
    rows: pd.DataFrame, settings: FoldChangeSettings, source: str, told: dict[str, int]
) -> pd.DataFrame:
    genes = rows[["sgrna", "hugo_symbol"]].drop_duplicates()
    torn = genes.loc[genes["sgrna"].duplicated(), "sgrna"].unique()
    if settings.multiple_genes == "error" and len(torn):
        shown = (
            f"{guide}: {shorten(list(genes.loc[genes['sgrna'] == guide, 'hugo_symbol']))}"
            for guide in torn[:5]
        )
        raise ScreenError.of(
            Problem(
                expected=f"one gene for each guide of {source}.",
                got=f"{len(torn)} guides of several: {shorten(shown, total=len(torn))}.",
                fix="correct the guide map, or set counts.multiple_genes to drop or first.",
            )
        )
    if settings.multiple_genes == "first":
        told["guides of several genes, kept with the first"] = len(torn)
        first = rows.drop_duplicates("sgrna").set_index("sgrna")["hugo_symbol"]
        return rows[rows["hugo_symbol"] == rows["sgrna"].map(first)]
    return _only(rows, ~rows["sgrna"].isin(torn), "guides of several genes, left out", told)


def _alignments(rows: pd.DataFrame) -> pd.Series:
    """Number of alignments of each guide: its rows, or more if the guide map says so."""
    lines = rows.groupby("sgrna")["sgrna"].transform("size")
    if "n_alignments" in rows:
        given = pd.to_numeric(rows["n_alignments"], errors="coerce")
        number = given.groupby(rows["sgrna"]).transform("max")
        return number.where(number >= lines, lines).astype("Int64")
    return lines.astype("Int64")


def _one_row_each(rows: pd.DataFrame, told: dict[str, int]) -> pd.DataFrame:
    """One row per guide."""
    guides = rows.drop_duplicates("sgrna")
    told["guides with several alignments"] = int((guides["n_alignments"] > 1).sum())
    columns = ["sgrna", "hugo_symbol"]
    columns += ["entrez_id"] if guides["entrez_id"].notna().any() else []
    if "genome_alignment" in guides:
        place = guides["genome_alignment"].astype("str").str.extract(ALIGNMENT)
        position = pd.to_numeric(place["position"], errors="coerce").astype("Int64")
        guides = guides.assign(chromosome=place["chromosome"], chrom_pos=position)
        columns += ["genome_alignment", "chromosome", "chrom_pos"]
    return guides[[*columns, "n_alignments"]]


def _only(rows: pd.DataFrame, kept: Any, reason: str, told: dict[str, int]) -> pd.DataFrame:
    """Rows of guides that are kept; guides that lose all rows are counted."""
    left: pd.DataFrame = rows[kept]
    told[reason] = int(rows["sgrna"].nunique() - left["sgrna"].nunique())
    return left
