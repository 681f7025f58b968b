"""What a fitted model predicts for every measurement, in chunks: never rows x draws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from partialpool.inference.compiling import COMPILING
from partialpool.inference.rows import distinct_rows, stack_chains, thin
from partialpool.inference.settings import FitSettings, PredictionSettings
from partialpool.models.effects import own_variables
from partialpool.models.terms import Terms, predict
from partialpool.screen import Floats, Ints, Screen

if TYPE_CHECKING:
    import arviz as az
    import xarray as xr

Float32s = npt.NDArray[np.float32]

#: Predicted values held at once.
CHUNK_VALUES = 10_000_000


def prediction_table(
    screen: Screen, posterior: xr.Dataset, terms: Terms, settings: PredictionSettings
) -> pd.DataFrame:
    """Posterior predictive summary of every measurement: means of all draws, intervals of some.

    Rows with the same guide, line and covariates have one predictive distribution, so it is
    summarised once for all of them.

    Returns
    -------
    One row per measurement, in the screen's order: the keys, ``real_value`` (LFC),
    ``mean`` (of the predictor), ``error`` (mean - real_value), ``hdi_lower`` and ``hdi_upper``
    of a new measurement, ``mu_hdi_lower`` and ``mu_hdi_upper`` of its mean.
    """
    effects, sigma = _stacked(thin(posterior, settings.interval_draws), terms)
    rng = np.random.default_rng(settings.seed)
    distinct = distinct_rows(screen, terms)
    intervals = []
    for rows in _chunks(distinct.first, len(sigma)):
        mu = predict(screen, terms, effects, rows)
        new = mu + sigma * rng.standard_normal(mu.shape, dtype=np.float32)
        intervals.append([*hdi(new, settings.hdi_prob), *hdi(mu, settings.hdi_prob)])
    names = ("hdi_lower", "hdi_upper", "mu_hdi_lower", "mu_hdi_upper")
    values = dict(zip(names, np.concatenate(intervals, axis=1)[:, distinct.group], strict=True))
    mean = predict(screen, terms, {t.effect: _mean(posterior[t.effect], t.dims) for t in terms})
    return screen.keys.assign(real_value=screen.lfc, mean=mean, **values, error=mean - screen.lfc)


def replicated_screens(
    screen: Screen, posterior: xr.Dataset, terms: Terms, n: int, seed: int
) -> az.InferenceData:
    """``n`` data sets as the fitted model would make them, for ``az.plot_ppc``."""
    import arviz as az

    effects, sigma = _stacked(posterior, terms)
    chosen = np.linspace(0, len(sigma) - 1, num=min(n, len(sigma))).round().astype(int)
    some = {name: draws[:, chosen] for name, draws in effects.items()}
    lfc = _simulate(screen, terms, some, sigma[chosen], seed)
    return az.from_dict(
        posterior_predictive={"lfc": lfc[None]},
        observed_data={"lfc": screen.lfc.astype("float32")},
        dims={"lfc": ["measurement"]},
    )


def prior_draws(screen: Screen, settings: FitSettings, n: int, n_screens: int) -> az.InferenceData:
    """Draws of every parameter from the prior, and some data sets that the prior would make.

    Returns
    -------
    InferenceData with ``prior`` (n draws) and ``prior_predictive`` (LFC by the first n_screens
    of them).
    """
    import arviz as az
    import pymc as pm
    import pytensor

    spec = settings.spec
    model = spec.build(screen, settings.priors, settings.parametrization, "sufficient")
    variables = own_variables(model)
    # Without a C++ compiler PyTensor runs fused operations element by element.
    with COMPILING:
        mode = pytensor.compile.get_default_mode().excluding("fusion")
        values = pm.draw(list(variables.values()), draws=n, random_seed=settings.seed, mode=mode)
    prior = {name: np.asarray(x)[None] for name, x in zip(variables, values, strict=True)}
    sigma = prior["sigma"][0, :n_screens].astype("float32")
    effects = {
        t.effect: prior[t.effect][0, :n_screens].reshape(len(sigma), -1).T.astype("float32")
        for t in spec.terms
    }
    lfc = _simulate(screen, spec.terms, effects, sigma, settings.seed)
    dims = {name: list(model.named_vars_to_dims.get(name, ())) for name in prior}
    return az.from_dict(
        prior=prior,
        prior_predictive={"lfc": lfc[None]},
        coords=screen.coords,
        dims=dims | {"lfc": ["measurement"]},
    )


def hdi(draws: npt.NDArray[np.floating], prob: float) -> tuple[Any, Any]:
    """Highest-density interval of each row: the narrowest that holds ``prob`` of its draws.

    The same as ``az.hdi``, for many rows at once.
    """
    ordered = np.sort(draws, axis=1)
    n_inside = int(np.floor(prob * ordered.shape[1]))
    widths = ordered[:, n_inside:] - ordered[:, : ordered.shape[1] - n_inside]
    start = np.argmin(widths, axis=1)[:, None]
    lower = np.take_along_axis(ordered, start, axis=1)[:, 0]
    upper = np.take_along_axis(ordered, start + n_inside, axis=1)[:, 0]
    return lower, upper


def _mean(values: xr.DataArray, dims: tuple[str, ...]) -> Floats:
    return values.mean(("chain", "draw")).transpose(*dims).to_numpy().ravel()


def _stacked(posterior: xr.Dataset, terms: Terms) -> tuple[dict[str, Float32s], Float32s]:
    """Effects as (element, draw) and sigma as (draw,), all chains in one."""
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
        lfc[:, rows] = (mu + sigma * rng.standard_normal(mu.shape, dtype=np.float32)).T
    return lfc
