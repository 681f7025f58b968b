"""Counts how much of its screen a fit saw, and says why it saw less than all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from partialpool.models import Model
from partialpool.models.effects import ELEMENTS
from partialpool.screen import COVARIATES, dim_column

#: What is counted -> the column that identifies it.
COUNTED: Mapping[str, str] = {
    "genes": "hugo_symbol",
    "guides": "sgrna",
    "cell lines": "depmap_id",
    "replicates": "replicate_id",
}
MEASUREMENTS = "measurements"


@dataclass(frozen=True)
class Seen:
    """How much of a screen a fit saw.

    Attributes
    ----------
    n
        The numbers of measurements, genes, guides, cell lines and replicates that the fit saw.
    of
        The same numbers for the whole screen.
    lacking
        A value that the fit needs -> the number of measurements without it.
    """

    n: Mapping[str, int]
    of: Mapping[str, int]
    lacking: Mapping[str, int]

    @property
    def is_all(self) -> bool:
        """Whether the fit saw every measurement."""
        return self.n == self.of

    @property
    def why(self) -> str:
        """Why the fit saw less, such as ``10 have no RNA expression``. Empty if it saw all."""
        return ", ".join(f"{n:,} have no {what}" for what, n in self.lacking.items() if n)


def counts(table: pd.DataFrame) -> dict[str, int]:
    """Count the measurements, genes, guides, cell lines and replicates of a modelling table."""
    of_labels = {name: table[column].nunique() for name, column in COUNTED.items()}
    return {MEASUREMENTS: len(table), **of_labels}


def seen(table: pd.DataFrame, model: Model) -> Seen:
    """Count how much of a modelling table a model can use."""
    needed = {name: COVARIATES[name].noun for name in model.covariates}
    needed |= {dim_column(dim): ELEMENTS.get(dim, dim) for dim in model.dims}
    known = table[list(needed)].notna()
    rows = table[known.all(axis=1)]
    lacking = {what: int((~known[column]).sum()) for column, what in needed.items()}
    return Seen(counts(rows), counts(table), lacking)
