"""From the files of a DepMap release to a screen with what is known about its cell lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from partialpool.preparation.counts import (
    FoldChangeSettings,
    GivenFoldChanges,
    LineData,
    ScreenMatrix,
    join_counts,
    read_frame,
    read_matrix,
    screen_of_counts,
)
from partialpool.preparation.counts.counted import join_fold_changes
from partialpool.preparation.counts.files import read_wide
from partialpool.preparation.counts.guides import genes_and_ids
from partialpool.preparation.depmap_release.files import (
    OPTIONAL,
    ReleaseFiles,
    find_files,
    library_of,
)
from partialpool.preparation.depmap_release.omics import (
    as_copies,
    lines_by_genes,
    models,
    mutations,
    of_screen,
    unit_of,
)
from partialpool.preparation.depmap_release.settings import DepmapSettings

__all__ = [
    "DepmapSettings",
    "ReleaseFiles",
    "find_files",
    "read_release",
]

#: Screens of all libraries are in one sequence map with this name.
ALL_SCREENS = "screen"


def read_release(
    files: ReleaseFiles,
    settings: DepmapSettings,
    count_settings: FoldChangeSettings,
    nonessential: Sequence[str] = (),
) -> ScreenMatrix:
    """Read the screens of a release, and what is known about their lines.

    Parameters
    ----------
    files
        Files of the release.
    settings
        The library, and units.
    count_settings
        How counts become log fold changes.
    nonessential
        Nonessential genes. By default, the list of the release.

    Raises
    ------
    ScreenError
        If a file that is needed is missing or can't be read. The message names it.
    """
    library = files.library(settings)
    counts, lfc = (files.path(what, library) for what in ("counts", "log_fold_changes"))
    guides = files.require("guide map", files.path("guides", library), f"{library}GuideMap.csv")
    sheet = files.require("sequence map", files.sequences(library), "ScreenSequenceMap.csv")
    use_counts = settings.use == "counts" or (settings.use == "auto" and counts is not None)
    one = library if library_of(sheet.name, "sequences") == ALL_SCREENS else None
    tables = read_frame(sheet), count_settings, read_frame(guides)
    controls = list(nonessential) or _controls(files)
    if use_counts:
        path = files.require("counts", counts, f"{library}RawReadcounts.csv")
        joined = join_counts(read_matrix(path), *tables, library=one)
        screen = screen_of_counts(joined, count_settings, controls)
    else:
        path = files.require("log fold changes", lfc, f"{library}LogfoldChange.csv")
        matrix = read_matrix(path, "numbers")
        guide_rows, replicates, values, told = join_fold_changes(matrix, *tables, library=one)
        record = {"source": "log fold changes", "read": told}
        given = GivenFoldChanges(values)
        screen = ScreenMatrix(guide_rows, replicates, given.blocks, record=record)
    lines, told = _line_data(files, screen.guides, settings)
    absent = [
        f"{name}: no {columns}"
        for what, (name, columns) in OPTIONAL.items()
        if not files.path(what)
    ]
    release = {
        "library": library,
        "files": [path.name, guides.name, sheet.name],
        **told,
        "missing": absent,
    }
    return replace(screen, lines=lines, record={**screen.record, "release": release})


def _controls(files: ReleaseFiles) -> list[str]:
    path = files.path("nonessential")
    if path is None:
        return []
    genes = genes_and_ids(read_frame(path).iloc[:, 0])["hugo_symbol"]
    return list(genes.dropna().drop_duplicates())


def _line_data(
    files: ReleaseFiles, guides: pd.DataFrame, settings: DepmapSettings
) -> tuple[LineData, dict[str, Any]]:
    of_gene: dict[str, pd.DataFrame] = {}
    of_line = pd.DataFrame(index=pd.Index([], name="depmap_id"))
    told: dict[str, Any] = {}
    if path := files.path("copy_number"):
        table = lines_by_genes(read_wide(path), path.name)
        unit = unit_of(path, settings)
        copies = as_copies(table, unit, settings.copies_of_diploid, path.name)
        of_gene["gene_cn"] = of_screen(copies, guides)
        told |= {"copy number": path.name, "unit of copy number": unit}
    if path := files.path("expression"):
        of_gene["rna_expr"] = of_screen(lines_by_genes(read_wide(path), path.name), guides)
        told["expression"] = path.name
    if path := files.path("models"):
        of_line = models(read_frame(path), path.name)
        told["models"] = path.name
    if path := files.path("mutations"):
        profiled = sorted(of_gene["gene_cn"].index) if "gene_cn" in of_gene else []
        of_gene["n_muts"], kras = mutations(read_frame(path), guides, profiled, path.name)
        told["mutations"] = path.name
        if kras is not None:
            every = of_line.index.union(kras.index)
            of_line = of_line.reindex(every).assign(kras_mutation=kras.reindex(every))
    genes = set(guides["hugo_symbol"])
    for name, table in of_gene.items():
        told[f"genes with {name}"] = f"{len(genes & set(table.columns))} of {len(genes)}"
    return LineData(of_line, of_gene), told
