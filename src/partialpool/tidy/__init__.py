"""Tidy tables: the statistics behind figures and reports, as small pure functions.

They take and give pandas tables, a row per thing that a figure draws, and know nothing of
PyMC, plotnine or Kedro.
"""
