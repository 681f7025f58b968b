"""Screens with known truth."""

from partialpool.pipelines.simulation.pipeline import create_pipeline

__all__ = ["create_pipeline"]
