"""Nodes that simulate screens."""

import pandas as pd

from partialpool.simulation import (
    Counts,
    CountSettings,
    DepmapScreenSettings,
    ExpressionScreenSettings,
    as_r_table,
    simulate_counts,
    simulate_depmap_screen,
    simulate_expression_screen,
)


def depmap_screen(settings: DepmapScreenSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate a DepMap-like table, in the format that R writes, and its planted truth."""
    table, truth = simulate_depmap_screen(settings)
    return as_r_table(table), truth


def counts(screen: pd.DataFrame, settings: CountSettings) -> Counts:
    """Simulate read counts of the DepMap-like screen, with a guide map and a sample sheet."""
    return simulate_counts(screen, settings)


def expression_screen(settings: ExpressionScreenSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate the gene x cell-line screen of the model-experimentation notebook."""
    return simulate_expression_screen(settings)
