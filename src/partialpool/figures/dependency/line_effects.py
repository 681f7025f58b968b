"""On which genes does a line depend most, besides the common-essential ones?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotnine as p9
from mizani.breaks import breaks_extended

from partialpool.figures.figure import Figure
from partialpool.figures.options import FigureOptions
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import legend_on_top
from partialpool.figures.parts.dependencies import (
    COMMON,
    CONTROL,
    DEPENDENT,
    NO_EFFECT,
    NOT_MEASURED,
    SELECTIVE,
    UNCERTAIN,
    known,
    line_names,
    reference,
    unit,
)
from partialpool.figures.parts.words import percent

#: The number of genes of each line.
N_GENES = 15
#: The share of the reference genes in the band.
BAND = 0.9
CLASSES = {
    SELECTIVE: style.COLOURS["predicted"],
    COMMON: style.COLOURS["measured"],
    NO_EFFECT: style.COLOURS["reference"],
    UNCERTAIN: "#B0B0B0",
}


def tables(
    screen: pd.DataFrame,
    effects: pd.DataFrame,
    genes: pd.DataFrame,
    options: FigureOptions,
    probability: float,
) -> dict[str, Any] | str:
    """The strongest effects of a few lines: named ones, or those with most selective calls."""
    wanted = known(options.dependency_cell_lines, effects["depmap_id"])
    lines = wanted or most_selective(effects, genes)[: options.n_dependency_cell_lines]
    return of_lines(lines, screen, effects, genes, probability)


def most_selective(effects: pd.DataFrame, genes: pd.DataFrame) -> list[str]:
    """Order the lines by the number of selective genes that they depend on, the largest first."""
    selective = set(genes.loc[genes["class"] == SELECTIVE, "hugo_symbol"])
    is_hit = (effects["call"] == DEPENDENT) & effects["hugo_symbol"].isin(selective)
    counts = is_hit.groupby(effects["depmap_id"].astype(str)).sum()
    return counts.sort_values(ascending=False, kind="stable").index.tolist()


def of_lines(
    lines: Sequence[str],
    screen: pd.DataFrame,
    effects: pd.DataFrame,
    genes: pd.DataFrame,
    probability: float,
) -> dict[str, Any] | str:
    """Make the arguments of `draw` for some lines."""
    shown = effects[effects["depmap_id"].isin(lines)]
    is_reference, what = reference(shown, shown["control"])
    tail = (1 - BAND) / 2
    ends = shown[is_reference & (shown["n_measured"] > 0)].groupby("depmap_id")["mean"]
    bands = pd.DataFrame({"low": ends.quantile(tail), "high": ends.quantile(1 - tail)})
    scored = shown[~shown["call"].isin([CONTROL, NOT_MEASURED])].sort_values("mean", kind="stable")
    if scored.empty:
        return "No gene is scored in these lines."
    common = set(genes.loc[genes["class"] == COMMON, "hugo_symbol"])
    special = scored[~scored["hugo_symbol"].isin(common)]
    listed = scored if special.empty else special
    listed = listed.groupby("depmap_id", observed=True).head(N_GENES)
    names = line_names(screen)
    panels = [names.get(line, line) for line in lines]
    kind = listed["hugo_symbol"].astype(str).map(genes.set_index("hugo_symbol")["class"])
    rank = listed.groupby("depmap_id", observed=True).cumcount()
    rows = pd.DataFrame(
        {
            "line": pd.Categorical(listed["depmap_id"].map(lambda x: names.get(x, x)), panels),
            "row": -rank.astype(float),
            "gene": listed["hugo_symbol"].astype(str),
            "class": pd.Categorical(kind, [name for name in CLASSES if name in set(kind)]),
            "is_called": listed["call"] == DEPENDENT,
            **{name: listed[name] for name in ("mean", "lower", "upper")},
        }
    )
    bands = bands.reset_index()
    bands["line"] = pd.Categorical(bands["depmap_id"].map(lambda x: names.get(x, x)), panels)
    return {
        "rows": rows,
        "bands": bands,
        "reference": what,
        "n_common": 0 if special.empty else len(common),
        "probability": probability,
        "unit": unit(effects),
    }


def draw(
    rows: pd.DataFrame,
    bands: pd.DataFrame,
    reference: str,
    n_common: int,
    probability: float,
    unit: str,
) -> p9.ggplot:
    """Draw the strongest effects of each line, one below the other.

    Parameters
    ----------
    rows
        ``line``, ``row``, ``gene``, ``class``, ``mean``, ``lower``, ``upper``, ``is_called``.
    bands
        ``line``, ``low``, ``high``: the middle of the reference genes.
    reference
        What the reference genes are called.
    n_common
        The number of common-essential genes, which are not shown.
    probability
        The probability of the intervals.
    unit
        The unit of the effects.
    """
    n, most = rows["line"].nunique(), int(-rows["row"].min()) + 1
    n_across = min(n, 2)
    left = min(rows["lower"].min(), bands["low"].min())
    right = max(rows["upper"].max(), bands["high"].max(), 0.0)
    room = 0.32 * (right - left) * n_across / 2
    place = rows.assign(at=left - 0.02 * (right - left))
    width = 4.4 * n_across + 0.6
    caption = (
        f"Dot: effect; full if it is a called dependency. Bar: {percent(probability)} interval. "
        f"Grey band: the middle {percent(BAND)} of the {reference} of this line. The {most} "
        f"strongest effects of {'each' if n > 1 else 'the'} line are shown"
        + (f", without the {n_common:,} common-essential genes." if n_common else ".")
    )
    return (
        p9.ggplot(rows, p9.aes(y="row"))
        + p9.geom_rect(
            p9.aes(xmin="low", xmax="high"),
            bands,
            ymin=-most,
            ymax=1,
            fill="#E2E2E2",
            inherit_aes=False,
        )
        + p9.geom_vline(xintercept=0, color=style.COLOURS["reference"], size=0.4)
        + p9.geom_segment(p9.aes(x="lower", xend="upper", yend="row", color="class"), size=0.8)
        + p9.geom_point(p9.aes(x="mean", color="class", fill="class"), rows[rows["is_called"]])
        + p9.geom_point(p9.aes(x="mean", color="class"), rows[~rows["is_called"]], fill="#FFFFFF")
        + p9.geom_text(p9.aes(x="at", label="gene"), place, ha="right", size=8)
        + p9.scale_color_manual(CLASSES)
        + p9.scale_fill_manual(CLASSES, guide=None)
        + p9.scale_x_continuous(
            limits=(left - room, right),
            breaks=[x for x in breaks_extended(5)((left, right)) if left <= x <= right],
        )
        + p9.scale_y_continuous(breaks=[], limits=(-most + 0.3, 0.7), expand=(0, 0))
        + p9.facet_wrap("line", ncol=n_across)
        + style.theme(width, 1.7 + (0.45 + 0.18 * most) * -(-n // n_across))
        + p9.theme(panel_spacing_y=0.04)
        + p9.labs(
            x=f"effect ({unit})",
            y="",
            color="class of the gene",
            title="Strongest effects in each line" if n > 1 else "Strongest effects in this line",
            caption=style.wrap(caption, width),
        )
        + legend_on_top()
    )


FIGURE = Figure(
    title="What is special about the lines",
    how_to_read="An effect far to the left of the grey band is a strong dependency. Common-"
    "essential genes, which nearly all lines depend on, are not shown.",
    group="dependencies",
    place=20,
    tables=tables,
    draw=draw,
)
