"""The report: one HTML page that needs nothing else.

It is made from finished tables and pictures, without PyMC, plotnine or Kedro.
"""

from partialpool.report.content import (
    DependencyContent,
    ModelContent,
    ReportContent,
    Section,
)
from partialpool.report.render import render

__all__ = ["DependencyContent", "ModelContent", "ReportContent", "Section", "render"]
