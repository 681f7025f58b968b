"""Bars that show the intervals of genes on a common axis."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

#: The share of an axis that stays free at each end.
ROOM = 0.04
#: The maximum number of ticks of an axis.
MOST_TICKS = 6
#: Possible distances between ticks, times a power of ten.
STEPS = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class Axis:
    """The range of an axis, in the unit of the effects."""

    low: float
    high: float

    @classmethod
    def of(cls, genes: pd.DataFrame) -> Axis:
        """Make an axis with 0 and all intervals of ``genes``, and some room at its ends."""
        low, high = min([0.0, *genes["hdi_lower"]]), max([0.0, *genes["hdi_upper"]])
        room = ROOM * (high - low)
        return cls(low - room, high + room)

    def at(self, value: float) -> float:
        """Position of a value, in per cent of the axis."""
        return 100 * (value - self.low) / (self.high - self.low or 1)

    @property
    def ticks(self) -> list[tuple[str, float]]:
        """Round numbers on the axis, and their positions in per cent."""
        step = _step(self.high - self.low)
        if not step:
            return [("0", self.at(0.0))]
        digits = max(0, -math.floor(math.log10(step)))
        numbers = np.arange(math.ceil(self.low / step), math.floor(self.high / step) + 1) * step
        return [(_label(number, digits), self.at(number)) for number in numbers.tolist()]


@dataclass(frozen=True)
class GeneBar:
    """The estimate and interval of a gene, and their positions on the axis in per cent."""

    gene: str
    mean: float
    lower: float
    upper: float
    direction: str
    left: float
    width: float
    point: float


@dataclass(frozen=True)
class BarGroup:
    """The bars of some genes on one axis.

    Attributes
    ----------
    title
        What the genes have in common.
    bars
        One bar for each gene.
    axis
        The common axis.
    note
        A sentence below the bars; may be empty.
    """

    title: str
    bars: list[GeneBar]
    axis: Axis
    note: str = ""


def bar_group(title: str, genes: pd.DataFrame, axis: Axis, note: str = "") -> BarGroup:
    """Make a bar for each gene, in the same order.

    Parameters
    ----------
    title
        The title above the bars.
    genes
        Columns ``hugo_symbol``, ``mean``, ``hdi_lower``, ``hdi_upper``, ``direction``.
    axis
        The common axis.
    note
        A sentence below the bars; may be empty.
    """
    columns = ["hugo_symbol", "mean", "hdi_lower", "hdi_upper", "direction"]
    rows = zip(*(genes[name].to_list() for name in columns), strict=True)
    bars = [
        GeneBar(
            gene=str(gene),
            mean=mean,
            lower=lower,
            upper=upper,
            direction=direction,
            left=axis.at(lower),
            width=axis.at(upper) - axis.at(lower),
            point=axis.at(mean),
        )
        for gene, mean, lower, upper, direction in rows
    ]
    return BarGroup(title, bars, axis, note)


def _step(length: float) -> float:
    """Find the smallest round distance with at most ``MOST_TICKS`` ticks; 0 for no length."""
    if not length > 0:
        return 0.0
    least = length / (MOST_TICKS - 1)
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in STEPS if step * power >= least)


def _label(number: float, digits: int) -> str:
    text = f"{number:.{digits}f}"
    return text.replace("-", "\u2212") if float(text) else text.lstrip("-")
