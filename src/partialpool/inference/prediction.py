"""What a fitted model predicts for every measurement, in chunks: never rows x draws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from partialpool.inference.settings import FitSettings
from partialpool.models.terms import Terms, predict
from partialpool.screen import Ints, Screen

if TYPE_CHECKING:
    import arviz as az
    import xarray as xr

Float32s = npt.NDArray[np.float32]

#: Predicted values held at once.
CHUNK_VALUES = 10_000_000


def prediction_table(
    screen: Screen, posterior: xr.Dataset, terms: Terms, hdi_prob: float, seed: int
) -> pd.DataFrame:
    """Posterior predictive summary of every measurement, from all draws.

    Rows with the same guide, line and covariates have one predictive distribution, so it is
    summarised once for all of them.

    Returns
    -------
    One row per measurement, in the screen's order: the keys, ``real_value`` (LFC),
    ``mean`` (of the predictor), ``error`` (mean - real_value), ``hdi_lower`` and ``hdi_upper``
    of a new measurement, ``mu_hdi_lower`` and ``mu_hdi_upper`` of its mean.
    """
    effects, sigma = _stacked(posterior, terms)
    rng = np.random.default_rng(seed)
    first, group = distinct_rows(screen, terms)
    summaries = []
    for rows in _chunks(first, len(sigma)):
        mu = predict(screen, terms, effects, rows)
        new = mu + sigma[:, None] * rng.standard_normal(mu.shape, dtype=np.float32)
        mean = mu.mean(axis=0, dtype=np.float64)
        summaries.append([mean, *hdi(new, hdi_prob), *hdi(mu, hdi_prob)])
    names = ("mean", "hdi_lower", "hdi_upper", "mu_hdi_lower", "mu_hdi_upper")
    values = dict(zip(names, np.concatenate(summaries, axis=1)[:, group], strict=True))
    table = screen.keys.assign(real_value=screen.lfc, **values)
    return table.assign(error=table["mean"] - table["real_value"])


def replicated_screens(
    screen: Screen, posterior: xr.Dataset, terms: Terms, n: int, seed: int
) -> az.InferenceData:
    """``n`` data sets as the fitted model would make them, for ``az.plot_ppc``."""
    import arviz as az

    effects, sigma = _stacked(posterior, terms)
    chosen = np.linspace(0, len(sigma) - 1, num=min(n, len(sigma))).round().astype(int)
    lfc = _simulate(screen, terms, {k: v[chosen] for k, v in effects.items()}, sigma[chosen], seed)
    return az.from_dict(
        posterior_predictive={"lfc": lfc[None]},
        observed_data={"lfc": screen.lfc.astype("float32")},
        dims={"lfc": ["measurement"]},
    )


def prior_draws(screen: Screen, settings: FitSettings, n: int, n_screens: int) -> az.InferenceData:
    """Draws of every parameter from the prior, and some data sets that the prior would make.

    Returns
    -------
    InferenceData with ``prior`` (n draws) and ``prior_predictive`` (n_screens draws of LFC).
    """
    import arviz as az
    import pymc as pm

    spec = settings.spec
    model = spec.build(screen, settings.priors, settings.parametrization, "sufficient")
    variables = [v for v in model.unobserved_RVs if not v.name.endswith("_z")]
    values = pm.draw(variables, draws=n, random_seed=settings.seed)
    prior = {v.name: np.asarray(x)[None] for v, x in zip(variables, values, strict=True)}
    effects = {t.effect: prior[t.effect][0, :n_screens].astype("float32") for t in spec.terms}
    sigma = prior["sigma"][0, :n_screens].astype("float32")
    lfc = _simulate(screen, spec.terms, effects, sigma, settings.seed)
    dims = {name: list(model.named_vars_to_dims.get(name, ())) for name in prior}
    return az.from_dict(
        prior=prior,
        prior_predictive={"lfc": lfc[None]},
        coords=screen.coords,
        dims=dims | {"lfc": ["measurement"]},
    )


def hdi(draws: npt.NDArray[np.floating], prob: float) -> tuple[Any, Any]:
    """Highest-density interval down the first axis: the narrowest that holds ``prob`` of it.

    The same as ``az.hdi``, for many columns at once.
    """
    ordered = np.sort(draws, axis=0)
    n_inside = int(np.floor(prob * len(ordered)))
    widths = ordered[n_inside:] - ordered[: len(ordered) - n_inside]
    start = np.argmin(widths, axis=0)[None]
    lower = np.take_along_axis(ordered, start, axis=0)[0]
    upper = np.take_along_axis(ordered, start + n_inside, axis=0)[0]
    return lower, upper


def distinct_rows(screen: Screen, terms: Terms) -> tuple[Ints, Ints]:
    """The first row of each set of rows that the terms can't tell apart, and each row's set."""
    columns: list[npt.NDArray[Any]] = [screen.index(term.dims) for term in terms]
    columns += [term.values(screen) for term in terms if term.covariate]
    table = pd.DataFrame(dict(enumerate(columns)))
    group: Ints = np.asarray(table.groupby(list(table.columns), sort=False).ngroup(), dtype=np.intp)
    first: Ints = np.unique(group, return_index=True)[1].astype(np.intp)
    return first, group


def stack_chains(values: xr.DataArray, dims: tuple[str, ...] = ()) -> npt.NDArray[Any]:
    """Draws as (draw, element), or (draw,) of a scalar, all chains in one."""
    array = values.transpose("chain", "draw", *dims).to_numpy()
    n_draws = array.shape[0] * array.shape[1]
    return array.reshape((n_draws, -1) if dims else (n_draws,))


def _stacked(posterior: xr.Dataset, terms: Terms) -> tuple[dict[str, Float32s], Float32s]:
    """Effects as (draw, element) and sigma as (draw,), all chains in one."""
    effects = {t.effect: stack_chains(posterior[t.effect], t.dims) for t in terms}
    narrow = {name: draws.astype("float32") for name, draws in effects.items()}
    return narrow, stack_chains(posterior["sigma"]).astype("float32")


def _chunks(rows: Ints, n_draws: int) -> Iterator[Ints]:
    size = max(1, CHUNK_VALUES // n_draws)
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _simulate(
    screen: Screen, terms: Terms, effects: dict[str, Float32s], sigma: Float32s, seed: int
) -> Float32s:
    """(draw, measurement) data sets, one for each value of the effects."""
    rng = np.random.default_rng(seed)
    lfc = np.empty((len(sigma), screen.n_rows), dtype=np.float32)
    for rows in _chunks(np.arange(screen.n_rows), len(sigma)):
        mu = predict(screen, terms, effects, rows)
        noise = rng.standard_normal(mu.shape, dtype=np.float32)
        lfc[:, rows] = mu + sigma[:, None] * noise
    return lfc
