"""Figures, tables and the report."""

from partialpool.pipelines.reporting.pipeline import (
    create_answer_pipeline,
    create_comparison_pipeline,
    create_data_pipeline,
    create_dependency_pipeline,
    create_expression_data_pipeline,
    create_fit_pipeline,
    create_fits_pipeline,
    create_report_pipeline,
)

__all__ = [
    "create_answer_pipeline",
    "create_comparison_pipeline",
    "create_data_pipeline",
    "create_dependency_pipeline",
    "create_expression_data_pipeline",
    "create_fit_pipeline",
    "create_fits_pipeline",
    "create_report_pipeline",
]
