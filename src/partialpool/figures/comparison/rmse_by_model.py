"""How close are the predictions of each model to the measurements?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotnine as p9
from mizani.breaks import breaks_extended

from partialpool.figures.comparison._models import models_from_top, values_above
from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.figures.parts.words import percent

#: The axis of shares contains at least this much on each side of the expected share.
NEAR = 0.03
#: Verdict of a fit -> shape of its dots.
SHAPES = {"passes": "o", "FAILS": "X"}
# plotnine accepts this, although mizani's types do not say so.
MORE: Any = breaks_extended(n=5)


def tables(
    verdicts: Mapping[str, Mapping[str, Any]],
    scores: Mapping[str, Mapping[str, Any]],
    prediction_prob: float,
) -> dict[str, Any]:
    """Errors of the fits to the same measurements, and of other fits."""
    judged = {
        name: {**scores[name], "passed": bool(verdict["passed"])}
        for name, verdict in verdicts.items()
    }
    compared, others = comparable(score_table(judged))
    return {"compared": compared, "others": others, "prob": prediction_prob}


def score_table(scores: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Compare the predictions of every model with the measurements that it was fitted to.

    Parameters
    ----------
    scores
        Fit -> the record of ``inference.scores.fit_scores``, with ``passed``.

    Returns
    -------
    pd.DataFrame
        ``model``, ``n`` (measurements), ``rmse`` (log2 fold change), ``share_inside`` (of the
        measurements inside the interval of a new measurement), ``passed`` (the sampler converged).
    """
    table = pd.DataFrame([{"model": name, **record} for name, record in scores.items()])
    names = {"n_measurements": "n", "coverage": "share_inside"}
    return table.rename(columns=names)[["model", "n", "rmse", "share_inside", "passed"]]


def comparable(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split a `score_table` into the largest group of fits to the same number of rows, and others.

    If two groups are equally large, the one with more rows is chosen.
    """
    fits = table["n"].value_counts()
    is_most = table["n"] == fits[fits == fits.max()].index.max()
    return table[is_most], table[~is_most]


def draw(compared: pd.DataFrame, others: pd.DataFrame, prob: float) -> p9.ggplot:
    """Draw the root mean square errors of models, and the shares inside their intervals.

    Parameters
    ----------
    compared
        Fits to the same rows: ``model``, ``n``, ``rmse``, ``share_inside``, ``passed``.
    others
        Fits to other rows, which the caption lists.
    prob
        The share of measurements that should be inside their intervals.
    """
    error, share = (
        f"root mean square error\n({style.LFC})",
        f"share of the measurements\ninside their {percent(prob)} intervals",
    )
    values = {error: compared["rmse"], share: compared["share_inside"]}
    long = pd.concat([compared.assign(what=name, value=column) for name, column in values.items()])
    long = models_from_top(long).assign(
        panel=pd.Categorical(long["what"], list(values), ordered=True),
        text=long["value"].map("{:.3f}".format),
        sampler=long["passed"].map({True: "passes", False: "FAILS"}),
    )
    wanted = long[long["what"] == share].assign(value=prob)
    # Otherwise a difference of a thousandth would fill the axis.
    near = pd.DataFrame({"panel": long["panel"].cat.categories[[1, 1]]}).assign(
        value=[prob - NEAR, min(prob + NEAR, 1.0)]
    )
    caption = (
        f"Errors of the {compared['n'].iloc[0]:,} measurements that the models were fitted to. On "
        "new data, a model with many parameters is worse than it looks here. Dashed line: the "
        f"expected share. Cross: the sampler did not converge.{_elsewhere(others)}"
    )
    return (
        p9.ggplot(long, p9.aes(x="value", y="model"))
        + p9.geom_vline(p9.aes(xintercept="value"), wanted, linetype="dashed", size=0.5)
        + p9.geom_point(p9.aes(shape="sampler"), color=style.COLOURS["estimate"], size=2.6)
        + values_above()
        + p9.geom_blank(p9.aes(x="value"), near, inherit_aes=False)
        + p9.facet_wrap("panel", nrow=1, scales="free_x")
        + p9.scale_shape_manual(SHAPES, guide=None)
        + p9.scale_x_continuous(expand=(0.25, 0), breaks=MORE)
        + style.theme(8.5, 2.0 + 0.36 * len(compared))
        + p9.theme(panel_spacing_x=0.03)
        + p9.labs(
            x="",
            y="",
            title="How close are the predictions?",
            caption=style.wrap(caption, 8.5),
        )
    )


def _elsewhere(others: pd.DataFrame) -> str:
    """List the fits to other rows, because only fits to the same rows can be compared."""
    fits = [
        f"{fit.model} ({fit.n:,} rows; error {fit.rmse:.3f}, share {fit.share_inside:.3f})"
        for fit in others.itertuples()
    ]
    return f" Fits to other measurements cannot be compared: {', '.join(fits)}." if fits else ""


FIGURE = Figure(
    title="How close are the predictions of each model?",
    how_to_read="Left: a smaller error is better. Right: the dot should be near the dashed line.",
    group="comparison",
    place=20,
    tables=tables,
    draw=draw,
)
