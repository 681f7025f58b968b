"""The dependency model, and what is called from it."""

from partialpool.pipelines.calls.pipeline import create_calls_pipeline, create_fit_pipeline

__all__ = ["create_calls_pipeline", "create_fit_pipeline"]
