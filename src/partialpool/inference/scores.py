r"""How well a fit describes the screen: error, coverage, and leave-one-out prediction.

The expected log predictive density of each measurement, had it been left out, comes from the
draws of the full fit by Pareto-smoothed importance sampling (PSIS-LOO, see ``psis``). It is what
``az.loo`` computes, measurement by measurement, so that nothing of size rows x draws is held.
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
from partialpool.models.terms import Terms
from partialpool.parameters import Parameters
from partialpool.screen import KEYS, Floats, Screen

if TYPE_CHECKING:
    import xarray as xr

#: Distinct rows that a thread takes at once.
CHUNK_ROWS = 256
#: Of each chain; with fewer no effective sample size can be told.
MIN_DRAWS = 4


class ScoreSettings(Parameters):
    """How fits are scored.

    Attributes
    ----------
    loo_draws
        Posterior draws that leave-one-out uses, evenly spaced over each chain; of fewer
        than a hundred its importance weights say nothing.
    """

    loo_draws: Annotated[int, Field(ge=100)]


def fit_scores(predictions: pd.DataFrame, loo: pd.DataFrame) -> dict[str, float]:
    """Score a fit.

    Parameters
    ----------
    predictions
        As ``prediction_table`` makes them.
    loo
        As ``loo_table`` makes it.

    Returns
    -------
    dict[str, float]
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


def gene_scores(predictions: pd.DataFrame, prob: float, tolerance: float) -> pd.DataFrame:
    """Score a fit gene by gene: one that does well on the whole may miss some genes.

    Parameters
    ----------
    predictions
        As ``prediction_table`` makes them.
    prob
        Probability of their intervals.
    tolerance
        How far the coverage of a gene may lie from ``prob``, besides twice its standard
        error.

    Returns
    -------
    pd.DataFrame
        A row per gene, worst coverage first: ``hugo_symbol``, ``n_measurements``, ``mean_error``
        and ``rmse`` (log2 fold change), ``coverage`` and ``is_described``, whether that is near
        ``prob``.
    """
    real = predictions["real_value"]
    rows = pd.DataFrame(
        {
            "hugo_symbol": predictions["hugo_symbol"],
            "error": predictions["error"],
            "square": predictions["error"] ** 2,
            "inside": real.between(predictions["hdi_lower"], predictions["hdi_upper"]),
        }
    )
    genes = rows.groupby("hugo_symbol", observed=True).agg(
        n_measurements=("error", "size"),
        mean_error=("error", "mean"),
        rmse=("square", "mean"),
        coverage=("inside", "mean"),
    )
    allowed = tolerance + 2 * np.sqrt(prob * (1 - prob) / genes["n_measurements"])
    described = (genes["coverage"] - prob).abs() <= allowed
    genes = genes.assign(rmse=np.sqrt(genes["rmse"]), is_described=described)
    return genes.sort_values("coverage", kind="stable").reset_index()


def loo_table(
    screen: Screen, posterior: xr.Dataset, terms: Terms, settings: ScoreSettings
) -> pd.DataFrame:
    """Leave each measurement out in turn, without fitting again.

    Returns
    -------
    pd.DataFrame
        One row per measurement, in the screen's order: the keys, ``elpd_loo`` (log predictive
        density), ``p_loo`` (how much higher it is with the measurement in), ``pareto_k`` and
        ``is_bad_k``: k above min(1 - 1 / log10(draws), 0.7), where the estimate can't be trusted.
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
            f"Got: {n_draws} of each of {n_chains} chains\n"
            f"Fix: set scores.loo_draws to {MIN_DRAWS * n_chains} or more"
        )


def rank(loos: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Rank models by leave-one-out prediction, each among those that saw at least as much as it.

    A covariate that is often missing leaves a model few measurements. On these it is compared
    with all others, and they among themselves on all that they have in common.

    Parameters
    ----------
    loos
        Model -> its ``loo_table``, all of one screen.

    Returns
    -------
    pd.DataFrame
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
    deviation
        (measurement, draw) negative log-likelihood; overwritten.
    n_tail
        How many of the largest importance ratios are smoothed.

    Returns
    -------
    tuple[Floats, Floats, Floats]
        ``elpd_loo``, lppd (the log predictive density with the measurement in), Pareto k.
    """
    from partialpool.inference import psis

    elpd, lppd, k = psis.loo_of_matrix(deviation, n_tail)
    return elpd, lppd, k


def tail_length(n_draws: int, efficiency: float) -> int:
    """How many of the largest importance ratios are smoothed (Vehtari et al. 2024)."""
    return int(np.ceil(min(n_draws / 5, 3 * np.sqrt(n_draws / efficiency))))


def relative_efficiency(posterior: xr.Dataset) -> float:
    """Effective over actual number of draws, averaged over all parameters."""
    from partialpool.inference.efficiency import effective_draws

    n_chains, n_draws = posterior.sizes["chain"], posterior.sizes["draw"]
    if n_chains == 1:
        return 1.0
    found = [
        effective_draws(_by_chain(posterior[name]).reshape(-1, n_chains, n_draws))
        for name in posterior.data_vars
    ]
    return float(np.concatenate(found).mean() / (n_chains * n_draws))


def _by_chain(values: xr.DataArray) -> Floats:
    """Draws with chains and draws last."""
    return values.transpose(..., "chain", "draw").to_numpy().astype(np.float64, order="C")


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
