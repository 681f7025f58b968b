"""Figures of all models side by side."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotnine as p9
from mizani.breaks import breaks_extended

from partialpool.plots import style
from partialpool.plots.words import percent

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
#: Verdict of a fit -> the shape of its dots.
SHAPES = {"passes": "o", "FAILS": "X"}
# What plotnine takes, though mizani's types do not say so.
FEW: Any = breaks_extended(n=3)
MORE: Any = breaks_extended(n=5)


def verdicts_by_model(table: pd.DataFrame, n_passed: int) -> Any:
    """Draw every fit's diagnostics against their thresholds.

    Parameters
    ----------
    table : ``model``, ``diagnostic``, ``value``, ``threshold``, ``passed``, ``passed_all``
    n_passed : fits that passed
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


def rmse_by_model(table: pd.DataFrame, prob: float) -> Any:
    """Draw every model's root mean square error, and how many measurements its intervals hold.

    Fits to as many rows stand together, as only those to the same rows compare.

    Parameters
    ----------
    table : ``model``, ``n``, ``rmse``, ``share_inside``, ``passed``
    prob : share that the intervals of new measurements should hold
    """
    error, share = (
        f"root mean square error ({style.LFC})",
        f"share inside {percent(prob)} intervals",
    )
    values = {error: table["rmse"], share: table["share_inside"]}
    panels = [f"{name}\n{n:,} rows" for n in dict.fromkeys(table["n"]) for name in values]
    long = pd.concat([table.assign(what=name, value=column) for name, column in values.items()])
    long = _models_from_top(long).assign(
        panel=_of_rows(long["what"], long["n"], panels),
        text=long["value"].map("{:.3f}\n".format),
        sampler=long["passed"].map({True: "passes", False: "FAILS"}),
    )
    wanted = long[long["what"] == share].assign(value=prob)
    caption = (
        "Errors of the data that the model was fitted to, so a model with more parameters looks "
        "better than it is on new data. Only fits to the same rows compare. Dashed: the share "
        "that the intervals should hold. Crosses: the sampler did not converge."
    )
    n_groups, n_most = len(panels) // 2, table["n"].value_counts().max()
    return (
        p9.ggplot(long, p9.aes(x="value", y="model"))
        + p9.geom_vline(p9.aes(xintercept="value"), wanted, linetype="dashed", size=0.5)
        + p9.geom_point(p9.aes(shape="sampler"), color=style.COLOURS["estimate"], size=2.6)
        + p9.geom_text(p9.aes(label="text"), va="bottom", size=7, color="#444444", lineheight=0.9)
        + p9.facet_wrap("panel", ncol=2, scales="free")
        + p9.scale_shape_manual(SHAPES, guide=None)
        + p9.scale_x_continuous(expand=(0.25, 0), breaks=MORE)
        + style.theme(8.5, 1.2 + n_groups * (0.8 + 0.36 * n_most))
        + p9.theme(panel_spacing_x=0.03)
        + p9.labs(
            x="",
            y="",
            title="How close are the predictions?",
            caption=style.wrap(caption, 8.5),
        )
    )


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


def _of_rows(what: pd.Series, n: pd.Series, panels: list[str]) -> Any:
    """Panel of a value: what it is, and of how many rows."""
    named = [f"{name}\n{rows:,} rows" for name, rows in zip(what, n, strict=True)]
    return pd.Categorical(named, panels, ordered=True)


def _label(table: pd.DataFrame) -> list[str]:
    return [_written(*pair) for pair in zip(table["value"], table["threshold"], strict=True)]


def _written(value: float, threshold: float) -> str:
    """A value with three decimals, or with as many as tell it from its threshold."""
    if value == round(value) or value >= 100:
        return f"{value:,.0f}"
    texts = [f"{value:.{digits}f}" for digits in range(3, 8)]
    return next((text for text in texts if float(text) != threshold), texts[0])
