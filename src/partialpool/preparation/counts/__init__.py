"""From counts of reads to log fold changes.

`join_counts` joins a matrix of counts with its guide map and sample sheet, `sequence_qc` judges
sequences, and `screen_of_counts` computes log fold changes.
"""

from __future__ import annotations

from collections.abc import Sequence

from partialpool.preparation.counts.counted import CountedScreen, join_counts
from partialpool.preparation.counts.files import read_frame, read_matrix
from partialpool.preparation.counts.fold_changes import FoldChanges
from partialpool.preparation.counts.matrix import Matrix, matrix_of
from partialpool.preparation.counts.record import describe, make_record, warnings_of
from partialpool.preparation.counts.screen_matrix import (
    GivenFoldChanges,
    LineData,
    ScreenMatrix,
    from_fold_changes,
)
from partialpool.preparation.counts.sequence_qc import sequence_qc, with_verdicts
from partialpool.preparation.counts.settings import FoldChangeSettings, SequenceQcSettings

__all__ = [
    "CountedScreen",
    "FoldChangeSettings",
    "FoldChanges",
    "GivenFoldChanges",
    "LineData",
    "Matrix",
    "ScreenMatrix",
    "SequenceQcSettings",
    "describe",
    "join_counts",
    "matrix_of",
    "read_frame",
    "read_matrix",
    "screen_of_counts",
    "sequence_qc",
    "warnings_of",
]


def screen_of_counts(
    screen: CountedScreen,
    settings: FoldChangeSettings,
    nonessential: Sequence[str] = (),
    lines: LineData | None = None,
) -> ScreenMatrix:
    """Judge the sequences of a screen, and compute its log fold changes.

    Parameters
    ----------
    screen
        Counts with their labels.
    settings
        How log fold changes are computed.
    nonessential
        Nonessential genes; may be empty.
    lines
        What is known about lines.

    Raises
    ------
    ScreenError
        If a batch has no pDNA that can be used, or if there are no nonessential guides although
        the settings need them.
    """
    qc = sequence_qc(screen, settings)
    changes = FoldChanges(with_verdicts(screen, qc), settings, nonessential)
    record = make_record(changes, qc)
    return from_fold_changes(changes, lines or LineData(), record, qc)
