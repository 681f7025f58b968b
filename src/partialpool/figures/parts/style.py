"""How every figure looks: one theme, and one colour for one thing everywhere."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from colorsys import hls_to_rgb
from types import MappingProxyType
from typing import Any

#: Okabe and Ito's colours, which people with any colour vision can tell apart.
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
#: For the guides of a gene: clear of the green of population means and the black of genes.
GUIDES: tuple[str, ...] = ("#0072B2", "#E69F00", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
#: For genes beside a trend, so without its orange, and clear of grey lines.
GENES: tuple[str, ...] = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000")
#: Low, zero, high: for values of both signs. Vermilion is depleted: cells grew worse.
DIVERGING: tuple[str, str, str] = ("#D55E00", "#FFFFFF", "#0072B2")
#: Few, many: for counts.
SEQUENTIAL: tuple[str, str] = ("#D3E5F2", "#06315A")
#: Behind every second row of a figure with many marks in a row.
STRIPE = "#F0F0F0"
#: Axis titles with their units.
LFC = "log2 fold change"
ERROR = "error: predicted - measured (log2 fold change)"

#: With more genes than this a figure shows the most extreme ones, and says so.
MANY_GENES = 40
#: With more genes than this a figure gives them no colours of their own.
MANY_COLOURS = 30
#: With more points than this a figure shows bins or densities in place of points.
MANY_POINTS = 5_000
#: With more cell lines than this a figure shows their ranks in place of their names.
MANY_LINES = 60
#: A figure has no more panels than this.
MANY_PANELS = 30


def theme(width: float = 7.0, height: float = 4.5) -> Any:
    """The theme of every plotnine figure; sizes in inches."""
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
    """Colours for ``n`` genes beside a trend, up to ``MANY_COLOURS`` of them.

    More than ``GENES`` are hues around the colour wheel without orange, the colour of trends.
    Neighbours differ in lightness too.
    """
    if n <= len(GENES):
        return list(GENES[:n])
    hues = [(75 + 295 * i / (n - 1)) / 360 % 1 for i in range(n)]
    colours = [hls_to_rgb(hue, (0.28, 0.42, 0.6)[i % 3], 0.75) for i, hue in enumerate(hues)]
    return ["#" + "".join(f"{round(255 * part):02X}" for part in rgb) for rgb in colours]


def cycle(n: int, colours: Sequence[str] = CATEGORIES) -> list[str]:
    """``n`` colours, starting over when they are used up."""
    return [colours[i % len(colours)] for i in range(n)]
