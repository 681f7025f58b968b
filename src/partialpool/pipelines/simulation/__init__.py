"""Screens with known truth."""

from partialpool.pipelines.simulation.pipeline import create_counts_pipeline, create_pipeline

__all__ = ["create_counts_pipeline", "create_pipeline"]
