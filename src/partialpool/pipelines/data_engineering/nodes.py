"""The node of data engineering."""

import logging

import pandas as pd

from partialpool.preparation import CONSTANT_CN, DataSettings, prepare

logger = logging.getLogger(__name__)


def prepare_screen(
    raw_screen: pd.DataFrame, settings: DataSettings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the modelling table and the data-quality table, and log what was left out."""
    screen, quality = prepare(raw_screen, settings)
    _log(quality.set_index("item"))
    return screen, quality


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
