"""Copy number, expression, mutations and lineages of cell lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from partialpool.errors import Problem, ScreenError, shorten
from partialpool.preparation.conform import as_boolean
from partialpool.preparation.counts.guides import genes_and_ids
from partialpool.preparation.counts.names import find_columns, require_columns
from partialpool.preparation.depmap_release.settings import DepmapSettings, Unit

MODEL = ("model_id",)
DEFAULT_ENTRY = ("is_default_entry_for_model",)
#: A logarithm log2(x + 1) is not larger: it would be 255 times the diploid copy number.
MAX_LOG2 = 8.0
#: Of so many values of relative copy number, some are larger than ``MAX_LOG2``.
MANY_VALUES = 1_000_000
#: Where the median of each unit can be.
MEDIANS: dict[Unit, tuple[float, float]] = {
    "relative": (0.5, 1.5),
    "log2": (0.58, 1.32),
    "copies": (1.5, 5.0),
}
MUTATION_COLUMNS = {
    "depmap_id": MODEL,
    "default": DEFAULT_ENTRY,
    "gene": ("gene", "hugo_symbol"),
    "entrez_id": ("entrez_gene_id", "entrez_id"),
    "protein_change": ("protein_change",),
}
MODEL_COLUMNS = {
    "depmap_id": MODEL,
    "lineage": ("oncotree_lineage", "lineage"),
    "lineage_subtype": ("oncotree_subtype", "oncotree_primary_disease"),
    "primary_or_metastasis": ("primary_or_metastasis",),
}
KRAS, WILD_TYPE = "KRAS", "WT"


def lines_by_genes(table: pd.DataFrame, source: str) -> pd.DataFrame:
    """Read a table with one row per line and one column per gene, such as ``KRAS (3845)``.

    Parameters
    ----------
    table
        The table as it was read. The lines are in column ``ModelID`` or in the first one. If there
        is a column ``IsDefaultEntryForModel``, only its default entries are kept.
    source
        Name of the file.

    Returns
    -------
    pandas.DataFrame
        Numbers, indexed by line, with the columns of genes as they are in the file.

    Raises
    ------
    ScreenError
        If a line has several rows, or if there is no column of a gene.
    """
    names = find_columns(table, {"depmap_id": MODEL, "default": DEFAULT_ENTRY}, source)
    lines = table[names.get("depmap_id", table.columns[0])].astype(str)
    if "default" in names:
        is_default = as_boolean(table[names["default"]]).fillna(False).astype(bool)
        table, lines = table[is_default], lines[is_default]
    twice = lines[lines.duplicated()].unique()
    if len(twice):
        raise _refuse(
            f"one row for each line of {source}",
            f"{len(twice)} lines with several: {shorten(list(twice))}",
            "keep the default entry of each model",
        )
    genes = [name for name in table.columns if str(name).endswith(")")]
    if not genes:
        raise _refuse(
            f"columns of genes such as KRAS (3845) in {source}",
            f"columns {shorten(list(table.columns))}",
            "give the file of the release",
        )
    numbers = table[genes].apply(pd.to_numeric, errors="coerce")
    found: pd.DataFrame = numbers.set_axis(pd.Index(lines, name="depmap_id"), axis=0)
    return found


def of_screen(table: pd.DataFrame, guides: pd.DataFrame) -> pd.DataFrame:
    """Choose the genes of a screen, by Entrez id or else by symbol.

    Parameters
    ----------
    table
        Columns of genes, such as ``KRAS (3845)``.
    guides
        Guides of the screen with ``hugo_symbol`` and perhaps ``entrez_id``.

    Returns
    -------
    pandas.DataFrame
        The same rows; one column per gene of the screen that was found, named by its symbol there.
    """
    names = genes_and_ids(pd.Series([str(name) for name in table.columns]))
    by_symbol = dict(zip(names["hugo_symbol"], range(len(table.columns)), strict=True))
    known = names["entrez_id"].dropna()
    by_id = dict(zip(known.astype(int), known.index, strict=True))
    genes = guides.drop_duplicates("hugo_symbol")
    ids = genes.get("entrez_id", pd.Series(pd.NA, index=genes.index, dtype="Int64"))
    at = {
        symbol: by_id.get(int(number)) if pd.notna(number) else None
        for symbol, number in zip(genes["hugo_symbol"], ids, strict=True)
    }
    at = {symbol: by_symbol.get(symbol) if i is None else i for symbol, i in at.items()}
    found = {symbol: i for symbol, i in at.items() if i is not None}
    return table.iloc[:, list(found.values())].set_axis(pd.Index(found, name="hugo_symbol"), axis=1)


def unit_of(path: Path, settings: DepmapSettings) -> Unit:
    """The unit of copy number: as declared, or by the name of the file."""
    if settings.copy_number_unit is not None:
        return settings.copy_number_unit
    name = path.name.casefold()
    if "log2" in name or "logp1" in name:
        return "log2"
    return "copies" if "absolute" in name else "relative"


def as_copies(table: pd.DataFrame, unit: Unit, diploid: float, source: str) -> pd.DataFrame:
    """Convert copy number to copies.

    Parameters
    ----------
    table
        All copy numbers of the file, lines as rows.
    unit
        Their unit.
    diploid
        Copies of a diploid gene.
    source
        Name of the file.

    Raises
    ------
    ScreenError
        If the values contradict the unit.
    """
    values = table.to_numpy(dtype=float)
    known = values[~np.isnan(values)]
    if not len(known):
        raise _refuse(f"numbers in {source}", "none", "give the file of the release")
    low, high, median = float(known.min()), float(known.max()), float(np.median(known))
    least, most = MEDIANS[unit]
    against = [
        *([f"a negative number ({low:.3g})"] if low < 0 else []),
        *([f"a median of {median:.3g}"] if not least <= median <= most else []),
        *([f"{high:.3g}, too large for a logarithm"] if unit == "log2" and high > MAX_LOG2 else []),
        *(
            [f"no number above {high:.3g} among {len(known):,}, as if they were logarithms"]
            if unit == "relative" and high <= MAX_LOG2 and len(known) >= MANY_VALUES
            else []
        ),
    ]
    if against:
        raise _refuse(
            f"copy number in {source} with unit {unit}",
            "; ".join(against),
            "declare the unit: --params depmap.copy_number_unit=relative (1 = diploid), log2 "
            "(log2(relative + 1), in releases up to 24Q2) or copies",
        )
    match unit:
        case "relative":
            return table * diploid
        case "log2":
            return (2.0**table - 1) * diploid
        case "copies":
            return table


def mutations(
    table: pd.DataFrame, guides: pd.DataFrame, profiled: Sequence[str], source: str
) -> tuple[pd.DataFrame, pd.Series | None]:
    """Count the mutations of each gene of a screen in each line.

    Parameters
    ----------
    table
        One row per mutation: ``ModelID``, ``Gene`` or ``HugoSymbol``, and perhaps
        ``ProteinChange``.
    guides
        Guides of the screen.
    profiled
        Lines with other genomic data. Without a row in the table they have no mutation. Mutations
        of all other lines are unknown.
    source
        Name of the file.

    Returns
    -------
    n_muts : pandas.DataFrame
        Lines x genes.
    kras_mutation : pandas.Series | None
        Protein changes of KRAS in each line, such as G12D, or WT. None if they are not in the file.
    """
    names = find_columns(table, MUTATION_COLUMNS, source)
    require_columns(names, ("depmap_id", "gene"), MUTATION_COLUMNS, table, source)
    if "default" in names:
        table = table[as_boolean(table[names["default"]]).fillna(False).astype(bool)]
    ids = table[names["entrez_id"]] if "entrez_id" in names else None
    gene = genes_and_ids(table[names["gene"]], ids)
    label = gene["hugo_symbol"] + (" (" + gene["entrez_id"].astype("str") + ")").fillna("")
    line = table[names["depmap_id"]].astype(str)
    counted = pd.crosstab(line, label)
    lines = pd.Index(sorted({*line, *profiled}), name="depmap_id")
    n_muts = of_screen(counted.reindex(lines, fill_value=0), guides)
    genes = pd.Index(guides["hugo_symbol"].unique(), name="hugo_symbol")
    n_muts = n_muts.reindex(columns=genes, fill_value=0)
    if "protein_change" not in names:
        return n_muts, None
    change = table[names["protein_change"]].astype("str").str.removeprefix("p.")
    kras = change[(gene["hugo_symbol"] == KRAS) & change.notna()]
    joined = kras.groupby(line[kras.index]).agg(lambda found: "+".join(sorted(set(found))))
    return n_muts, joined.reindex(lines).fillna(WILD_TYPE)


def models(table: pd.DataFrame, source: str) -> pd.DataFrame:
    """Read lineages, subtypes and origins of lines, indexed by ``depmap_id``."""
    names = find_columns(table, MODEL_COLUMNS, source)
    require_columns(names, ("depmap_id",), MODEL_COLUMNS, table, source)
    found = pd.DataFrame({meaning: table[name] for meaning, name in names.items()})
    return found.dropna(subset="depmap_id").drop_duplicates("depmap_id").set_index("depmap_id")


def _refuse(expected: str, got: str, fix: str) -> ScreenError:
    return ScreenError.of(Problem(expected=f"{expected}.", got=f"{got}.", fix=f"{fix}."))
