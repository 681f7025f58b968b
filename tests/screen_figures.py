"""What tests of the figures of a screen share: a small screen, and a look into a plot."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9
from matplotlib import pyplot as plt

from partialpool.figures.figure import Figure


def screen(genes: int, lines: int, guides: int = 2, **effects: float) -> pd.DataFrame:
    """Make a balanced screen whose gene g has median LFC near g / 10."""
    random = np.random.default_rng(3)
    cells = [
        (f"G{g:03d}", f"G{g:03d}_{s}", f"ACH-{c:03d}", f"ACH-{c:03d}_r1", g, c)
        for g in range(genes)
        for s in range(guides)
        for c in range(lines)
    ]
    names = ["hugo_symbol", "sgrna", "depmap_id", "replicate_id", "g", "c"]
    table = pd.DataFrame(cells, columns=names)
    covariates = random.normal(size=(2, genes, lines))
    table["gene_cn_z"], table["rna_expr_z"] = covariates[:, table["g"], table["c"]]
    table["lineage"] = np.where(table["c"] % 2 == 0, "soft_tissue", "lung")
    table["lfc"] = (
        table["g"] / 10
        + effects.get("rna", 0.0) * (table["g"] - genes / 2) * table["rna_expr_z"]
        + random.normal(scale=0.01, size=len(table))
    )
    for name in ("hugo_symbol", "sgrna", "depmap_id", "lineage"):
        table[name] = pd.Categorical(table[name], table[name].unique(), ordered=True)
    return table.drop(columns=["g", "c"])


def made_of(figure: Figure, table: pd.DataFrame) -> Any:
    """What the figure draws of a screen, or why there is nothing to draw."""
    return figure.made_of(SimpleNamespace(screen=table))


def plot_of(figure: Figure, table: pd.DataFrame) -> p9.ggplot:
    """The plot of a figure of a screen."""
    return figure.draw(**made_of(figure, table))


def draw(plot: p9.ggplot) -> Any:
    """Draw a plot, any warning being an error, and give the matplotlib figure's axes."""
    figure = plot.draw()
    plt.close(figure)
    return figure.axes


def layers(plot: p9.ggplot, geom: str) -> list[pd.DataFrame]:
    """Give the data that each layer with a geom was given."""
    found = [one for one in plot.layers if type(one.geom).__name__ == geom]
    return [plot.data if one._data is None else one._data for one in found]


def layer(plot: p9.ggplot, geom: str, at: int = 0) -> pd.DataFrame:
    """Give the data that the ``at``-th layer with a geom was given."""
    return layers(plot, geom)[at]


def flat(caption: str) -> str:
    return caption.replace("\n", " ")
