"""Rows that are left out of the modelling table, and their numbers."""

from dataclasses import dataclass

import pandas as pd

from partialpool.errors import SHOWN, Problem, ScreenError, shorten
from partialpool.preparation.data_settings import DataSettings
from partialpool.screen import MIN_GENES


@dataclass(frozen=True)
class Exclusions:
    """Numbers of rows that were read, left out and kept.

    Attributes
    ----------
    read
        Rows of the raw table.
    failed_qc
        Rows whose ``passes_qc`` is false, whether they are left out or not.
    unknown_qc
        Rows without ``passes_qc``. They count as passing.
    missing_lfc
        Rows without a log fold change, among those that QC did not leave out.
    kept
        Rows that are kept.
    """

    read: int
    failed_qc: int
    unknown_qc: int
    missing_lfc: int
    kept: int


def exclude(table: pd.DataFrame, settings: DataSettings) -> tuple[pd.DataFrame, Exclusions]:
    """Leave out rows that fail QC and rows without a log fold change, and no others.

    A missing ``passes_qc`` counts as passing, because the flag is meant to mark rows that failed.
    These rows are counted.

    Parameters
    ----------
    table
        A validated screen, numbered from 0 as in its file.
    settings
        Whether to leave out each kind of row.

    Returns
    -------
    kept : pandas.DataFrame
        The rows that are kept, with their original numbers.
    counts : Exclusions
        How many rows were read, left out and kept.

    Raises
    ------
    ScreenError
        If fewer than two genes are left, or if a row has no log fold change and
        ``drop_missing_lfc`` is false.
    """
    failed, unknown = _qc(table)
    passing = table[~failed] if settings.drop_failed_qc else table
    missing = passing["lfc"].isna()
    if missing.any() and not settings.drop_missing_lfc:
        raise _missing_lfc(passing[missing])
    kept = passing[~missing]
    counts = Exclusions(
        read=len(table),
        failed_qc=int(failed.sum()),
        unknown_qc=int(unknown.sum()),
        missing_lfc=int(missing.sum()),
        kept=len(kept),
    )
    _check_enough(kept, counts, settings)
    return kept, counts


def _qc(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Mark the rows that fail QC, and the rows without a flag."""
    if "passes_qc" not in table:
        nothing = pd.Series(False, index=table.index)
        return nothing, ~nothing
    passes = table["passes_qc"]
    return ~passes.fillna(True).astype(bool), passes.isna()


def _missing_lfc(rows: pd.DataFrame) -> ScreenError:
    numbers = shorten((row + 1 for row in rows.index[:SHOWN]), total=len(rows))
    return ScreenError.of(
        Problem(
            expected="a log fold change (lfc) in every row, because drop_missing_lfc is false.",
            got=f"no value in row{'s' if len(rows) > 1 else ''} {numbers}.",
            fix="fill in lfc, or set data_engineering.drop_missing_lfc to true.",
        )
    )


def _check_enough(kept: pd.DataFrame, counts: Exclusions, settings: DataSettings) -> None:
    genes = kept["hugo_symbol"].unique()
    if len(genes) >= MIN_GENES:
        return
    left_out = (
        f"{counts.failed_qc if settings.drop_failed_qc else 0} of {counts.read} rows left out "
        f"for failing QC and {counts.missing_lfc} for having no lfc"
    )
    raise ScreenError.of(
        Problem(
            expected=f"rows of at least {MIN_GENES} genes to model; "
            "with fewer there is nothing to pool.",
            got=f"{counts.kept} rows of {len(genes)} genes ({shorten(genes)}), with {left_out}.",
            fix="check columns passes_qc and lfc, set data_engineering.drop_failed_qc to false, "
            "or give a table with more genes.",
        )
    )
