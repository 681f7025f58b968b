"""Estimates of one effect, a row per element, for several figures."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.figures.parts import style
from partialpool.figures.parts.axes import by_row, zero_line
from partialpool.figures.parts.estimates import forest_table
from partialpool.figures.parts.rows import Rows
from partialpool.figures.parts.words import explained, percent, sentence, which
from partialpool.models import effect_named

NO_NAMES: Mapping[str, str] = MappingProxyType({})


def forest(
    effects: pd.DataFrame,
    effect: str,
    hdi_prob: float,
    limit: int = style.MANY_GENES,
    **words: Any,
) -> dict[str, Any]:
    """Make the table of one effect, and return the arguments of `draw`."""
    table, rows = forest_table(effects, effect, limit, style.MANY_GENES)
    return {"table": table, "rows": rows, "effect": effect, "hdi_prob": hdi_prob, **words}


def informed_forest(effects: pd.DataFrame, effect: str, hdi_prob: float) -> dict[str, Any] | str:
    """Like `forest`, for a slope along a covariate and the genes whose measurements inform it."""
    about = effect_named(effect)
    of_all = effects[effects["effect"] == effect]
    shown = of_all[of_all["informed"]]
    if shown.empty:
        return f"None of the {len(of_all)} {about.elements} has {about.informed}."
    return forest(shown, effect, hdi_prob, n_all=len(of_all))


def draw(
    table: pd.DataFrame,
    rows: Rows,
    effect: str,
    hdi_prob: float,
    *,
    n_all: int = 0,
    names: Mapping[str, str] = NO_NAMES,
) -> p9.ggplot:
    """Draw the estimates of one effect, a row per element.

    Parameters
    ----------
    table
        ``row``, ``mean``, ``sd``, ``hdi_lower``, ``hdi_upper``, ``excludes_zero``.
    rows
        The elements shown.
    effect
        The name of the effect.
    hdi_prob
        The probability of the intervals.
    n_all
        The number of elements of the model, if elements without informative measurements are
        missing in ``rows``.
    names
        Label -> text to write instead.
    """
    about = effect_named(effect)
    caption = (
        f"Dot: posterior mean. Thin line: {percent(hdi_prob)} highest-density interval. Thick "
        f"line: mean +/- 1 sd. The dot is full if the interval excludes 0. {explained(about)}"
    )
    if rows.n_all < n_all:
        caption += (
            f" {rows.n_all:,} of {n_all:,} {about.elements} have {about.informed}. The others are "
            "not shown, because their effects depend only on the population."
        )
    return (
        p9.ggplot(table, p9.aes(y="row"))
        + zero_line()
        + interval("hdi_lower", "hdi_upper", 0.7)
        + interval("mean - sd", "mean + sd", 1.8)
        + p9.geom_point(p9.aes(x="mean", fill="excludes_zero"), size=1.4)
        + p9.scale_fill_manual({True: style.COLOURS["estimate"], False: "#FFFFFF"}, guide=None)
        + by_row(
            rows,
            x=about.axis,
            title=f"{sentence(about.title)}: {which(rows, about.elements)}",
            caption=caption,
            ticks={height: names.get(label, label) for label, height in rows.position.items()},
            width=8.5 if names else 7.0,
        )
    )


def interval(lower: str, upper: str, size: float, colour: str = "posterior") -> Any:
    """Draw an interval in each row."""
    return p9.geom_segment(
        p9.aes(x=lower, xend=upper, yend="row"), size=size, color=style.COLOURS[colour]
    )
