"""Nodes that simulate screens."""

import pandas as pd

from partialpool.simulation import (
    DepmapScreenSettings,
    ExpressionScreenSettings,
    as_r_table,
    simulate_depmap_screen,
    simulate_expression_screen,
)


def depmap_screen(settings: DepmapScreenSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate a DepMap-like table, in the format that R writes, and its planted truth."""
    table, truth = simulate_depmap_screen(settings)
    return as_r_table(table), truth


def expression_screen(settings: ExpressionScreenSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate the gene x cell-line screen of the model-experimentation notebook."""
    return simulate_expression_screen(settings)
