"""Figures of all models side by side."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotnine as p9

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


def verdicts_by_model(table: pd.DataFrame) -> Any:
    """Draw every fit's diagnostics against their thresholds.

    Parameters
    ----------
    table : ``model``, ``diagnostic``, ``value``, ``threshold``, ``passed``, ``passed_all``
    """
    names = _verdicts(table)
    dots = _models_from_top(table[table["diagnostic"].isin(PANELS)])
    dots = dots.assign(
        panel=pd.Categorical(dots["diagnostic"].map(PANELS), list(PANELS.values())),
        verdict=dots["passed"].map({True: "passes", False: "fails"}),
        text=_label(dots),
    )
    colours = {"passes": style.COLOURS["passed"], "fails": style.COLOURS["failed"]}
    n, n_passed = table["model"].nunique(), int(table.groupby("model")["passed_all"].first().sum())
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
        + _values()
        + p9.facet_wrap("panel", nrow=1, scales="free_x")
        + p9.scale_color_manual(colours)
        + p9.scale_x_continuous(expand=(0.2, 0))
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

    Parameters
    ----------
    table : ``model``, ``n``, ``rmse``, ``share_inside``
    prob : share that the intervals of new measurements should hold
    """
    error = "root mean square error\n(log2 fold change)"
    share = f"share of the measurements\ninside their {percent(prob)} intervals"
    tables = {error: table["rmse"], share: table["share_inside"]}
    long = pd.concat([table.assign(panel=name, value=values) for name, values in tables.items()])
    long = _models_from_top(long).assign(
        panel=pd.Categorical(long["panel"], list(tables), ordered=True),
        text=long["value"].map("{:.3f}".format),
    )
    counts = zip(table["model"], table["n"], strict=True)
    names = {model: f"{model}\n({n:,} rows)" for model, n in counts}
    wanted = pd.DataFrame({"panel": pd.Categorical([share], list(tables)), "value": [prob]})
    caption = (
        "Errors of the data that the model was fitted to, so a model with more parameters looks "
        "better than it is on new data. Only fits to the same rows compare. Dashed: the share "
        "that the intervals should hold."
    )
    return (
        p9.ggplot(long, p9.aes(x="value", y="model"))
        + p9.geom_vline(p9.aes(xintercept="value"), wanted, linetype="dashed", size=0.5)
        + p9.geom_point(color=style.COLOURS["predicted"], size=2.6)
        + _values()
        + p9.facet_wrap("panel", scales="free_x")
        + p9.scale_x_continuous(expand=(0.2, 0))
        + p9.scale_y_discrete(labels=lambda models: [names[str(model)] for model in models])
        + style.theme(8.0, 1.9 + 0.5 * len(table))
        + p9.theme(panel_spacing_x=0.06)
        + p9.labs(
            x="",
            y="",
            title="How close are the predictions?",
            caption=style.wrap(caption, 8.0),
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


def _label(table: pd.DataFrame) -> pd.Series:
    whole = table["value"] == table["value"].round()
    small = table["value"].map("{:.3f}".format)
    return table["value"].map("{:,.0f}".format).where(whole | (table["value"] >= 100), small)
