"""Predictions and scores of fits."""

from partialpool.pipelines.evaluation.pipeline import create_comparison_pipeline, create_pipeline

__all__ = ["create_comparison_pipeline", "create_pipeline"]
