"""A matrix of numbers with labels, in either orientation, and counts in a fixed one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_integer_dtype, is_numeric_dtype

from partialpool.errors import SHOWN, Problem, ScreenError, shorten
from partialpool.preparation.counts.names import plain

#: Names of a column with the gene of each guide, beside the column of guides, as MAGeCK writes it.
GENE_COLUMNS = ("gene", "genes", "hugosymbol", "genesymbol")
#: A missing count.
MISSING = -1
#: What to do about text between numbers.
NO_TEXT = (
    "correct the values, or leave the fields empty; the column of genes must be second and be "
    "called Gene; in a transposed matrix, remove the row Gene"
)
LARGEST = np.iinfo(np.int32).max

Numbers = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Matrix:
    """Numbers with a label for each row and each column.

    Attributes
    ----------
    rows, columns
        Labels.
    numbers
        Whole numbers (``MISSING`` where there is none), or floats (NaN).
    source
        Name of the file, for messages.
    genes
        The gene of each row, if the file says so. Empty otherwise.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    numbers: Numbers
    source: str = "the matrix"
    genes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Check that labels are unique and fit the numbers."""
        for kind, labels, size in (
            ("row", self.rows, self.numbers.shape[0]),
            ("column", self.columns, self.numbers.shape[1]),
        ):
            if len(labels) != size:
                raise ValueError(f"{len(labels)} labels of {size} {kind}s")
            repeated = pd.Index(labels)[pd.Index(labels).duplicated()].unique()
            if len(repeated):
                raise ScreenError.of(
                    Problem(
                        expected=f"different labels for all {kind}s of {self.source}.",
                        got=f"{len(repeated)} more than once: {shorten(list(repeated))}.",
                        fix=f"remove or rename the repeated {kind}s.",
                    )
                )


def matrix_of(frame: pd.DataFrame, source: str = "the table of counts") -> Matrix:
    """Make a matrix of counts from a pandas table.

    Parameters
    ----------
    frame
        Table whose labels of rows are its index or, if the index only numbers the rows, its first
        column. A second column with genes is allowed.
    source
        Name for messages.

    Raises
    ------
    ScreenError
        If there is no label, if labels are repeated, or if a value is not a count.
    """
    if frame.shape[1] > 1 and _is_numbered(frame):
        frame = frame.set_index(frame.columns[0])
    genes: tuple[str, ...] = ()
    if frame.shape[1] and is_of_genes(frame.columns[0]):
        genes = tuple(frame.iloc[:, 0].astype(str))
        frame = frame.iloc[:, 1:]
    rows, columns = tuple(map(str, frame.index)), tuple(map(str, frame.columns))
    numbers = frame.apply(pd.to_numeric, errors="coerce")
    text = frame.notna().to_numpy() & numbers.isna().to_numpy()
    if text.any():
        values = frame.to_numpy(dtype=object)
        raise _wrong(text, values, columns, source, 0, "numbers", "text in ", f"{NO_TEXT}.")
    counts = whole(numbers.to_numpy(dtype=float), columns, source)
    return Matrix(rows, columns, counts, source, genes)


def is_of_genes(name: object) -> bool:
    """Whether a column with this name has the gene of each guide."""
    return plain(name) in GENE_COLUMNS


def _is_numbered(frame: pd.DataFrame) -> bool:
    """Whether the index only numbers the rows, perhaps with gaps because some were left out."""
    if isinstance(frame.index, pd.RangeIndex):
        return True
    first_is_text = not is_numeric_dtype(frame.iloc[:, 0])
    return bool(is_integer_dtype(frame.index)) and first_is_text


def whole(
    block: npt.NDArray[np.float64], columns: Sequence[str], source: str, first_row: int = 0
) -> npt.NDArray[np.int32]:
    """Check that numbers are counts, and make them whole numbers; missing ones become ``MISSING``.

    Parameters
    ----------
    block
        (rows, columns) numbers, NaN where there is none.
    columns
        Labels of the columns.
    source
        Name of the file.
    first_row
        Number of rows before this block.

    Raises
    ------
    ScreenError
        If a number is negative, fractional or infinite. The message names rows and columns.
    """
    missing = np.isnan(block)
    kinds = (
        (np.isinf(block) | (block > LARGEST), "finite counts", "write the number of reads."),
        (
            block < 0,
            "no negative count",
            "give raw counts of reads. For log fold changes, start with --env depmap and "
            "screen_path=...",
        ),
        (
            ~missing & np.isfinite(block) & (block != np.rint(block)),
            "whole numbers",
            "give raw counts of reads, before any normalisation.",
        ),
    )
    for wrong, expected, fix in kinds:
        if wrong.any():
            raise _wrong(wrong, block, columns, source, first_row, expected, "", fix)
    return np.where(missing, MISSING, block).astype(np.int32)


def _wrong(
    wrong: npt.NDArray[np.bool_],
    values: Numbers,
    columns: Sequence[str],
    source: str,
    first_row: int,
    expected: str,
    prefix: str,
    fix: str = "correct the values, or leave the fields empty.",
) -> ScreenError:
    row, column = np.nonzero(wrong)
    shown = (
        f"row {first_row + r + 1}, column {columns[c]}: {values[r, c]!s}"
        for r, c in zip(row[:SHOWN], column[:SHOWN], strict=True)
    )
    return ScreenError.of(
        Problem(
            expected=f"{expected} in {source}.",
            got=f"{prefix}{shorten(shown, total=len(row))} (rows are counted below the header).",
            fix=fix,
        )
    )


def oriented(
    matrix: Matrix, guides: Collection[str], sequences: Collection[str]
) -> tuple[Matrix, str]:
    """Turn a matrix so that its rows are guides and its columns are sequences.

    Parameters
    ----------
    matrix
        Matrix in either orientation.
    guides, sequences
        Labels of the guide map and of the sample sheet.

    Returns
    -------
    turned : Matrix
        The matrix; its numbers are not copied.
    orientation : str
        ``guides x sequences`` or ``sequences x guides``, as in the file.

    Raises
    ------
    ScreenError
        If the labels fit neither orientation, or both. The message has the numbers of matches.
    """
    known = set(guides), set(sequences)
    found = {
        "rows": [sum(label in labels for label in matrix.rows) for labels in known],
        "columns": [sum(label in labels for label in matrix.columns) for labels in known],
    }
    upright = min(found["rows"][0], found["columns"][1])
    across = min(found["rows"][1], found["columns"][0])
    if upright and not across:
        return matrix, "guides x sequences"
    if across and not upright:
        turned = Matrix(matrix.columns, matrix.rows, matrix.numbers.T, matrix.source)
        return turned, "sequences x guides"
    said = "; ".join(
        f"of {len(labels)} {where}, {found[where][0]} are guides of the guide map and "
        f"{found[where][1]} are sequences of the sample sheet"
        for where, labels in (("rows", matrix.rows), ("columns", matrix.columns))
    )
    raise ScreenError.of(
        Problem(
            expected=f"guides as rows and sequences as columns of {matrix.source}, or the reverse.",
            got=f"{said}. Rows: {shorten(matrix.rows, shown=3)}. "
            f"Columns: {shorten(matrix.columns, shown=3)}.",
            fix="give the guide map (guides_path) and the sample sheet (samples_path) of this "
            "file, with the same spelling of labels.",
        )
    )
