"""Control genes, which set the scale of the effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from partialpool.errors import Problem, ScreenError, shorten

CONTROL = "control gene"
NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Controls:
    """The lists that the fit was given.

    Attributes
    ----------
    nonessential
        Genes whose median effect is 0. Empty if this is the median of all genes.
    common_essential
        Genes whose median effect is -1. Empty if the unit is the log fold change.
    """

    nonessential: Sequence[str] = ()
    common_essential: Sequence[str] = ()

    def __post_init__(self) -> None:
        both = sorted(set(self.nonessential) & set(self.common_essential))
        if both:
            raise ScreenError.of(
                Problem(
                    expected="different genes in the lists nonessential and common_essential",
                    got=f"{len(both)} in both: {shorten(both)}",
                    fix="remove these genes from one of the lists",
                )
            )

    def of(self, genes: pd.Series) -> pd.Series:
        """The list of each gene: ``nonessential``, ``common essential`` or an empty text."""
        names = genes.astype(str)
        kind = np.where(names.isin(list(self.nonessential)), "nonessential", "")
        kind = np.where(names.isin(list(self.common_essential)), "common essential", kind)
        return pd.Series(kind, index=genes.index, dtype="str")


NO_CONTROLS = Controls()


def probability_below(table: pd.DataFrame, threshold: float) -> pd.Series:
    """Column of a fit with P(effect < threshold).

    Raises
    ------
    ScreenError
        If the fit did not count draws below this threshold.
    """
    names = (f"p_below_{threshold:g}", *(("p_below_-0",) if threshold == 0 else ()))
    for name in names:
        if name in table:
            return pd.Series(table[name])
    raise no_draws_below(threshold, [n for n in map(str, table) if n.startswith("p_below_")])


def no_draws_below(threshold: float, found: Sequence[str]) -> ScreenError:
    """Error that the fit did not count draws below a threshold."""
    return ScreenError.of(
        Problem(
            expected=f"draws of the fit that are counted below {threshold:g}",
            got=shorten(found) if found else "none",
            fix=f"add {threshold:g} to the thresholds of the fit",
        )
    )
