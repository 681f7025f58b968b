"""How much does each line depend on a gene, and what did its guides measure?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.figures.dependency._guides import guide_data
from partialpool.figures.figure import Figure
from partialpool.figures.options import FigureOptions
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import legend_on_top
from partialpool.figures.parts.dependencies import (
    DEPENDENT,
    NOT_MEASURED,
    known,
    unit,
    varying,
)
from partialpool.figures.parts.rows import guide_numbers
from partialpool.figures.parts.words import percent

#: What the interval of an effect looks like.
CALLS = {"dependency": "#000000", "not called": "#8C8C8C", "not measured": "#D0D0D0"}
#: The guides of a gene, without the colours of effects.
GUIDES = ("#0072B2", "#E69F00", "#CC79A7", "#56B4E9", "#009E73", "#D55E00")


def tables(
    screen: pd.DataFrame,
    effects: pd.DataFrame,
    genes: pd.DataFrame,
    lines: pd.DataFrame,
    replicates: pd.DataFrame,
    options: FigureOptions,
    probability: float,
    delta: float,
) -> dict[str, Any] | str:
    """The effects of a few genes: named ones, or the most selective ones."""
    wanted = known(options.dependency_genes, effects["hugo_symbol"])
    chosen = wanted or varying(effects, genes)[: options.n_dependency_genes]
    if not chosen:
        return "No gene is scored."
    return of_genes(chosen, screen, effects, lines, replicates, probability, delta)


def of_genes(
    genes: Sequence[str],
    screen: pd.DataFrame,
    effects: pd.DataFrame,
    lines: pd.DataFrame,
    replicates: pd.DataFrame,
    probability: float,
    delta: float,
) -> dict[str, Any]:
    """Make the arguments of `draw` for some genes."""
    shown = effects[effects["hugo_symbol"].isin(genes)].sort_values("mean", kind="stable")
    shown = shown.astype({"hugo_symbol": str, "depmap_id": str})
    call = shown["call"].map({DEPENDENT: "dependency", NOT_MEASURED: "not measured"})
    estimates = pd.DataFrame(
        {
            "gene": pd.Categorical(shown["hugo_symbol"], list(genes)),
            "line": shown["depmap_id"],
            "rank": shown.groupby("hugo_symbol").cumcount() + 1,
            "call": pd.Categorical(call.fillna("not called"), list(CALLS)),
            **{name: shown[name] for name in ("mean", "lower", "upper")},
        }
    )
    data = guide_data(screen, effects, lines, replicates)
    data = data[data["hugo_symbol"].isin(genes)]
    each = data[["hugo_symbol", "sgrna"]].drop_duplicates()
    each = each.assign(guide=guide_numbers(each))
    data = data.merge(each, on=["hugo_symbol", "sgrna"])
    data = data.rename(columns={"hugo_symbol": "gene", "depmap_id": "line"})
    data = data.merge(estimates[["gene", "line", "rank"]].astype({"gene": str}))
    data["gene"] = pd.Categorical(data["gene"], list(genes))
    return {
        "estimates": estimates,
        "guides": data[["gene", "line", "rank", "guide", "value"]],
        "probability": probability,
        "delta": delta,
        "unit": unit(effects),
    }


def draw(
    estimates: pd.DataFrame, guides: pd.DataFrame, probability: float, delta: float, unit: str
) -> p9.ggplot:
    """Draw a panel for each gene: its lines, from the strongest dependency.

    Parameters
    ----------
    estimates
        ``gene``, ``line``, ``rank``, ``mean``, ``lower``, ``upper``, ``call``.
    guides
        ``gene``, ``line``, ``rank``, ``guide``, ``value``.
    probability
        The probability of the intervals.
    delta
        An effect below ``-delta`` is a dependency.
    unit
        The unit of the effects.
    """
    n, n_lines = estimates["gene"].nunique(), estimates["line"].nunique()
    named = n_lines <= style.MANY_LINES
    estimates, guides = _placed(estimates, guides, n_lines + 1 if named else 0)
    ticks = dict(zip(estimates["at"].tolist(), estimates["line"].tolist(), strict=True))
    numbers = list(guides["guide"].cat.categories)
    colours = dict(zip(numbers, style.cycle(len(numbers), GUIDES), strict=True))
    size = 1.0 if named else 0.5
    caption = (
        f"Black or grey: effect with its {percent(probability)} interval; black if it is a called "
        "dependency, light grey if the gene was not measured in the line. Dashed line: "
        f"-{delta:g}. "
        "Coloured dots: mean log fold change of a guide, after the level of the replicate was "
        "subtracted, divided by the strength of depletion in the line; not corrected for copy "
        f"number. Lines are ordered by effect{'' if named else ', and not named'}."
    )
    return (
        p9.ggplot(estimates, p9.aes(x="at"))
        + p9.geom_hline(yintercept=0, color=style.COLOURS["reference"], size=0.4)
        + p9.geom_hline(
            yintercept=-delta, color=style.COLOURS["reference"], size=0.4, linetype="dashed"
        )
        + p9.geom_point(
            p9.aes(y="value", fill="guide"),
            guides,
            color="none",
            size=1.6 * size,
            alpha=0.6,
        )
        + p9.geom_linerange(p9.aes(ymin="lower", ymax="upper", color="call"), size=1.1 * size)
        + p9.geom_point(p9.aes(y="mean", color="call"), size=1.7 * size)
        + p9.scale_color_manual(CALLS)
        + p9.scale_fill_manual(colours, breaks=numbers)
        + (
            p9.scale_x_continuous(breaks=list(ticks), labels=list(ticks.values()), expand=(0, 0.6))
            if named
            else p9.scale_x_continuous(expand=(0.01, 0.5))
        )
        + p9.facet_wrap("gene", ncol=1, scales="free_x" if named else "free_y")
        + style.theme(8.0, 1.9 + n * (2.9 if named else 2.3))
        + p9.theme(
            axis_text_x=p9.element_text(angle=90 if named else 0, size=8),
            panel_grid_major_x=p9.element_blank(),
            panel_spacing_y=0.04,
        )
        + p9.labs(
            x="" if named else "rank of the line",
            y=f"effect ({unit})",
            color="",
            fill="guide",
            title=f"{', '.join(estimates['gene'].cat.categories)} in {n_lines:,} lines",
            caption=style.wrap(caption, 8.0),
        )
        + legend_on_top()
    )


def _placed(
    estimates: pd.DataFrame, guides: pd.DataFrame, apart: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Place lines in panels that are ``apart``, and the guides of a gene side by side."""
    place = estimates["gene"].cat.codes.astype(int) * apart + estimates["rank"]
    estimates = estimates.assign(at=place, call=estimates["call"].cat.remove_unused_categories())
    n = guides["guide"].max() + 1
    place = guides["gene"].cat.codes.astype(int) * apart + guides["rank"]
    number = guides["guide"].astype(str)
    return estimates, guides.assign(
        at=place + 0.7 * (guides["guide"] / n - 0.5),
        guide=pd.Categorical(number, sorted(number.unique(), key=int)),
    )


FIGURE = Figure(
    title="Selective genes, line by line",
    how_to_read="If the dots of all guides lie near the estimate, the effect is well supported. If "
    "one guide alone is far away, the estimate follows the others.",
    group="dependencies",
    place=30,
    tables=tables,
    draw=draw,
)
