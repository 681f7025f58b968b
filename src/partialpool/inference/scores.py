r"""How well a fit describes the screen: error, coverage, and leave-one-out prediction.

The log predictive density of each measurement, if it had been left out, is estimated from the
draws of the full fit by Pareto-smoothed importance sampling (PSIS-LOO, see ``psis``). The results
are those of ``az.loo``, but computed one measurement at a time, so that no array has the size rows
x draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from partialpool.inference.rows import (
    Design,
    distinct_rows,
    in_parallel,
    stack_chains,
    stacked_draws,
    thin,
)
from partialpool.models.noise import GAUSSIAN, Noise
from partialpool.models.terms import Terms
from partialpool.parameters import Parameters
from partialpool.screen import KEYS, Floats, Screen

if TYPE_CHECKING:
    import xarray as xr

#: Number of distinct rows that a thread processes at a time.
CHUNK_ROWS = 256
#: Draws per chain. With fewer, no effective sample size can be computed.
MIN_DRAWS = 4


class ScoreSettings(Parameters):
    """How fits are scored.

    Attributes
    ----------
    loo_draws
        Number of posterior draws for leave-one-out prediction, evenly spaced over each chain. With
        fewer than a hundred, importance weights are unreliable.
    """

    loo_draws: Annotated[int, Field(ge=100)]


def fit_scores(predictions: pd.DataFrame, loo: pd.DataFrame) -> dict[str, float]:
    """Score a fit.

    Parameters
    ----------
    predictions
        Predictions, from ``prediction_table``.
    loo
        Leave-one-out predictions, from ``loo_table``.

    Returns
    -------
    dict[str, float]
        ``n_measurements``; ``n_genes``; ``rmse`` of the posterior mean (log2 fold change);
        ``coverage``, the share of measurements inside their predictive intervals; ``elpd_loo``, its
        standard error ``elpd_loo_se`` and ``p_loo``, the effective number of parameters;
        ``n_bad_k``, how many measurements have a Pareto k for which the estimate can't be trusted,
        and ``max_k``.
    """
    inside = predictions["real_value"].between(predictions["hdi_lower"], predictions["hdi_upper"])
    return {
        "n_measurements": len(predictions),
        "n_genes": predictions["hugo_symbol"].nunique(),
        "rmse": float(np.sqrt(np.mean(predictions["error"] ** 2))),
        "coverage": float(inside.mean()),
        "elpd_loo": float(loo["elpd_loo"].sum()),
        "elpd_loo_se": _standard_error(loo["elpd_loo"]),
        "p_loo": float(loo["p_loo"].sum()),
        "n_bad_k": int(loo["is_bad_k"].sum()),
        "max_k": float(loo["pareto_k"].max()),
    }


def loo_table(
    screen: Screen,
    posterior: xr.Dataset,
    terms: Terms,
    settings: ScoreSettings,
    noise: Noise = GAUSSIAN,
) -> pd.DataFrame:
    """Predict each measurement as if it had been left out, without fitting again.

    Returns
    -------
    pd.DataFrame
        One row per measurement, in the order of the screen: the keys, ``elpd_loo`` (log predictive
        density), ``p_loo`` (how much higher the density is with the measurement included),
        ``pareto_k`` and ``is_bad_k``, which is true if k is above min(1 - 1 / log10(draws), 0.7),
        where the estimate is unreliable.
    """
    from partialpool.inference import psis

    draws = thin(posterior, settings.loo_draws)
    _require_draws(draws.sizes["chain"], draws.sizes["draw"])
    theta = stacked_draws(draws, terms, np.float64)
    sigma = stack_chains(draws["sigma"]).astype(np.float64)
    n_tail = tail_length(len(sigma), relative_efficiency(draws))
    distinct = distinct_rows(screen, terms)
    design = Design.of(screen, terms, distinct.first)
    values = np.empty((3, screen.n_rows))

    def score(start: int, stop: int) -> None:
        psis.loo_of_rows(
            theta,
            design.pointers,
            design.elements,
            design.factors,
            distinct.starts,
            distinct.order,
            screen.lfc,
            sigma,
            noise.df,
            noise.log_peak,
            n_tail,
            start,
            stop,
            values,
        )

    in_parallel(score, distinct.n, CHUNK_ROWS)
    elpd, lppd, k = values
    good_k = min(1 - 1 / np.log10(len(sigma)), 0.7)
    return screen.keys.assign(elpd_loo=elpd, p_loo=lppd - elpd, pareto_k=k, is_bad_k=k > good_k)


def _require_draws(n_chains: int, n_draws: int) -> None:
    if n_draws < MIN_DRAWS:
        raise ValueError(
            f"Expected: at least {MIN_DRAWS} draws of each chain for leave-one-out prediction\n"
            f"Got: {n_draws} draws of each of {n_chains} chains\n"
            f"Fix: set scores.loo_draws to {MIN_DRAWS * n_chains} or more"
        )


def rank(loos: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Rank models by leave-one-out prediction, on the measurements that they have in common.

    A model whose covariate is often missing uses few measurements. It is compared with all other
    models on these. The other models are also compared with each other, on all measurements that
    they have in common.

    Parameters
    ----------
    loos
        Model -> its ``loo_table``. All tables belong to one screen.

    Returns
    -------
    pd.DataFrame
        Several rankings, one below the other: first of the models with the most measurements, then
        of these and the models with the next fewer measurements, and so on. Models that have no
        measurement in common with those before are ranked alone. Each ranking has one row per
        model, best first, with columns ``model``, ``n_measurements`` (in common), ``elpd_loo``,
        ``elpd_loo_se``, ``p_loo``, ``elpd_diff`` (to the best model), ``elpd_diff_se`` (from
        paired differences) and ``n_bad_k``.
    """
    sizes = sorted({len(table) for table in loos.values()}, reverse=True)
    seen = [{name: loo for name, loo in loos.items() if len(loo) >= size} for size in sizes]
    sets = [common for models in seen if (common := _in_common(models))]
    ranked = {name for common in sets for name in common}
    sets += [_in_common({name: loo}) for name, loo in loos.items() if name not in ranked]
    return pd.concat([_ranked(common) for common in sets], ignore_index=True)


def _ranked(common: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Rank models whose tables have the same measurements in the same order."""
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


def tail_length(n_draws: int, efficiency: float) -> int:
    """Number of the largest importance ratios that are smoothed (Vehtari et al. 2024)."""
    return int(np.ceil(min(n_draws / 5, 3 * np.sqrt(n_draws / efficiency))))


def relative_efficiency(posterior: xr.Dataset) -> float:
    """Effective divided by actual number of draws, averaged over all parameters."""
    from partialpool.inference.summary import mean_ess

    n_chains, n_draws = posterior.sizes["chain"], posterior.sizes["draw"]
    if n_chains == 1:
        return 1.0
    found = [
        mean_ess(_by_chain(posterior[name]).reshape(-1, n_chains, n_draws))
        for name in posterior.data_vars
    ]
    return float(np.concatenate(found).mean() / (n_chains * n_draws))


def _by_chain(values: xr.DataArray) -> Floats:
    """Draws with chain and draw as the last dims."""
    return values.transpose(..., "chain", "draw").to_numpy().astype(np.float64, order="C")


def _in_common(loos: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Tables with only the measurements that all have, in one order. Empty if there are none.

    Measurements are identified by their keys.
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
