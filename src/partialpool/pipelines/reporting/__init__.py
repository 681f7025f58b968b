"""Figures, tables and the report."""

from partialpool.pipelines.reporting.pipeline_data import (
    create_data_pipeline,
    create_expression_data_pipeline,
)
from partialpool.pipelines.reporting.pipeline_model import (
    create_comparison_pipeline,
    create_model_pipeline,
)
from partialpool.pipelines.reporting.pipeline_report import create_report_pipeline

__all__ = [
    "create_comparison_pipeline",
    "create_data_pipeline",
    "create_expression_data_pipeline",
    "create_model_pipeline",
    "create_report_pipeline",
]
