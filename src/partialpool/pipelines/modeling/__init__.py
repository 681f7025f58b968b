"""One node per hierarchical model."""

from partialpool.pipelines.modeling.pipeline import create_pipeline

__all__ = ["create_pipeline"]
