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
from partialpool.models.contract import Model, Parametrization
from partialpool.models.likelihood import Likelihood

#: Every model by name; a new model is registered here.
MODELS: Mapping[str, Model] = MappingProxyType(
    {
        model.name: model
        for model in (
            gene.MODEL,
            sgrna_in_gene.MODEL,
            cell_line.MODEL,
            mutation.MODEL,
            expression.MODEL,
            copy_number.MODEL,
            full.MODEL,
        )
    }
)

__all__ = ["MODELS", "Likelihood", "Model", "Parametrization"]
