"""The Python interface of inputs: counts, and the folder of a DepMap release.

>>> import partialpool as pp
>>> table = pp.from_counts("counts.tsv", "samples.csv", "guides.csv", nonessential=genes)
>>> fit = pp.fit_dependency(table)
>>> screen = pp.read_counts("counts.tsv", "samples.csv")  # for large screens: a matrix
>>> fit = pp.fit_dependency(screen)
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
from pydantic import ValidationError

from partialpool.defaults import default
from partialpool.errors import Problem, ScreenError, shorten
from partialpool.parameters import Parameters
from partialpool.preparation import DataSettings, prepare
from partialpool.preparation.counts import (
    FoldChangeSettings,
    ScreenMatrix,
    describe,
    join_counts,
    matrix_of,
    read_frame,
    read_matrix,
    screen_of_counts,
    warnings_of,
)
from partialpool.preparation.counts.guides import genes_and_ids
from partialpool.preparation.depmap_release import DepmapSettings, find_files, read_release

logger = logging.getLogger(__name__)

Settings = TypeVar("Settings", bound=Parameters)
Source = pd.DataFrame | str | os.PathLike[str]


def read_counts(
    counts: Source,
    samples: Source,
    guides: Source | None = None,
    *,
    nonessential: Sequence[str] = (),
    **settings: Any,
) -> ScreenMatrix:
    """Read counts, judge the sequences, and get ready to compute log fold changes.

    Parameters
    ----------
    counts
        Counts of reads: guides x sequences or the reverse, as a file or as a table whose first
        column, or index, has the labels of its rows.
    samples
        Sample sheet: a row per sequence with its cell line (``pDNA`` for the plasmid pool) and, if
        there are several, its pDNA batch.
    guides
        Guide map: a row per guide with its gene. By default, the second column of ``counts``.
    nonessential
        Nonessential genes, which set the scale of counts and the log fold change 0.
    **settings
        Settings that differ from the defaults, such as ``normalisation``, ``pseudocount``,
        ``min_pdna``; thresholds of QC as ``qc={"min_reads_per_guide": 50}``.

    Returns
    -------
    ScreenMatrix
        Guides, replicates, ``lfc``, ``qc`` (a row per sequence), ``record`` (what was done and left
        out), ``table()``, ``write()``.

    Raises
    ------
    ScreenError
        If an input can't be used, or if a setting is unknown or out of range. The message says how
        to fix it.
    """
    how, genes = count_settings(settings), _symbols(nonessential)
    matrix = matrix_of(counts) if isinstance(counts, pd.DataFrame) else read_matrix(Path(counts))
    sheet, guide_map = _frame(samples), None if guides is None else _frame(guides)
    joined = join_counts(matrix, sheet, how, guide_map)
    _require_match(genes, joined.guides)
    screen = screen_of_counts(joined, how, genes)
    _log(screen)
    return screen


def from_counts(
    counts: Source,
    samples: Source,
    guides: Source | None = None,
    *,
    nonessential: Sequence[str] = (),
    **settings: Any,
) -> pd.DataFrame:
    """Make the modelling table from counts. Parameters are those of ``read_counts``."""
    how = count_settings(settings)
    screen = read_counts(counts, samples, guides, nonessential=nonessential, **settings)
    return _modelling_table(screen, how)


def read_depmap(
    folder: str | os.PathLike[str],
    *,
    library: str | None = None,
    copy_number_unit: str | None = None,
    use: str = "auto",
    nonessential: Sequence[str] = (),
    **settings: Any,
) -> ScreenMatrix:
    """Read the folder of a DepMap release.

    Parameters
    ----------
    folder
        Folder with the files of the release: sequence map, guide map, counts or log fold changes
        and, if they are there, copy number, expression, mutations, models and control genes.
    library
        The library whose screens are read, such as ``Avana``. By default, the only one.
    copy_number_unit
        ``relative``, ``log2`` or ``copies``. By default, by the name of the file.
    use
        ``counts``, ``log_fold_changes``, or ``auto``: counts if they are there.
    nonessential
        Nonessential genes. By default, the list of the release.
    **settings
        See ``read_counts``.

    Returns
    -------
    ScreenMatrix
        The screen; ``record`` says what was found and what is missing.

    Raises
    ------
    ScreenError
        If a file can't be used, or if a setting is unknown or out of range.
    """
    given = {"library": library, "copy_number_unit": copy_number_unit, "use": use}
    depmap = _validated(DepmapSettings, default("depmap") | given)
    how, genes = count_settings(settings), _symbols(nonessential)
    screen = read_release(find_files(Path(folder)), depmap, how, genes)
    _require_match(genes, screen.guides)
    _log(screen)
    return screen


def from_depmap(folder: str | os.PathLike[str], **settings: Any) -> pd.DataFrame:
    """Make the modelling table from a DepMap release. Parameters are those of ``read_depmap``."""
    of_release = ("library", "copy_number_unit", "use", "nonessential")
    counts = {name: value for name, value in settings.items() if name not in of_release}
    return _modelling_table(read_depmap(folder, **settings), count_settings(counts))


def count_settings(changes: dict[str, Any]) -> FoldChangeSettings:
    """The default settings of counts, with changes."""
    values = default("counts")
    qc = values["qc"] | dict(changes.get("qc") or {})
    return _validated(FoldChangeSettings, values | changes | {"qc": qc})


def _validated(settings: type[Settings], values: dict[str, Any]) -> Settings:
    try:
        return settings.model_validate(values)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        problem = Problem(
            expected=f"settings among {', '.join(settings.model_fields)}, in their range.",
            got=f"{'; '.join(faults)}.",
            fix="change them, or leave them out.",
        )
        raise ScreenError.of(problem) from None


def _modelling_table(screen: ScreenMatrix, settings: FoldChangeSettings) -> pd.DataFrame:
    how = DataSettings.model_validate(default("data_engineering"))
    return prepare(screen.table(settings.max_rows), how)[0]


def _frame(source: Source) -> pd.DataFrame:
    return source if isinstance(source, pd.DataFrame) else read_frame(Path(source))


def _symbols(genes: Sequence[str]) -> list[str]:
    """Symbols of genes that may be written with their Entrez id."""
    if isinstance(genes, str):
        problem = Problem(
            expected="a list of nonessential genes.",
            got=f"the text {genes!r}.",
            fix="give a list such as ['OR12D3', 'OR6K3'], also for one gene.",
        )
        raise ScreenError.of(problem)
    symbols = genes_and_ids(pd.Series(list(genes), dtype="str"))["hugo_symbol"]
    return list(symbols.dropna().drop_duplicates())


def _require_match(genes: Sequence[str], guides: pd.DataFrame) -> None:
    if len(genes) and not guides["hugo_symbol"].isin(genes).any():
        problem = Problem(
            expected="guides of some nonessential genes.",
            got=f"none: {len(genes)} genes in the list ({shorten(genes)}); genes of the screen: "
            f"{shorten(list(guides['hugo_symbol'].unique()))}.",
            fix="give the symbols that the guide map has, or leave nonessential out.",
        )
        raise ScreenError.of(problem)


def _log(screen: ScreenMatrix) -> None:
    for line in warnings_of(screen.record):
        logger.warning(line)
    for line in describe(screen.record):
        logger.info(line)
