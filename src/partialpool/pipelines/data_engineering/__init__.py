"""Load the raw screen, validate it, and make the modelling table."""

from partialpool.pipelines.data_engineering.pipeline import create_pipeline

__all__ = ["create_pipeline"]
