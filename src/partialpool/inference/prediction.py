"""Predictions for every measurement, in chunks, so that rows x draws are never stored."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from partialpool.inference.fit_settings import PredictionSettings
from partialpool.inference.rows import (
    Design,
    distinct_rows,
    in_parallel,
    stack_chains,
    stacked_draws,
    thin,
)
from partialpool.models.noise import GAUSSIAN, Noise
from partialpool.models.terms import Terms, predict
from partialpool.screen import Floats, Ints, Screen

if TYPE_CHECKING:
    import arviz as az
    import xarray as xr

Float32s = npt.NDArray[np.float32]

#: Number of predicted values that a thread stores at a time.
CHUNK_VALUES = 1_000_000


def prediction_table(
    screen: Screen,
    posterior: xr.Dataset,
    terms: Terms,
    settings: PredictionSettings,
    noise: Noise = GAUSSIAN,
) -> pd.DataFrame:
    """Summarise the posterior prediction of every measurement.

    Means use all draws, intervals some of them. Rows with the same guide, line and covariates have
    the same predictive distribution, which is summarised once. It is a known mixture of the
    distributions of the draws, so nothing is simulated.

    Returns
    -------
    pd.DataFrame
        One row per measurement, in the order of the screen: the keys, ``real_value`` (LFC),
        ``mean`` (of the predictor), ``error`` (mean - real_value), ``hdi_lower`` and ``hdi_upper``
        (for a new measurement), ``mu_hdi_lower`` and ``mu_hdi_upper`` (for its mean).
    """
    distinct = distinct_rows(screen, terms)
    draws = thin(posterior, settings.interval_draws)
    intervals = _intervals(screen, draws, terms, distinct.first, settings.hdi_prob, noise)
    names = ("hdi_lower", "hdi_upper", "mu_hdi_lower", "mu_hdi_upper")
    means = {term.effect: _mean(posterior[term.effect], term.dims) for term in terms}
    mean = predict(screen, terms, means, distinct.first)[distinct.group]
    values = dict(zip(names, intervals[:, distinct.group], strict=True))
    return screen.keys.assign(real_value=screen.lfc, mean=mean, **values, error=mean - screen.lfc)


def replicated_screens(
    screen: Screen,
    posterior: xr.Dataset,
    terms: Terms,
    n: int,
    seed: int,
    noise: Noise = GAUSSIAN,
) -> az.InferenceData:
    """Simulate ``n`` data sets from the fitted model, for ``az.plot_ppc``."""
    import arviz as az

    sigma = stack_chains(posterior["sigma"]).astype("float32")
    chosen = np.linspace(0, len(sigma) - 1, num=min(n, len(sigma))).round().astype(int)
    effects = {
        t.effect: stack_chains(posterior[t.effect], t.dims)[:, chosen].astype("float32")
        for t in terms
    }
    lfc = _simulate(screen, terms, effects, sigma[chosen], seed, noise)
    return az.from_dict(
        posterior_predictive={"lfc": lfc[None]},
        observed_data={"lfc": screen.lfc.astype("float32")},
        dims={"lfc": ["measurement"]},
    )


def _intervals(
    screen: Screen, draws: xr.Dataset, terms: Terms, rows: Ints, prob: float, noise: Noise
) -> Floats:
    """Lower and upper ends for a new measurement of some rows, then those for its mean."""
    from partialpool.inference import intervals

    sigma = stack_chains(draws["sigma"]).astype(np.float64)
    by_sigma = np.argsort(sigma)
    ends, sigmas = intervals.strata(sigma[by_sigma])
    theta = np.take(stacked_draws(draws, terms, np.float32), by_sigma, axis=1)
    found = np.empty((4, len(rows)))

    def summarise(start: int, stop: int) -> None:
        design = Design.of(screen, terms, rows[start:stop])
        mu = np.empty((stop - start, len(sigma)), dtype=np.float32)
        intervals.fill_predictor(theta, design.pointers, design.elements, design.factors, mu)
        for stratum in np.split(mu, ends[:-1], axis=1):
            stratum.sort(axis=1)
        found[:2, start:stop] = intervals.of_mixtures(
            mu, ends, sigmas, prob, noise.df, exp(noise.log_peak), noise.reach
        )
        mu.sort(axis=1)
        found[2:, start:stop] = intervals.of_ordered_draws(mu, prob)

    in_parallel(summarise, len(rows), max(1, CHUNK_VALUES // len(sigma)))
    return found


def _mean(values: xr.DataArray, dims: tuple[str, ...]) -> Floats:
    """Means of all draws, in 64-bit floats, because 32-bit sums would be inaccurate."""
    draws = values.transpose(*dims, "chain", "draw").to_numpy()
    return draws.mean(axis=(-2, -1), dtype=np.float64).ravel()


def _chunks(rows: Ints, n_draws: int) -> Iterator[Ints]:
    size = max(1, CHUNK_VALUES // n_draws)
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _simulate(
    screen: Screen,
    terms: Terms,
    effects: dict[str, Float32s],
    sigma: Float32s,
    seed: int,
    noise: Noise,
) -> Float32s:
    """Simulate (draw, measurement) data sets, one for each value of the effects."""
    rng = np.random.default_rng(seed)
    lfc = np.empty((len(sigma), screen.n_rows), dtype=np.float32)
    for rows in _chunks(np.arange(screen.n_rows), len(sigma)):
        mu = predict(screen, terms, effects, rows)
        lfc[:, rows] = (mu + sigma * noise.draw(rng, mu.shape)).T
    return lfc
