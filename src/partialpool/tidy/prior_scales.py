"""Priors of standard deviations, as curves: what the models' scale priors say beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

#: The two scale priors that the notebook compared, shown whether or not a model uses them.
COMMON = pd.DataFrame({"family": ["half_normal", "exponential"], "number": [5.0, 1.0]})


def scale_priors(modeling: Mapping[str, Any]) -> pd.DataFrame:
    """List the priors of standard deviations in the models' settings.

    Parameters
    ----------
    modeling
        Fit -> its settings, with ``priors``: parameter -> ``{sigma}`` of a half-normal
        or ``{rate}`` of an exponential prior; only parameters called ``sigma...`` are read.

    Returns
    -------
    pandas.DataFrame
        A row per parameter of a fit: ``fit``, ``parameter``, ``family`` (``half_normal`` or
        ``exponential``), ``number`` (sigma or rate), ``prior`` (as one writes it), ``mean``,
        ``median``, ``q95`` (log2 fold change).
    """
    rows = [
        (fit, parameter, *_family(prior))
        for fit, settings in modeling.items()
        for parameter, prior in settings["priors"].items()
        if parameter.startswith("sigma")
    ]
    return _described(pd.DataFrame(rows, columns=["fit", "parameter", "family", "number"]))


def distinct_priors(priors: pd.DataFrame) -> pd.DataFrame:
    """Gather equal priors, the widest first, with the two common ones among them.

    Parameters
    ----------
    priors
        What `scale_priors` gave.

    Returns
    -------
    pandas.DataFrame
        A row per prior: ``prior`` (as one writes it), ``family``, ``number``, ``mean``,
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
    """Trace the densities of `distinct_priors`.

    Returns
    -------
    pandas.DataFrame
        ``points`` rows per prior: ``prior``, ``value`` (log2 fold change, from 0 to where the
        widest prior has 1 % left), ``density`` (per unit of log2 fold change).
    """
    frozen = _distributions(distinct)
    value = np.linspace(0.0, max(prior.ppf(0.99) for prior in frozen), points)
    curves = [
        pd.DataFrame({"prior": label, "value": value, "density": prior.pdf(value)})
        for label, prior in zip(distinct["prior"], frozen, strict=True)
    ]
    return pd.concat(curves, ignore_index=True)


def _distributions(priors: pd.DataFrame) -> list[Any]:
    from scipy import stats  # here, as start-up of every kedro command would pay for it

    return [
        stats.halfnorm(scale=number) if family == "half_normal" else stats.expon(scale=1 / number)
        for family, number in zip(priors["family"], priors["number"], strict=True)
    ]


def _family(prior: Mapping[str, float]) -> tuple[str, float]:
    if "rate" in prior:
        return "exponential", float(prior["rate"])
    return "half_normal", float(prior["sigma"])


def _described(priors: pd.DataFrame) -> pd.DataFrame:
    """Add how each prior is written, its mean, median and 95th percentile."""
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
