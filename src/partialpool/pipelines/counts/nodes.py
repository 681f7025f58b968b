"""Nodes that make the raw screen table from counts, or from the folder of a DepMap release."""

import logging
from typing import Any

import pandas as pd

from partialpool.preparation.counts import (
    FoldChangeSettings,
    Matrix,
    ScreenMatrix,
    describe,
    join_counts,
    screen_of_counts,
    warnings_of,
)
from partialpool.preparation.depmap_release import DepmapSettings, ReleaseFiles
from partialpool.preparation.depmap_release import read_release as read_files

logger = logging.getLogger(__name__)


def read_counts(
    counts: Matrix,
    samples: pd.DataFrame,
    settings: FoldChangeSettings,
    guides: pd.DataFrame | None = None,
    nonessential: pd.DataFrame | None = None,
) -> ScreenMatrix:
    """Join counts with their labels, and judge the sequences."""
    joined = join_counts(counts, samples, settings, guides)
    return screen_of_counts(joined, settings, _genes(nonessential))


def read_release(
    release: ReleaseFiles,
    settings: FoldChangeSettings,
    how: DepmapSettings,
    nonessential: pd.DataFrame | None = None,
) -> ScreenMatrix:
    """Read the screens of a release, and what is known about their lines."""
    return read_files(release, how, settings, _genes(nonessential))


def check_sequences(screen: ScreenMatrix) -> pd.DataFrame:
    """List the sequences with their verdicts, and log those that are not good."""
    bad = screen.qc[screen.qc["verdict"] != "pass"]
    for verdict, rows in bad.groupby("verdict"):
        logger.warning("%d of %d sequences: %s", len(rows), len(screen.qc), verdict)
    return screen.qc


def compute_fold_changes(
    screen: ScreenMatrix, settings: FoldChangeSettings
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Make the raw screen table, and the record of how it was made."""
    for line in warnings_of(screen.record):
        logger.warning(line)
    for line in describe(screen.record):
        logger.info(line)
    return screen.table(settings.max_rows), dict(screen.record)


def _genes(table: pd.DataFrame | None) -> list[str]:
    return [] if table is None else table["hugo_symbol"].tolist()
