"""What of the modelling table the dependency model uses besides the log fold changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

import pandas as pd
from pydantic import AfterValidator, BeforeValidator

from partialpool.calls.call_settings import ContrastSettings
from partialpool.calls.contrasts import each_value, weights_of
from partialpool.errors import ScreenError
from partialpool.parameters import Parameters, words

#: Names of contrasts become parts of the names of files.
NAME = re.compile(r"[\w.-]+")


def _check_names(contrasts: dict[str, ContrastSettings]) -> dict[str, ContrastSettings]:
    if wrong := [name for name in contrasts if not NAME.fullmatch(name)]:
        raise ValueError(f"names of contrasts consist of letters, digits, . _ and -; got {wrong}")
    return contrasts


Contrasts = Annotated[dict[str, ContrastSettings], AfterValidator(_check_names)]


class DependencyInputs(Parameters):
    """What of the modelling table is used.

    Attributes
    ----------
    copy_number
        Whether the effect of copy number is estimated and removed, if the table has ``gene_cn``.
    drop_failing
        Whether replicates that fail QC are left out.
    contrasts
        Groups of lines that are compared. It is an error if the table lacks a group.
    standard_contrasts
        The same, but contrasts that the table does not allow are left out.
    compare
        Columns of which each value is compared with the others.
    """

    copy_number: bool
    drop_failing: bool
    contrasts: Contrasts
    standard_contrasts: Contrasts
    compare: Annotated[tuple[str, ...], BeforeValidator(words)]

    def weights(self, table: pd.DataFrame) -> dict[str, Mapping[str, float]]:
        """Weights of the lines in each contrast.

        Raises
        ------
        ScreenError
            If a contrast names a column, value, gene or line that is not in the table, or if a
            group has fewer than two lines.
        """
        found: dict[str, Mapping[str, float]] = {}
        for name, contrast in self.standard_contrasts.items():
            try:
                found[name] = weights_of(table, contrast)
            except ScreenError:
                continue
        for column in self.compare:
            found |= each_value(table, column)
        return found | {name: weights_of(table, c) for name, c in self.contrasts.items()}
