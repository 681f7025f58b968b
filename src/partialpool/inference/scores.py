r"""How well a fit describes the screen: error, coverage, and leave-one-out prediction.

The expected log predictive density of each measurement, had it been left out, comes from the
draws of the full fit by Pareto-smoothed importance sampling (PSIS-LOO): Vehtari, Gelman and
Gabry, Statistics and Computing 2017, 27:1413; Vehtari, Simpson, Gelman, Yao and Gabry, JMLR
2024, 25(72). It is what ``az.loo`` computes, done for many measurements at once and in chunks
of rows, so that nothing of size rows x draws is held.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from partialpool.inference.prediction import distinct_rows, stack_chains, thin
from partialpool.models.terms import Terms, predict
from partialpool.parameters import Parameters
from partialpool.screen import KEYS, Floats, Ints, Screen

if TYPE_CHECKING:
    import xarray as xr

#: Log-likelihoods held at once: few enough for a processor's cache.
CHUNK_VALUES = 500_000
#: Of each chain; with fewer no effective sample size can be told.
MIN_DRAWS = 4
#: A tail shorter than this can't be smoothed.
MIN_TAIL = 5
#: Log weights this far below the largest are as good as zero; keeps reciprocals finite.
LOWEST = -690.0
#: A tail whose first quartile is no further than this above its start has no shape.
NO_EXCESS = 1e-290
#: Factors multiplied before a logarithm is taken, and how large each may be.
BLOCK, LARGEST_FACTOR = 8, 1e35


class ScoreSettings(Parameters):
    """How fits are scored.

    Attributes
    ----------
    loo_draws : posterior draws that leave-one-out uses, evenly spaced over each chain; of fewer
        than a hundred its importance weights say nothing
    """

    loo_draws: Annotated[int, Field(ge=100)]


def fit_scores(predictions: pd.DataFrame, loo: pd.DataFrame) -> dict[str, float]:
    """Score a fit.

    Parameters
    ----------
    predictions : as ``prediction_table`` makes them
    loo : as ``loo_table`` makes it

    Returns
    -------
    ``n_measurements``; ``rmse`` of the posterior mean (log2 fold change); ``coverage``, the
    share of measurements inside their predictive intervals; ``elpd_loo``, its standard error
    ``elpd_loo_se`` and ``p_loo``, the effective number of parameters; ``n_bad_k``, how many
    measurements have a Pareto k for which the estimate can't be trusted, and ``max_k``.
    """
    inside = predictions["real_value"].between(predictions["hdi_lower"], predictions["hdi_upper"])
    return {
        "n_measurements": len(predictions),
        "rmse": float(np.sqrt(np.mean(predictions["error"] ** 2))),
        "coverage": float(inside.mean()),
        "elpd_loo": float(loo["elpd_loo"].sum()),
        "elpd_loo_se": _standard_error(loo["elpd_loo"]),
        "p_loo": float(loo["p_loo"].sum()),
        "n_bad_k": int(loo["is_bad_k"].sum()),
        "max_k": float(loo["pareto_k"].max()),
    }


def loo_table(
    screen: Screen, posterior: xr.Dataset, terms: Terms, settings: ScoreSettings
) -> pd.DataFrame:
    """Leave each measurement out in turn, without fitting again.

    Returns
    -------
    One row per measurement, in the screen's order: the keys, ``elpd_loo`` (log predictive
    density), ``p_loo`` (how much higher it is with the measurement in), ``pareto_k`` and
    ``is_bad_k``: k above min(1 - 1 / log10(draws), 0.7), where the estimate can't be trusted.
    """
    draws = thin(posterior, settings.loo_draws)
    _require_draws(draws.sizes["chain"], draws.sizes["draw"])
    effects = {
        term.effect: stack_chains(draws[term.effect], term.dims).astype("float64") for term in terms
    }
    sigma = stack_chains(draws["sigma"]).astype("float64")
    n_tail = tail_length(len(sigma), relative_efficiency(draws))
    values = np.empty((3, screen.n_rows))
    for rows, mu in _predictor(screen, terms, effects, len(sigma)):
        values[:, rows] = psis_loo(_deviation(screen.lfc[rows], mu, sigma), n_tail)
    values[:2] -= 0.5 * np.log(2 * np.pi)
    elpd, lppd, k = values
    good_k = min(1 - 1 / np.log10(len(sigma)), 0.7)
    return screen.keys.assign(elpd_loo=elpd, p_loo=lppd - elpd, pareto_k=k, is_bad_k=k > good_k)


def _require_draws(n_chains: int, n_draws: int) -> None:
    if n_draws < MIN_DRAWS:
        raise ValueError(
            f"Needed: at least {MIN_DRAWS} draws of each chain for leave-one-out prediction\n"
            f"Came: {n_draws} of each of {n_chains} chains\n"
            f"To mend: set scores.loo_draws to {MIN_DRAWS * n_chains} or more"
        )


def rank(loos: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Rank models by leave-one-out prediction, each among those that saw at least as much as it.

    A covariate that is often missing leaves a model few measurements. On these it is compared
    with all others, and they among themselves on all that they have in common.

    Parameters
    ----------
    loos : model -> its ``loo_table``, all of one screen

    Returns
    -------
    The models that saw most measurements, then these and the next, and so on; models that share
    no measurement with those before stand alone. In each, one row per model, best first:
    ``model``, ``n_measurements`` (in common), ``elpd_loo``, ``elpd_loo_se``, ``p_loo``,
    ``elpd_diff`` (to the best; 0 for itself), ``elpd_diff_se`` (from paired differences),
    ``n_bad_k``.
    """
    sizes = sorted({len(table) for table in loos.values()}, reverse=True)
    seen = [{name: loo for name, loo in loos.items() if len(loo) >= size} for size in sizes]
    sets = [common for models in seen if (common := _in_common(models))]
    ranked = {name for common in sets for name in common}
    sets += [_in_common({name: loo}) for name, loo in loos.items() if name not in ranked]
    return pd.concat([_ranked(common) for common in sets], ignore_index=True)


def _ranked(common: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Rank models whose tables are of the same measurements, in one order."""
    elpds = {model: table["elpd_loo"] for model, table in common.items()}
    ranked = sorted(elpds, key=lambda model: -elpds[model].sum())
    best = elpds[ranked[0]]
    return pd.DataFrame(
        {
            "model": model,
            "n_measurements": len(best),
            "elpd_loo": elpds[model].sum(),
            "elpd_loo_se": _standard_error(elpds[model]),
            "p_loo": common[model]["p_loo"].sum(),
            "elpd_diff": (elpds[model] - best).sum(),
            "elpd_diff_se": _standard_error(elpds[model] - best),
            "n_bad_k": int(common[model]["is_bad_k"].sum()),
        }
        for model in ranked
    )


def psis_loo(deviation: Floats, n_tail: int) -> tuple[Floats, Floats, Floats]:
    """PSIS-LOO of some measurements from their negative log-likelihoods.

    Parameters
    ----------
    deviation : (measurement, draw) negative log-likelihood; overwritten
    n_tail : how many of the largest importance ratios are smoothed

    Returns
    -------
    elpd_loo, lppd (the log predictive density with the measurement in), Pareto k
    """
    shift = deviation.max(axis=1)
    deviation -= shift[:, None]
    ratios = np.exp(np.maximum(deviation, LOWEST, out=deviation), out=deviation)
    n_draws = ratios.shape[1]
    lppd = np.log(np.reciprocal(ratios).mean(axis=1)) - shift
    total = ratios.sum(axis=1)
    ratios.partition(n_draws - n_tail - 1, axis=1)
    tail = np.sort(ratios[:, n_draws - n_tail :], axis=1)
    smoothed, k = _smooth(tail, ratios[:, n_draws - n_tail - 1])
    body = total - tail.sum(axis=1)
    weighted = n_draws - n_tail + (smoothed / tail).sum(axis=1)
    return np.log(weighted / (body + smoothed.sum(axis=1))) - shift, lppd, k


def tail_length(n_draws: int, efficiency: float) -> int:
    """How many of the largest importance ratios are smoothed (Vehtari et al. 2024)."""
    return int(np.ceil(min(n_draws / 5, 3 * np.sqrt(n_draws / efficiency))))


def relative_efficiency(posterior: xr.Dataset) -> float:
    """Effective over actual number of draws, averaged over all parameters."""
    import arviz as az

    if posterior.sizes["chain"] == 1:
        return 1.0
    ess = az.ess(posterior, method="mean")
    found = np.concatenate([ess[name].to_numpy().ravel() for name in ess.data_vars])
    return float(found.mean() / (posterior.sizes["chain"] * posterior.sizes["draw"]))


def _smooth(tail: Floats, cutoff: Floats) -> tuple[Floats, Floats]:
    """Replace the tail's ratios by quantiles of the Pareto distribution that fits them."""
    n_tail = tail.shape[1]
    excess = tail - cutoff[:, None]
    usable = (excess[:, _quartile(n_tail)] > NO_EXCESS) & (n_tail >= MIN_TAIL)
    smoothed, k = tail.copy(), np.full(len(tail), np.inf)
    if usable.any():
        shape, scale = _fit_pareto(excess[usable])
        log_survival = np.log1p(-np.arange(0.5, n_tail) / n_tail)
        with np.errstate(over="ignore"):
            quantiles = np.expm1(-shape[:, None] * log_survival) * (scale / shape)[:, None]
        # No ratio is made larger than the largest that was drawn, which is 1.
        smoothed[usable] = np.fmin(quantiles + cutoff[usable, None], 1)
        k[usable] = shape
    return smoothed, k


def _fit_pareto(excess: Floats) -> tuple[Floats, Floats]:
    """Shape and scale of the generalised Pareto distribution, each row its own.

    The empirical Bayes estimate of Zhang and Stephens, Technometrics 2009, 51:316, with the
    weak prior on the shape of Vehtari et al. 2024. ``excess`` is sorted along each row.
    """
    n = excess.shape[1]
    n_grid = 30 + int(np.sqrt(n))
    grid = 1 - np.sqrt(n_grid / (np.arange(1, n_grid + 1) - 0.5))
    quartile, largest = excess[:, _quartile(n), None], excess[:, -1:]
    theta = grid / (3 * quartile) + 1 / largest
    k = _mean_log1m(theta, excess)
    profile = n * (np.log(-theta / k) - k - 1)
    weight = np.exp(profile - profile.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    weight[weight < 10 * np.finfo(float).eps] = 0
    best = (theta * weight).sum(axis=1) / weight.sum(axis=1)
    shape = np.log1p(-best[:, None] * excess).mean(axis=1)
    return (n * shape + 5) / (n + 10), -shape / best


def _mean_log1m(theta: Floats, excess: Floats) -> Floats:
    """Mean over the excesses of log(1 - theta excess).

    Logarithms cost most of PSIS, so one is taken of ``BLOCK`` factors, where they can't overflow.
    """
    total = np.zeros_like(theta)
    wild = -theta.min(axis=1) * excess[:, -1] > LARGEST_FACTOR
    for row in np.flatnonzero(wild):
        total[row] = np.log1p(-theta[row, :, None] * excess[row]).sum(axis=1)
    calm = slice(None) if not wild.any() else ~wild
    within, beyond = theta[calm], excess[calm]
    for start in range(0, beyond.shape[1], BLOCK):
        product = np.ones_like(within)
        for column in beyond[:, start : start + BLOCK].T:
            product *= 1 - within * column[:, None]
        total[calm] += np.log(product)
    return total / excess.shape[1]


def _quartile(n: int) -> int:
    return int(n / 4 + 0.5) - 1


def _predictor(
    screen: Screen, terms: Terms, effects: Mapping[str, Floats], n_draws: int
) -> Iterator[tuple[Ints, Floats]]:
    """Rows in chunks with their (row, draw) predictors; what rows share is computed once."""
    first, group = distinct_rows(screen, terms)
    order = np.argsort(group, kind="stable")
    size = max(1, CHUNK_VALUES // n_draws)
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        shared, position = np.unique(group[rows], return_inverse=True)
        yield rows, predict(screen, terms, effects, first[shared])[position]


def _deviation(lfc: Floats, mu: Floats, sigma: Floats) -> Floats:
    """-log N(lfc | mu, sigma) without its constant, as (row, draw); overwrites ``mu``."""
    mu -= lfc[:, None]
    mu *= 1 / (np.sqrt(2) * sigma)
    np.square(mu, out=mu)
    mu += np.log(sigma)
    return mu


def _in_common(loos: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Every table without the measurements that another lacks, in one order; none if none is left.

    Measurements are told by their keys.
    """
    tables = {model: loo.set_index(list(KEYS)) for model, loo in loos.items()}
    indexes = [table.index for table in tables.values()]
    shared = indexes[0]
    for index in indexes[1:]:
        shared = shared if shared.equals(index) else shared.intersection(index)
    if len(shared) == 0:
        return {}
    return {
        model: table if table.index is shared or table.index.equals(shared) else table.loc[shared]
        for model, table in tables.items()
    }


def _standard_error(pointwise: pd.Series) -> float:
    return float(np.sqrt(len(pointwise) * np.var(pointwise.to_numpy())))
