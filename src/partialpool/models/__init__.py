"""The hierarchical models, one file each, and their common code."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from partialpool.models import (
    cell_line,
    copy_number,
    expression,
    full,
    gene,
    mutation,
    sgrna_in_gene,
)
from partialpool.models.effects import ZERO, Effect
from partialpool.models.model import Model, Parametrization
from partialpool.models.priors import HalfNormal
from partialpool.screen import dim_column

#: Every model by name; a new model is registered here.
MODELS: Mapping[str, Model] = MappingProxyType(
    {
        module.MODEL.name: module.MODEL
        for module in (gene, sgrna_in_gene, cell_line, mutation, expression, copy_number, full)
    }
)

#: The name of the model of every gene in every line, which has a sampler of its own.
DEPENDENCY: Literal["dependency"] = "dependency"
#: Names that the parameter ``models`` may contain.
MODEL_NAMES: tuple[str, ...] = (*MODELS, DEPENDENCY)

#: Every effect of a registered model, by name.
EFFECTS: Mapping[str, Effect] = MappingProxyType(
    {effect.name: effect for model in MODELS.values() for effect in model.populations()}
)
#: Columns with the labels of the dims of registered models.
LABEL_COLUMNS: tuple[str, ...] = tuple(
    dict.fromkeys(dim_column(dim) for model in MODELS.values() for dim in model.dims)
)


def effect_named(name: str) -> Effect:
    """Effect of a registered model. For any other name, an effect that only has this name."""
    return EFFECTS.get(name) or Effect(name, over="element", mean=ZERO, sd=HalfNormal("sigma"))


__all__ = [
    "DEPENDENCY",
    "EFFECTS",
    "LABEL_COLUMNS",
    "MODELS",
    "MODEL_NAMES",
    "Model",
    "Parametrization",
    "effect_named",
]
