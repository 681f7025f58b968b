"""Nodes of data engineering: one for each step from the raw table to the modelling table."""

import logging

import pandas as pd

from partialpool import preparation
from partialpool.preparation import CONSTANT_CN, DataSettings, Exclusions

logger = logging.getLogger(__name__)


def load_screen(raw_screen: pd.DataFrame) -> pd.DataFrame:
    """Read the columns of the raw table, whatever program wrote it."""
    return preparation.read_columns(raw_screen)


def validate(table: pd.DataFrame) -> pd.DataFrame:
    """Check every column. The error message lists all problems."""
    return preparation.check_columns(table)


def leave_out(table: pd.DataFrame, settings: DataSettings) -> tuple[pd.DataFrame, Exclusions]:
    """Leave out rows that fail QC and rows without a log fold change."""
    return preparation.exclude(table, settings)


def categorize(table: pd.DataFrame) -> pd.DataFrame:
    """Sort the table, and convert its labels to ordered categoricals."""
    return preparation.categorise(table)


def scale_copy_number(table: pd.DataFrame, settings: DataSettings) -> pd.DataFrame:
    """Clip copy number and z-scale it within each gene."""
    return preparation.scale_copy_number(table, settings)


def scale_rna_expression(table: pd.DataFrame) -> pd.DataFrame:
    """Z-scale RNA expression within each gene."""
    return preparation.scale_rna_expression(table)


def mark_mutated(table: pd.DataFrame) -> pd.DataFrame:
    """Mark the measurements of genes that are mutated in their cell line."""
    return preparation.mark_mutated(table)


def describe_quality(
    validated: pd.DataFrame, screen: pd.DataFrame, counts: Exclusions, settings: DataSettings
) -> pd.DataFrame:
    """Count what was read, left out and kept, and log the counts."""
    quality = preparation.data_quality(validated, screen, counts, settings)
    _log(quality.set_index("item"))
    return quality


def _log(quality: pd.DataFrame) -> None:
    count = quality["count"]
    logger.info(
        "Kept %d of %d rows (%d fail QC, %d have no lfc): %d genes, %d sgrnas, %d cell lines.",
        *count[["rows kept", "rows read", "rows failing QC", "rows without lfc"]],
        *count[["genes kept", "sgrnas kept", "cell lines kept"]],
    )
    if count[CONSTANT_CN]:
        logger.warning(
            "%d genes have constant copy number, so their gene_cn_z is 0: %s",
            count[CONSTANT_CN],
            quality.loc[CONSTANT_CN, "note"],
        )
