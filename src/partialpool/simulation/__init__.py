"""Simulated screens with known truth, which are an independent check of the models.

This code does not use the models. So if a model recovers a planted value, it has been checked by
independent code.
"""

from partialpool.simulation.counts import Counts, CountSettings, simulate_counts
from partialpool.simulation.depmap_annotations import (
    CopyNumberSettings,
    MutationSettings,
    RnaSettings,
)
from partialpool.simulation.depmap_deviations import DeviationSettings, SelectiveGene
from partialpool.simulation.depmap_effects import EffectSettings
from partialpool.simulation.depmap_screen import RAW_COLUMNS, simulate_depmap_screen
from partialpool.simulation.depmap_settings import DepmapScreenSettings
from partialpool.simulation.expression_screen import (
    ExpressionScreenSettings,
    simulate_expression_screen,
)
from partialpool.simulation.r_table import as_r_table

__all__ = [
    "RAW_COLUMNS",
    "CopyNumberSettings",
    "CountSettings",
    "Counts",
    "DepmapScreenSettings",
    "DeviationSettings",
    "EffectSettings",
    "ExpressionScreenSettings",
    "MutationSettings",
    "RnaSettings",
    "SelectiveGene",
    "as_r_table",
    "simulate_counts",
    "simulate_depmap_screen",
    "simulate_expression_screen",
]
