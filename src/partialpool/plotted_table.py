"""A table that can be drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Self

import pandas as pd

if TYPE_CHECKING:
    from plotnine import ggplot


class PlottedTable(pd.DataFrame):
    """A table with a figure of its own. Parts of it, such as some columns, are ordinary tables."""

    _metadata: ClassVar[list[str]] = ["_drawing"]
    _drawing: Callable[[], ggplot]

    @classmethod
    def of(cls, table: pd.DataFrame, drawing: Callable[[], ggplot]) -> Self:
        """Add a figure to a table.

        Parameters
        ----------
        table
            The table.
        drawing
            Makes the figure when it is asked for.
        """
        plotted = cls(table)
        plotted._drawing = drawing
        return plotted

    def plot(self) -> ggplot:  # type: ignore[override]
        """Draw the figure that the report of a run has, of this table.

        Returns
        -------
        plotnine.ggplot
            A plot. A notebook shows it; ``plot().save("kras.png")`` saves it.
        """
        return self._drawing()
