"""Nodes of data engineering: one for each step from the raw table to the modelling table."""

import logging

import pandas as pd

from partialpool import preparation
from partialpool.preparation import CONSTANT_CN, DataSettings, Exclusions, Remark

logger = logging.getLogger(__name__)


def load_screen(
    raw_screen: pd.DataFrame, settings: DataSettings
) -> tuple[pd.DataFrame, tuple[Remark, ...]]:
    """Read the columns of the raw table, whatever program wrote it, and what to say about them."""
    return preparation.read_columns(raw_screen, settings)


def validate(table: pd.DataFrame) -> pd.DataFrame:
    """Check every column. The error message lists all problems."""
    return preparation.check_columns(table)


def leave_out(
    table: pd.DataFrame, settings: DataSettings, **lists: pd.DataFrame
) -> tuple[pd.DataFrame, Exclusions]:
    """Leave out rows that fail QC or have no lfc. Check signs if both gene lists are given."""
    kept, counts = preparation.exclude(table, settings)
    preparation.require_depletion(
        kept, **{name: list(genes["hugo_symbol"]) for name, genes in lists.items()}
    )
    return kept, counts


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
    validated: pd.DataFrame,
    screen: pd.DataFrame,
    counts: Exclusions,
    settings: DataSettings,
    remarks: tuple[Remark, ...],
) -> pd.DataFrame:
    """Count what was read, left out and kept, and log the counts and what was noticed."""
    remarks = (*remarks, *preparation.long_upper_tail(screen))
    quality = preparation.data_quality(validated, screen, counts, settings, remarks)
    _log(quality.set_index("item"))
    for remark in remarks:
        level = logging.WARNING if remark.is_odd else logging.INFO
        logger.log(level, "%d %s: %s", remark.count, remark.item, remark.note)
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
