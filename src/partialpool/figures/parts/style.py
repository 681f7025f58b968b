"""The style of all figures: a theme, and colours that have the same meaning everywhere."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from colorsys import hls_to_rgb
from types import MappingProxyType
from typing import Any

#: The colours of Okabe and Ito, which people with any colour vision can distinguish.
COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "measured": "#0072B2",  # log fold changes as measured
        "predicted": "#D55E00",  # what a model predicts
        "posterior": "#56B4E9",  # draws of a posterior, its intervals
        "estimate": "#000000",  # posterior means
        "population": "#009E73",  # population means and their intervals
        "prior": "#999999",  # prior draws
        "wild_type": "#56B4E9",
        "mutated": "#D55E00",
        "reference": "#7F7F7F",  # zero lines and the like
        "trend": "#E69F00",  # straight lines fitted to measurements, their intervals
        "passed": "#009E73",
        "failed": "#D55E00",
    }
)
#: For categories without a meaning of their own (chains, genes of a small screen).
CATEGORIES: tuple[str, ...] = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
    "#000000",
)
#: For the guides of a gene, without the green of population means and the black of genes.
GUIDES: tuple[str, ...] = ("#0072B2", "#E69F00", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
#: For genes beside a trend, without the orange of the trend and the grey of lines.
GENES: tuple[str, ...] = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000")
#: Low, zero, high: for values of both signs. Vermilion means depleted: cells grew worse.
DIVERGING: tuple[str, str, str] = ("#D55E00", "#FFFFFF", "#0072B2")
#: Few, many: for counts.
SEQUENTIAL: tuple[str, str] = ("#D3E5F2", "#06315A")
#: Behind every second row of a figure with many marks in a row.
STRIPE = "#F0F0F0"
#: Axis titles with their units.
LFC = "log2 fold change"
ERROR = "error: predicted - measured (log2 fold change)"

#: A figure of more genes shows only the most extreme ones, and says so.
MANY_GENES = 40
#: In a figure of more genes, they have no colours of their own.
MANY_COLOURS = 30
#: A figure of more points shows bins or densities instead.
MANY_POINTS = 5_000
#: A figure of more cell lines shows their ranks instead of their names.
MANY_LINES = 60
#: A figure has no more panels than this.
MANY_PANELS = 30


def theme(width: float = 7.0, height: float = 4.5) -> Any:
    """Make the theme of every plotnine figure. Sizes are in inches."""
    import plotnine as p9

    return p9.theme_minimal(base_size=10) + p9.theme(
        figure_size=(width, height),
        plot_title=p9.element_text(size=12, weight="bold", ha="left", margin={"b": 6}),
        plot_title_position="plot",
        plot_caption=p9.element_text(size=8, ha="left", color="#444444"),
        plot_caption_position="plot",
        panel_grid_minor=p9.element_blank(),
        strip_text=p9.element_text(weight="bold"),
        legend_key=p9.element_blank(),
    )


def wrap(text: str, width: float = 7.0, characters: float = 16.0) -> str:
    """Break a caption into lines for a figure ``width`` inches wide."""
    return textwrap.fill(text, int(width * characters))


def gene_colours(n: int) -> list[str]:
    """Choose colours for ``n`` genes beside a trend, at most ``MANY_COLOURS``.

    If ``GENES`` has too few colours, these are hues around the colour wheel without orange, the
    colour of trends. Neighbours also differ in lightness.
    """
    if n <= len(GENES):
        return list(GENES[:n])
    hues = [(75 + 295 * i / (n - 1)) / 360 % 1 for i in range(n)]
    colours = [hls_to_rgb(hue, (0.28, 0.42, 0.6)[i % 3], 0.75) for i, hue in enumerate(hues)]
    return ["#" + "".join(f"{round(255 * part):02X}" for part in rgb) for rgb in colours]


def cycle(n: int, colours: Sequence[str] = CATEGORIES) -> list[str]:
    """Choose ``n`` colours, and repeat them if there are too few."""
    return [colours[i % len(colours)] for i in range(n)]
