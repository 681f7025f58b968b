"""What to do about a fit that failed its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from partialpool.inference.fit_settings import ConvergenceSettings

#: If a parameter needs more than this many times its draws, it mixes too slowly, and more draws do
#: not help.
MOST_TIMES_DRAWS = 10
#: ESS is uncertain itself, so somewhat more draws are advised than it implies.
RESERVE = 1.2
#: Levels with a more negative correlation than this trade off.
TRADE_OFF = -0.9


def advise(
    found: Mapping[str, float],
    table: pd.DataFrame,
    posterior: xr.Dataset,
    settings: ConvergenceSettings,
    r_hat_limit: float,
) -> list[str]:
    """Say what to do about each reason why a fit failed.

    Parameters
    ----------
    found
        The worst value of each diagnostic, as in the record of a verdict.
    table
        Summary of every parameter, from ``convergence_table``.
    posterior
        The draws, in the order of the table.
    settings
        Limits that a fit must reach.
    r_hat_limit
        The largest R-hat that passes.

    Returns
    -------
    list[str]
        Sentences, the most urgent first. Empty if the fit passes.
    """
    apart = table["r_hat"] > settings.r_hat_cap
    advice = _about_missing_numbers(table, posterior.sizes["chain"])
    if apart.any():
        advice += _about_chains_apart(table, posterior, settings.r_hat_cap)
    else:
        advice += _about_few_draws(table, posterior.sizes["draw"], settings, r_hat_limit)
    if found["divergences"] > settings.max_divergences:
        advice.append(
            "Divergences: set target_accept=0.95, then 0.99. If they remain, a scale (sigma_...) "
            "near 0 is the usual cause: give it a narrower prior, or leave its effect out."
        )
    if found["treedepth_hits"] > settings.max_treedepth_hits:
        advice.append(
            "Draws at the maximum tree depth: double tune. They make a fit slow, not wrong."
        )
    if not found["min_e_bfmi"] >= settings.min_e_bfmi:
        advice.append(
            "Low E-BFMI: double tune. If it remains, give the scales (sigma_...) narrower priors."
        )
    return advice


def _about_missing_numbers(table: pd.DataFrame, chains: int) -> list[str]:
    if chains == 1:
        return ["R-hat compares chains: fit with chains=4."]
    missing = table[["r_hat", "ess_bulk", "ess_tail"]].isna().to_numpy().any(axis=1)
    names = table["parameter"].to_numpy()[missing]
    if names.size == 0:
        return []
    return [
        f"{_named(names)}: all draws are equal, or some are not numbers. Check the data of these "
        "parameters."
    ]


def _about_chains_apart(table: pd.DataFrame, posterior: xr.Dataset, cap: float) -> list[str]:
    """Find why chains differ: only the sum of two levels is known, or one chain is stuck."""
    names, r_hat = table["parameter"].to_numpy(), table["r_hat"].to_numpy()
    apart = names[r_hat > cap]
    variables = list(dict.fromkeys(name.partition("[")[0] for name in apart))
    strength, first, second = _strongest_trade_off(posterior[variables])
    if strength < TRADE_OFF:
        return [
            f"The levels of {first} and {second} trade off (correlation {strength:.2f}): only "
            "their sum is known. Use parametrization=identified, or let one of them sum to zero."
        ]
    worst = int(np.nanargmax(r_hat))
    chain = _odd_chain(_draws_of(posterior, worst), cap)
    if chain is not None:
        return [
            f"Chain {chain} (of 0 to {posterior.sizes['chain'] - 1}) is stuck or in another mode, "
            f"and the others agree about {names[worst]}. Fit with another seed. If it "
            "happens again, the posterior has several modes."
        ]
    return [
        f"The chains have different values of {_named(apart)}. A few more draws "
        "do not help: double tune, and check the priors and the data of these parameters."
    ]


def _about_few_draws(
    table: pd.DataFrame, draws: int, settings: ConvergenceSettings, r_hat_limit: float
) -> list[str]:
    """Compute how many draws are needed for every parameter to reach the required ESS."""
    names, r_hat, bulk, tail = (
        table[name].to_numpy() for name in ("parameter", "r_hat", "ess_bulk", "ess_tail")
    )
    times = np.fmax(settings.min_ess_bulk / bulk, settings.min_ess_tail / tail)
    slowest_first = np.argsort(-times, kind="stable")
    most = times[slowest_first[0]]
    if most > MOST_TIMES_DRAWS:
        slow = slowest_first[times[slowest_first] > MOST_TIMES_DRAWS]
        return [
            f"{_named(names[slow])}: successive draws are so strongly correlated that more draws "
            "do not help. Double tune; if that is not enough, use a narrower prior or another "
            "parametrization."
        ]
    if most > 1:
        needed = int(np.ceil(draws * most * RESERVE / 100)) * 100
        return [
            f"More draws: set draws={needed} (now {draws}). This is enough for "
            f"{names[slowest_first[0]]}, which has the lowest ESS."
        ]
    if (r_hat > r_hat_limit).any():
        return [
            f"The chains differ a little in {names[np.nanargmax(r_hat)]}, but more than by "
            f"chance: double tune and set draws={2 * draws}."
        ]
    return []


def _strongest_trade_off(variables: xr.Dataset) -> tuple[float, str, str]:
    """Find the two variables whose means over their elements have the most negative correlation.

    The correlation is within chains, so that a chain with entirely different values does not count.
    """
    levels = {}
    for name, draws in variables.items():
        level = draws.mean([dim for dim in draws.dims if dim not in ("chain", "draw")])
        centred = level - level.mean("draw")
        if centred.std() > 0:
            levels[str(name)] = centred.transpose("chain", "draw").to_numpy().ravel()
    pairs = [
        (float(np.corrcoef(levels[first], levels[second])[0, 1]), first, second)
        for first, second in combinations(levels, 2)
    ]
    return min(pairs, default=(0.0, "", ""))


def _odd_chain(draws: xr.DataArray, cap: float) -> int | None:
    """Find the chain without which the others agree, if there is exactly one."""
    from partialpool.inference.summary import summarize

    chains = draws.sizes["chain"]
    if chains < 3:
        return None
    without = [
        summarize(draws.drop_isel(chain=chain).to_dataset(name="x"), 0.5)["r_hat"].iloc[0]
        for chain in range(chains)
    ]
    agree = np.flatnonzero(np.array(without) <= cap)
    return int(agree[0]) if len(agree) == 1 else None


def _draws_of(posterior: xr.Dataset, position: int) -> xr.DataArray:
    """Draws (chain, draw) of the parameter at a position of the table."""
    for draws in posterior.values():
        stacked = draws.transpose("chain", "draw", ...).to_numpy()
        stacked = stacked.reshape(*stacked.shape[:2], -1)
        if position < stacked.shape[2]:
            return xr.DataArray(stacked[:, :, position], dims=["chain", "draw"])
        position -= stacked.shape[2]
    raise IndexError(position)


def _named(parameters: npt.NDArray[Any], shown: int = 5) -> str:
    more = len(parameters) - shown
    return ", ".join(parameters[:shown]) + (f" and {more} more" if more > 0 else "")
