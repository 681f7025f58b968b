"""What do the models assume about standard deviations before they see data?"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.inference.fit_settings import plain

#: The two priors that the notebook compared. They are always shown.
COMMON = pd.DataFrame({"family": ["half_normal", "exponential"], "number": [5.0, 1.0]})


def tables(screen: pd.DataFrame, fits: Mapping[str, Any]) -> dict[str, Any]:
    """Densities of the priors, and the standard deviation of the measurements."""
    distinct = distinct_priors(scale_priors(fits))
    spread = float(screen["lfc"].std(ddof=0))
    return {"curves": prior_curves(distinct), "priors": distinct, "spread": spread}


def scale_priors(fits: Mapping[str, Any]) -> pd.DataFrame:
    """List the priors of standard deviations in the models' settings.

    Parameters
    ----------
    fits
        Fit -> its settings, as ``FitSettings`` or as values of the parameters. Only parameters
        with names ``sigma...`` are read.

    Returns
    -------
    pd.DataFrame
        A row per parameter of a fit: ``fit``, ``parameter``, ``family`` (``half_normal`` or
        ``exponential``), ``number`` (sigma or rate), ``prior`` (in the usual notation), ``mean``,
        ``median``, ``q95`` (log2 fold change).
    """
    rows = [
        (fit, parameter, *_family(prior))
        for fit, settings in plain(fits).items()
        for parameter, prior in settings["priors"].items()
        if parameter.startswith("sigma")
    ]
    return _described(pd.DataFrame(rows, columns=["fit", "parameter", "family", "number"]))


def distinct_priors(priors: pd.DataFrame) -> pd.DataFrame:
    """Group equal priors, the widest first, and add the two common ones.

    Parameters
    ----------
    priors
        The result of `scale_priors`.

    Returns
    -------
    pd.DataFrame
        A row per prior: ``prior`` (in the usual notation), ``family``, ``number``, ``mean``,
        ``median``, ``q95`` (log2 fold change), ``used_for`` (its parameters, or ``no model``).
    """
    parameters = priors.groupby(["family", "number"])["parameter"].agg(
        lambda names: ", ".join(sorted(set(names)))
    )
    distinct = pd.concat([priors[["family", "number"]], COMMON]).drop_duplicates()
    distinct = distinct.join(parameters.rename("used_for"), on=["family", "number"])
    distinct = _described(distinct.fillna({"used_for": "no model"}))
    return distinct.sort_values("mean", ascending=False).reset_index(drop=True)


def prior_curves(distinct: pd.DataFrame, points: int = 300) -> pd.DataFrame:
    """Compute points of the densities of `distinct_priors`.

    Returns
    -------
    pd.DataFrame
        ``points`` rows per prior: ``prior``, ``value`` (log2 fold change, from 0 to the
        largest 99th percentile), ``density`` (per unit of log2 fold change).
    """
    frozen = _distributions(distinct)
    value = np.linspace(0.0, max(prior.ppf(0.99) for prior in frozen), points)
    curves = [
        pd.DataFrame({"prior": label, "value": value, "density": prior.pdf(value)})
        for label, prior in zip(distinct["prior"], frozen, strict=True)
    ]
    return pd.concat(curves, ignore_index=True)


def _distributions(priors: pd.DataFrame) -> list[Any]:
    from scipy import stats

    return [
        stats.halfnorm(scale=number) if family == "half_normal" else stats.expon(scale=1 / number)
        for family, number in zip(priors["family"], priors["number"], strict=True)
    ]


def _family(prior: Mapping[str, float]) -> tuple[str, float]:
    if "rate" in prior:
        return "exponential", float(prior["rate"])
    return "half_normal", float(prior["sigma"])


def _described(priors: pd.DataFrame) -> pd.DataFrame:
    """Add the notation of each prior, its mean, median and 95th percentile."""
    frozen = _distributions(priors)
    labels = [
        f"|N(0, {number:g})|" if family == "half_normal" else f"Exp({number:g})"
        for family, number in zip(priors["family"], priors["number"], strict=True)
    ]
    return priors.assign(
        prior=labels,
        mean=[prior.mean() for prior in frozen],
        median=[prior.median() for prior in frozen],
        q95=[prior.ppf(0.95) for prior in frozen],
    )


def draw(curves: pd.DataFrame, priors: pd.DataFrame, spread: float) -> p9.ggplot:
    """Draw the densities of the priors of standard deviations.

    Parameters
    ----------
    curves
        ``prior``, ``value``, ``density``.
    priors
        ``prior``, ``q95`` (its 95th percentile), ``used_for`` (names of parameters).
    spread
        Standard deviation of the screen's measurements (log2 fold change).
    """
    used = {
        prior: "\n".join([prior, *textwrap.wrap(f"for {parameters}", 30)])
        for prior, parameters in zip(priors["prior"], priors["used_for"], strict=True)
    }
    curves, priors = (
        table.assign(prior=pd.Categorical(table["prior"].map(used), list(used.values())))
        for table in (curves, priors)
    )
    colours = style.cycle(len(used))
    caption = (
        "|N(0, s)|: half-normal with scale s. Exp(r): exponential with rate r, mean 1 / r. "
        "Dashed: 95 % of the prior is to the left. Densities are exact, not sampled. Black, "
        f"dotted: the standard deviation of all measurements, {spread:.2f}. The standard "
        "deviations of genes, guides, lines and noise can hardly be larger."
    )
    return (
        p9.ggplot(curves, p9.aes(x="value", color="prior"))
        + p9.geom_area(p9.aes(y="density", fill="prior"), alpha=0.15, size=0.9, position="identity")
        + p9.geom_vline(
            p9.aes(xintercept="q95", color="prior"), priors, linetype="dashed", show_legend=False
        )
        + p9.geom_vline(xintercept=spread, linetype="dotted", size=0.8)
        + p9.scale_color_manual(colours)
        + p9.scale_fill_manual(colours)
        + style.theme(8.0, 4.5)
        + p9.theme(legend_key_spacing_y=8, legend_text=p9.element_text(ma="left", ha="left"))
        + p9.labs(
            x="standard deviation (log2 fold change)",
            y="density (per log2 fold change)",
            color="prior",
            fill="prior",
            title="Priors of standard deviations",
            caption=style.wrap(caption, 8.0),
        )
    )


FIGURE = Figure(
    title="What the models assume about standard deviations before they see data",
    how_to_read="A wide curve allows small and large standard deviations. A narrow curve makes "
    "large differences unlikely.",
    group="priors",
    place=10,
    tables=tables,
    draw=draw,
    drawn="on request",
)
