"""The hierarchical models, one file each, and what they share."""

from collections.abc import Mapping
from types import MappingProxyType

from partialpool.models import (
    cell_line,
    copy_number,
    expression,
    full,
    gene,
    mutation,
    sgrna_in_gene,
)
from partialpool.models.model import Model, Parametrization

#: Every model by name; a new model is registered here.
MODELS: Mapping[str, Model] = MappingProxyType(
    {
        module.MODEL.name: module.MODEL
        for module in (gene, sgrna_in_gene, cell_line, mutation, expression, copy_number, full)
    }
)

__all__ = ["MODELS", "Model", "Parametrization"]
