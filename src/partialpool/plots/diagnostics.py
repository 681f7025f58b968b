"""Figures that tell whether the sampler converged: traces, ranks, energy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.models import effect_named
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import legend_on_top, one_path
from partialpool.figures.parts.words import POPULATION, percent, sentence, unit

#: Share of the width of a trace that the densities beside it take.
BESIDE = 0.22
#: No effects besides.
NONE: Mapping[str, str] = MappingProxyType({})
#: What traces and ranks show besides population parameters.
_WORST = "With their values: the effects of the largest R-hat and of the smallest bulk ESS of all. "
_SEGMENT = p9.aes(x="x", y="y", xend="xend", yend="yend", color="factor(chain)")


def trace(draws: pd.DataFrame, densities: pd.DataFrame, worst: Mapping[str, str] = NONE) -> Any:
    """Draw every chain's draws of some parameters, with their densities beside.

    Parameters
    ----------
    draws
        ``parameter``, ``chain``, ``draw``, ``value``; may be thinned.
    densities
        ``parameter``, ``chain``, ``value``, ``height`` (0 to 1).
    worst
        Those of the parameters that are effects -> their diagnostics in words.
    """
    last = int(draws["draw"].max())
    start = last * 1.03
    curves = densities.assign(draw=start + last * BESIDE * densities["height"])
    n, n_chains = draws["parameter"].nunique(), draws["chain"].nunique()
    caption = (
        "A colour per chain. Left: draws in their order; right: their density, turned on its "
        "side. Chains that found the same distribution overlap, without trend or steps. "
        f"{_WORST if worst else ''}{POPULATION}"
    )
    return (
        p9.ggplot(_segments(draws, "draw", "value"), _SEGMENT)
        + p9.geom_segment(size=0.25, alpha=0.6)
        + p9.geom_segment(data=_segments(curves, "draw", "value"), size=0.7)
        + p9.facet_wrap("parameter", ncol=2, scales="free_y", labeller=_labels(worst))
        + p9.scale_color_manual(style.cycle(n_chains))
        + p9.scale_x_continuous(breaks=_ticks(last), expand=(0.01, 0))
        + style.theme(8.0, 1.7 + 1.3 * ((n + 1) // 2) + 0.15 * ((len(worst) + 1) // 2))
        + legend_on_top()
        + p9.labs(
            x="draw",
            y="\n(".join(unit(draws["parameter"].unique()).split(" (", 1)),
            color="chain",
            title=f"Traces of {_what(worst)}",
            caption=style.wrap(caption, 8.0),
        )
    )


def rank(table: pd.DataFrame, level: float, worst: Mapping[str, str] = NONE) -> Any:
    """Draw how every chain's draws rank among those of all chains.

    Parameters
    ----------
    table
        ``parameter``, ``chain``, ``share_lower``, ``share_upper``, ``n``, ``expected``,
        ``lower``, ``upper``.
    level
        Probability of the band from ``lower`` to ``upper``.
    worst
        Those of the parameters that are effects -> their diagnostics in words.
    """
    n, n_chains = table["parameter"].nunique(), table["chain"].nunique()
    band = table.drop_duplicates("parameter")
    caption = (
        "Ranks of each chain's draws among the draws of all chains, counted in bins. Chains that "
        "explore the same distribution stay near the grey line; a chain that is too high, too "
        f"low or too wide tilts or bends. Band: holds {percent(level)} of the counts if draws "
        f"were independent; they are not quite, so a little more may stray. "
        f"{_WORST if worst else ''}{POPULATION}"
    )
    return (
        p9.ggplot(_segments(_steps(table), "share", "n"), _SEGMENT)
        + p9.geom_rect(
            p9.aes(ymin="lower", ymax="upper"),
            band,
            xmin=0,
            xmax=1,
            fill=style.COLOURS["prior"],
            alpha=0.25,
            color="none",
            inherit_aes=False,
        )
        + p9.geom_hline(p9.aes(yintercept="expected"), band, color=style.COLOURS["reference"])
        + p9.geom_segment(size=0.6)
        + p9.facet_wrap("parameter", ncol=2, labeller=_labels(worst))
        + p9.scale_color_manual(style.cycle(n_chains))
        + p9.scale_x_continuous(
            breaks=[0, 0.5, 1], labels=["0 %", "50 %", "100 %"], expand=(0.06, 0)
        )
        + style.theme(8.0, 1.7 + 1.05 * ((n + 1) // 2) + 0.15 * ((len(worst) + 1) // 2))
        + legend_on_top()
        + p9.labs(
            x="rank among the draws of all chains (0 %: the lowest)",
            y="draws per bin",
            color="chain",
            title=f"Ranks of {_what(worst)}",
            caption=style.wrap(caption, 8.0),
        )
    )


def effects(curves: pd.DataFrame) -> Any:
    """Draw the densities of many effects in each chain, on top of each other.

    Parameters
    ----------
    curves
        ``effect`` (ordered), ``element``, ``chain``, ``value``, ``height`` (0 to 1),
        ``n_shown``, ``n_all``.
    """
    counts = curves.drop_duplicates("effect").set_index("effect")
    names = {
        name: f"{sentence(effect.title)}: {_some(shown, n)} {effect.elements}"
        for name, shown, n in counts[["n_shown", "n_all"]].itertuples()
        for effect in [effect_named(name)]
    }
    to_name: Any = names.get
    n, n_chains = len(names), curves["chain"].nunique()
    caption = (
        "A line per effect and chain, a colour per chain, each effect scaled to one height. "
        "Effects evenly spread from the lowest to the highest. Chains that found the same "
        "distributions lie on top of each other; where colours stand apart, they did not."
    )
    return (
        p9.ggplot(
            one_path(curves, ["chain", "effect", "element"], "height"),
            p9.aes(x="value", y="height", color="factor(chain)", group="chain"),
        )
        + p9.geom_path(size=0.25, alpha=0.7, na_rm=True)
        + p9.facet_wrap("effect", ncol=1, scales="free_x", labeller=to_name)
        + p9.scale_color_manual(style.cycle(n_chains))
        + p9.scale_y_continuous(breaks=[])
        + style.theme(8.0, 1.5 + 1.8 * n)
        + legend_on_top()
        + p9.labs(
            x=unit(curves["effect"].cat.categories.str.replace("_effect", "").map("mu_{}".format)),
            y="density, each effect to one height",
            color="chain",
            title="Densities of the effects, by chain",
            caption=style.wrap(caption, 8.0),
        )
    )


def energy(table: pd.DataFrame, e_bfmi: Any, worst: float, threshold: float) -> Any:
    """Draw the distribution of the energy and of its changes from draw to draw.

    Parameters
    ----------
    table
        ``kind`` (``marginal`` or ``transition``), ``chain``, ``energy``, ``density``.
    e_bfmi
        E-BFMI of each chain.
    worst
        The lowest of them.
    threshold
        The lowest E-BFMI that passes.
    """
    names = {
        "marginal": "energy, less its mean",
        "transition": "change of energy between draws",
    }
    curves = table.assign(
        curve=pd.Categorical(table["kind"].map(names), list(names.values())),
        line=table["kind"] + table["chain"].astype(str),
    )
    colours = [style.COLOURS["measured"], style.COLOURS["predicted"]]
    values = ", ".join(f"{value:.2f}" for value in e_bfmi)
    caption = (
        "A line per chain. Where the changes are as wide as the energy itself, the sampler moves "
        "freely; much narrower changes mean that it explores slowly. E-BFMI compares the two; "
        f"by chain: {values}. Energy is minus the log of the joint density that NUTS samples."
    )
    return (
        p9.ggplot(curves, p9.aes(x="energy", y="density", color="curve", group="line"))
        + p9.geom_line(size=0.6, alpha=0.8)
        + p9.scale_color_manual(colours)
        + style.theme(7.0, 4.2)
        + legend_on_top()
        + p9.labs(
            x="energy (natural logarithm)",
            y="density",
            color="",
            title=f"Energy: E-BFMI at least {worst:.2f} "
            f"({'passes' if worst >= threshold else 'fails'} at {threshold:g})",
            caption=style.wrap(caption),
        )
    )


def _what(worst: Mapping[str, str]) -> str:
    population = "the population parameters"
    return f"{population} and of the worst effects" if worst else population


def _labels(worst: Mapping[str, str]) -> Any:
    """Panels of effects say what was worst about them."""

    def label(parameter: str) -> str:
        return f"{parameter}\n{worst[parameter]}" if parameter in worst else parameter

    return label


def _some(shown: int, n: int) -> str:
    return f"{n:,}" if shown == n else f"{shown:,} of {n:,}"


def _ticks(last: int) -> list[int]:
    """Three round draw numbers up to the last."""
    step = max(1, int(float(f"{last / 3:.1g}")))
    return list(range(0, last + 1, step))[:4]


def _steps(table: pd.DataFrame) -> pd.DataFrame:
    """Both ends of the top of each bin, in order."""
    ends = [table.assign(share=table[side], end=side) for side in ("share_lower", "share_upper")]
    return pd.concat(ends).sort_values(["parameter", "chain", "bin", "end"])


def _segments(table: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """Lines of each parameter and chain as segments, which are drawn all at once."""
    lines = table.groupby(["parameter", "chain"], observed=True, sort=False)
    ends = table.assign(x=table[x], y=table[y], xend=lines[x].shift(-1), yend=lines[y].shift(-1))
    return ends.dropna(subset=["xend"])[["parameter", "chain", "x", "y", "xend", "yend"]]
