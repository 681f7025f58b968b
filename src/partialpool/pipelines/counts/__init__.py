"""From counts, or the folder of a DepMap release, to the raw screen table."""

from partialpool.pipelines.counts.pipeline import INPUTS, RAW_SCREEN, SEQUENCE_QC, create_pipeline

__all__ = ["INPUTS", "RAW_SCREEN", "SEQUENCE_QC", "create_pipeline"]
