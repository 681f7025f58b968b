"""One namespaced pipeline per model."""

from partialpool.pipelines.modeling.pipeline import create_pipeline

__all__ = ["create_pipeline"]
