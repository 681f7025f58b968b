"""Load the raw screen, validate it, and make the modelling table of it."""

from partialpool.pipelines.data_engineering.pipeline import create_pipeline

__all__ = ["create_pipeline"]
