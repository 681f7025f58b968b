"""Did the sampler of each model converge?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
import plotnine as p9
from mizani.breaks import breaks_extended

from partialpool.figures.comparison._models import models_from_top, values_above
from partialpool.figures.figure import Figure
from partialpool.figures.parts import style

#: Diagnostic -> the name of its threshold, and the side on which a fit passes.
DIAGNOSTICS: Mapping[str, tuple[str, Literal["below", "above"]]] = {
    "max_r_hat": ("max_r_hat", "below"),
    "min_ess_bulk": ("min_ess_bulk", "above"),
    "min_ess_tail": ("min_ess_tail", "above"),
    "min_e_bfmi": ("min_e_bfmi", "above"),
    "divergences": ("max_divergences", "below"),
    "treedepth_hits": ("max_treedepth_hits", "below"),
}
#: Diagnostic -> title of its panel.
PANELS = {
    "max_r_hat": "largest R-hat",
    "min_ess_bulk": "smallest bulk ESS",
    "min_ess_tail": "smallest tail ESS",
    "min_e_bfmi": "smallest E-BFMI",
}
#: Diagnostics that are counts -> their unit.
COUNTS = {"divergences": "divergences", "treedepth_hits": "at the depth limit"}
#: The axis of a panel always contains these values. Otherwise noise could fill it.
HOLDS = pd.DataFrame(
    {"panel": pd.Categorical(["largest R-hat"] * 2, list(PANELS.values())), "value": [1.0, 1.02]}
)
# plotnine accepts this, although mizani's types do not say so.
FEW: Any = breaks_extended(n=3)


def tables(verdicts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """All diagnostics of every fit."""
    return {"diagnostics": verdict_table(verdicts)}


def verdict_table(verdicts: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """List the diagnostics of every fit with their thresholds.

    Parameters
    ----------
    verdicts
        Fit -> the record of ``inference.convergence.verdict``.

    Returns
    -------
    pd.DataFrame
        ``model``, ``diagnostic``, ``value``, ``threshold``, ``passed`` (this diagnostic),
        ``passed_all`` (the verdict of the fit).
    """
    parts = []
    for model, record in verdicts.items():
        for diagnostic, (limit, side) in DIAGNOSTICS.items():
            found, threshold = record[diagnostic], record["thresholds"][limit]
            value = np.nan if found is None else found
            passed = value <= threshold if side == "below" else value >= threshold
            parts.append((model, diagnostic, float(value), float(threshold), bool(passed)))
    columns = ["model", "diagnostic", "value", "threshold", "passed"]
    table = pd.DataFrame(parts, columns=columns)
    verdict = {model: bool(record["passed"]) for model, record in verdicts.items()}
    return table.assign(passed_all=table["model"].map(verdict))


def draw(diagnostics: pd.DataFrame) -> p9.ggplot:
    """Draw the diagnostics of every fit with their thresholds.

    Parameters
    ----------
    diagnostics
        ``model``, ``diagnostic``, ``value``, ``threshold``, ``passed``, ``passed_all``.
    """
    names = _verdicts(diagnostics)
    dots = models_from_top(diagnostics[diagnostics["diagnostic"].isin(PANELS)])
    pairs = zip(dots["value"], dots["threshold"], strict=True)
    dots = dots.assign(
        panel=pd.Categorical(dots["diagnostic"].map(PANELS), list(PANELS.values())),
        verdict=dots["passed"].map({True: "passes", False: "fails"}),
        text=[_written(value, threshold) for value, threshold in pairs],
    )
    colours = {"passes": style.COLOURS["passed"], "fails": style.COLOURS["failed"]}
    n, n_passed = len(names), int(diagnostics.groupby("model")["passed_all"].all().sum())
    caption = (
        "Dot: the worst value of all parameters or chains. Dashed line: threshold. R-hat compares "
        "the chains and must be left of the line. ESS (the number of independent draws that would "
        "be as precise) and E-BFMI (how freely the sampler moves) must be right of it. The labels "
        "count divergences, and draws that reached the limit of the tree depth."
    )
    return (
        p9.ggplot(dots, p9.aes(x="value", y="model", color="verdict"))
        + p9.geom_vline(p9.aes(xintercept="threshold"), linetype="dashed", size=0.5)
        + p9.geom_point(size=2.6)
        + p9.geom_blank(p9.aes(x="value"), HOLDS, inherit_aes=False)
        + values_above()
        + p9.facet_wrap("panel", nrow=1, scales="free_x")
        + p9.scale_color_manual(colours)
        + p9.scale_x_continuous(expand=(0.2, 0), breaks=FEW)
        + p9.scale_y_discrete(labels=lambda models: [names[str(model)] for model in models])
        + style.theme(10.0, 2.0 + 0.5 * n)
        + p9.theme(legend_position="top", panel_spacing_x=0.02)
        + p9.labs(
            x="value of the diagnostic (no unit)",
            y="",
            color="",
            title=f"Did the sampler converge? {n_passed} of {n} models pass",
            caption=style.wrap(caption, 10.0),
        )
    )


def _verdicts(table: pd.DataFrame) -> dict[str, str]:
    """Label every model with its verdict, and with its counts unless they are 0."""
    names = {}
    for model, rows in table.groupby("model", sort=False):
        values = rows.set_index("diagnostic")["value"]
        words = ["passes" if rows["passed_all"].all() else "FAILS"]
        words += [f"{values[name]:.0f} {what}" for name, what in COUNTS.items() if values[name]]
        names[str(model)] = f"{model}\n{', '.join(words)}"
    return names


def _written(value: float, threshold: float) -> str:
    """Write a value with three decimals, or with more to distinguish it from its threshold."""
    if value == round(value) or value >= 100:
        return f"{value:,.0f}"
    texts = [f"{value:.{digits}f}" for digits in range(3, 8)]
    return next((text for text in texts if float(text) != threshold), texts[0])


FIGURE = Figure(
    title="Did the sampler of each model converge?",
    how_to_read="Green dots pass the threshold, which is the dashed line.",
    group="comparison",
    place=10,
    tables=tables,
    draw=draw,
)
