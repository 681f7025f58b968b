"""Figures of all models side by side."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotnine as p9
from mizani.breaks import breaks_extended

from partialpool.figures.parts import style
from partialpool.figures.parts.words import percent

#: Diagnostic -> title of its panel.
PANELS = {
    "max_r_hat": "largest R-hat",
    "min_ess_bulk": "smallest bulk ESS",
    "min_ess_tail": "smallest tail ESS",
    "min_e_bfmi": "smallest E-BFMI",
}
#: Diagnostics that are counts -> what is counted.
COUNTS = {"divergences": "divergences", "treedepth_hits": "at the depth limit"}
#: Values that the axis of a panel holds whatever the fits: else noise fills it.
HOLDS = pd.DataFrame(
    {"panel": pd.Categorical(["largest R-hat"] * 2, list(PANELS.values())), "value": [1.0, 1.02]}
)
#: The axis of shares inside intervals holds this much on either side of the wanted one.
NEAR = 0.03
#: Verdict of a fit -> the shape of its dots.
SHAPES = {"passes": "o", "FAILS": "X"}
# What plotnine takes, though mizani's types do not say so.
FEW: Any = breaks_extended(n=3)
MORE: Any = breaks_extended(n=5)


def verdicts_by_model(table: pd.DataFrame, n_passed: int) -> Any:
    """Draw every fit's diagnostics against their thresholds.

    Parameters
    ----------
    table
        ``model``, ``diagnostic``, ``value``, ``threshold``, ``passed``, ``passed_all``.
    n_passed
        Fits that passed.
    """
    names = _verdicts(table)
    dots = _models_from_top(table[table["diagnostic"].isin(PANELS)])
    dots = dots.assign(
        panel=pd.Categorical(dots["diagnostic"].map(PANELS), list(PANELS.values())),
        verdict=dots["passed"].map({True: "passes", False: "fails"}),
        text=_label(dots),
    )
    colours = {"passes": style.COLOURS["passed"], "fails": style.COLOURS["failed"]}
    n = len(names)
    caption = (
        "Dot: worst of all parameters or chains; dashed: threshold. R-hat compares the chains and "
        "must lie left of it. ESS (how many independent draws the draws are worth) and E-BFMI "
        "(how freely the sampler moves) must lie right of it. Divergences, and draws that ran "
        "into the limit of the tree depth, are counted at the names."
    )
    return (
        p9.ggplot(dots, p9.aes(x="value", y="model", color="verdict"))
        + p9.geom_vline(p9.aes(xintercept="threshold"), linetype="dashed", size=0.5)
        + p9.geom_point(size=2.6)
        + p9.geom_blank(p9.aes(x="value"), HOLDS, inherit_aes=False)
        + _values()
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


def rmse_by_model(table: pd.DataFrame, others: pd.DataFrame, prob: float) -> Any:
    """Draw models' root mean square errors, and how many measurements their intervals hold.

    Parameters
    ----------
    table
        Fits to the same rows: ``model``, ``n``, ``rmse``, ``share_inside``, ``passed``.
    others
        Fits to other rows, which the caption tells.
    prob
        Share that the intervals of new measurements should hold.
    """
    error, share = (
        f"root mean square error\n({style.LFC})",
        f"share of the measurements\ninside their {percent(prob)} intervals",
    )
    values = {error: table["rmse"], share: table["share_inside"]}
    long = pd.concat([table.assign(what=name, value=column) for name, column in values.items()])
    long = _models_from_top(long).assign(
        panel=pd.Categorical(long["what"], list(values), ordered=True),
        text=long["value"].map("{:.3f}".format),
        sampler=long["passed"].map({True: "passes", False: "FAILS"}),
    )
    wanted = long[long["what"] == share].assign(value=prob)
    # Else a difference of a thousandth would fill the axis.
    near = pd.DataFrame({"panel": long["panel"].cat.categories[[1, 1]]}).assign(
        value=[prob - NEAR, min(prob + NEAR, 1.0)]
    )
    caption = (
        f"Errors of the {table['n'].iloc[0]:,} measurements that the models were fitted to, so a "
        "model with more parameters looks better than it is on new data. Dashed: the share that "
        f"the intervals should hold. Crosses: the sampler did not converge.{_elsewhere(others)}"
    )
    return (
        p9.ggplot(long, p9.aes(x="value", y="model"))
        + p9.geom_vline(p9.aes(xintercept="value"), wanted, linetype="dashed", size=0.5)
        + p9.geom_point(p9.aes(shape="sampler"), color=style.COLOURS["estimate"], size=2.6)
        + _values()
        + p9.geom_blank(p9.aes(x="value"), near, inherit_aes=False)
        + p9.facet_wrap("panel", nrow=1, scales="free_x")
        + p9.scale_shape_manual(SHAPES, guide=None)
        + p9.scale_x_continuous(expand=(0.25, 0), breaks=MORE)
        + style.theme(8.5, 2.0 + 0.36 * len(table))
        + p9.theme(panel_spacing_x=0.03)
        + p9.labs(
            x="",
            y="",
            title="How close are the predictions?",
            caption=style.wrap(caption, 8.5),
        )
    )


def _elsewhere(others: pd.DataFrame) -> str:
    """Fits to other rows in words, since only those to the same rows compare."""
    told = [
        f"{fit.model} ({fit.n:,} rows: {fit.rmse:.3f}, {fit.share_inside:.3f})"
        for fit in others.itertuples()
    ]
    return f" Fits to other measurements don't compare: {', '.join(told)}." if told else ""


def _values() -> Any:
    """Values above their dots, legible on a line."""
    return p9.geom_label(
        p9.aes(label="text"),
        size=7,
        nudge_y=0.33,
        color="#444444",
        fill="#FFFFFF",
        label_size=0,
        label_padding=0.1,
    )


def _verdicts(table: pd.DataFrame) -> dict[str, str]:
    """Name of every model with its verdict and its counts, if they are not 0."""
    names = {}
    for model, rows in table.groupby("model", sort=False):
        values = rows.set_index("diagnostic")["value"]
        words = ["passes" if rows["passed_all"].all() else "FAILS"]
        words += [f"{values[name]:.0f} {what}" for name, what in COUNTS.items() if values[name]]
        names[str(model)] = f"{model}\n{', '.join(words)}"
    return names


def _models_from_top(table: pd.DataFrame) -> pd.DataFrame:
    """Models in their order, the first on top."""
    order = list(dict.fromkeys(table["model"]))[::-1]
    return table.assign(model=pd.Categorical(table["model"], order, ordered=True))


def _label(table: pd.DataFrame) -> list[str]:
    return [_written(*pair) for pair in zip(table["value"], table["threshold"], strict=True)]


def _written(value: float, threshold: float) -> str:
    """A value with three decimals, or with as many as tell it from its threshold."""
    if value == round(value) or value >= 100:
        return f"{value:,.0f}"
    texts = [f"{value:.{digits}f}" for digits in range(3, 8)]
    return next((text for text in texts if float(text) != threshold), texts[0])
