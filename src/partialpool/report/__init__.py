"""The report: one HTML page that needs nothing else.

It takes finished tables and pictures and knows nothing of PyMC, plotnine or Kedro.
"""

from partialpool.report.content import ModelContent, ReportContent, Section
from partialpool.report.render import render

__all__ = ["ModelContent", "ReportContent", "Section", "render"]
