"""Figures, tables and the report."""

from partialpool.pipelines.reporting.pipeline_data import (
    create_data_pipeline,
    create_expression_data_pipeline,
)

__all__ = ["create_data_pipeline", "create_expression_data_pipeline"]
