"""What each fit saw of its screen, and why some saw less than all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from partialpool.models import Model
from partialpool.models.effects import ELEMENTS
from partialpool.screen import COVARIATES, dim_column

#: What is counted -> column that identifies it.
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
        Measurements, genes, guides, cell lines and replicates that it saw.
    of
        Those of the screen.
    lacking
        What it needs -> measurements of the screen that do not have it.
    """

    n: Mapping[str, int]
    of: Mapping[str, int]
    lacking: Mapping[str, int]

    @property
    def is_all(self) -> bool:
        """Whether it saw every measurement."""
        return self.n == self.of

    @property
    def why(self) -> str:
        """Why it saw less, such as ``10 have no RNA expression``; empty if it saw all."""
        return ", ".join(f"{n:,} have no {what}" for what, n in self.lacking.items() if n)


def counts(table: pd.DataFrame) -> dict[str, int]:
    """Count the measurements of a modelling table, and what they are of."""
    of_labels = {name: table[column].nunique() for name, column in COUNTED.items()}
    return {MEASUREMENTS: len(table), **of_labels}


def seen(table: pd.DataFrame, model: Model) -> Seen:
    """Count what a model sees of a modelling table."""
    needed = {name: COVARIATES[name].noun for name in model.covariates}
    needed |= {dim_column(dim): ELEMENTS.get(dim, dim) for dim in model.dims}
    known = table[list(needed)].notna()
    rows = table[known.all(axis=1)]
    lacking = {what: int((~known[column]).sum()) for column, what in needed.items()}
    return Seen(counts(rows), counts(table), lacking)
