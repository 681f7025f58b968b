"""Tidy tables of how the sampler went: what traces, ranks, energies and verdicts draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from partialpool.tidy.densities import density, evenly

if TYPE_CHECKING:
    import xarray as xr

Floats = npt.NDArray[np.float64]


SAMPLE_DIMS = {"chain", "draw"}


#: What a verdict reports -> its threshold's name, and on which side of it a fit passes.
DIAGNOSTICS: Mapping[str, tuple[str, Literal["below", "above"]]] = {
    "max_r_hat": ("max_r_hat", "below"),
    "min_ess_bulk": ("min_ess_bulk", "above"),
    "min_ess_tail": ("min_ess_tail", "above"),
    "min_e_bfmi": ("min_e_bfmi", "above"),
    "divergences": ("max_divergences", "below"),
    "treedepth_hits": ("max_treedepth_hits", "below"),
}


def population_parameters(posterior: xr.Dataset) -> list[str]:
    """Names of the parameters that are one number each: means, standard deviations, the others.

    The others are effects such as ``mutation_effect[KRAS]``, see ``with_worst_elements``.
    """
    names = [str(name) for name, x in posterior.data_vars.items() if set(x.dims) <= SAMPLE_DIMS]
    return sorted(names, key=lambda name: ("[" in name, not name.startswith("mu")))


def with_worst_elements(
    posterior: xr.Dataset, convergence: pd.DataFrame, n: int
) -> tuple[xr.Dataset, dict[str, str]]:
    """Draws with those effects as parameters of their own that converged worst.

    Half of them have the largest R-hat, the others the smallest bulk ESS.

    Parameters
    ----------
    posterior
        The draws.
    convergence
        ``parameter``, such as ``gene_effect[KRAS]``, ``r_hat``, ``ess_bulk``.
    n
        How many to add, if there are so many.

    Returns
    -------
    tuple[xr.Dataset, dict[str, str]]
        The draws, and parameter -> its diagnostics in words.
    """
    effect = convergence["parameter"].str.extract(r"^(.*)\[", expand=False)
    table = convergence[effect.isin([str(name) for name in posterior.data_vars])]
    by_r_hat = table.sort_values("r_hat", ascending=False, kind="stable").head(n - n // 2)
    others = table.drop(by_r_hat.index).sort_values("ess_bulk", kind="stable")
    worst = pd.concat([by_r_hat, others.head(n // 2)]).set_index("parameter")
    words = {
        str(name): f"R-hat {row.r_hat:.4f}, bulk ESS {row.ess_bulk:,.0f}"
        for name, row in worst.iterrows()
    }
    return posterior.assign({name: _element(posterior, name) for name in words}), words


def element_densities(posterior: xr.Dataset, effects: pd.DataFrame, n: int) -> pd.DataFrame:
    """Density of effects in each chain, each scaled to the same height.

    Parameters
    ----------
    posterior
        The draws.
    effects
        ``effect``, ``parameter``, ``mean``.
    n
        Most elements of an effect; of more, ``n`` evenly spread by their means.

    Returns
    -------
    pd.DataFrame
        ``effect`` (ordered categorical), ``element`` (its place by mean, from 0), ``chain`` (from
        1), ``value``, ``height`` (0 to 1), ``n_shown``, ``n_all``.
    """
    parts = []
    for effect, table in effects.groupby("effect", sort=False):
        shown = table.sort_values("mean").iloc[evenly(len(table), n)]
        counts = {"effect": effect, "n_shown": len(shown), "n_all": len(table)}
        for i, parameter in enumerate(shown["parameter"]):
            curves = [density(x, 64) for x in _by_chain(_element(posterior, parameter))]
            top = max(float(curve.max()) for _, curve in curves)
            parts += [
                pd.DataFrame({"value": grid, "height": curve / top}).assign(
                    element=i, chain=chain + 1, **counts
                )
                for chain, (grid, curve) in enumerate(curves)
            ]
    return _ordered(pd.concat(parts, ignore_index=True), "effect")


def trace_table(posterior: xr.Dataset, max_draws: int) -> pd.DataFrame:
    """Draws of the population parameters, evenly thinned to ``max_draws`` of each chain.

    Returns
    -------
    pd.DataFrame
        ``parameter`` (ordered categorical), ``chain`` (from 1), ``draw`` (from 1), ``value``.
    """
    kept = evenly(posterior.sizes["draw"], max_draws)
    parts = [
        pd.DataFrame({"parameter": name, "chain": chain + 1, "draw": kept + 1, "value": x[kept]})
        for name in population_parameters(posterior)
        for chain, x in enumerate(_by_chain(posterior[name]))
    ]
    return _ordered(pd.concat(parts, ignore_index=True), "parameter")


def chain_density_table(posterior: xr.Dataset) -> pd.DataFrame:
    """Density of each population parameter in each chain.

    Returns
    -------
    pd.DataFrame
        ``parameter``, ``chain`` (from 1), ``value``, ``height``: density as a share of the highest
        of the parameter.
    """
    parts = []
    for name in population_parameters(posterior):
        chains = _by_chain(posterior[name])
        curves = [density(x) for x in chains]
        top = max(float(curve.max()) for _, curve in curves)
        parts += [
            pd.DataFrame({"parameter": name, "chain": i + 1, "value": grid, "height": curve / top})
            for i, (grid, curve) in enumerate(curves)
        ]
    return _ordered(pd.concat(parts, ignore_index=True), "parameter")


def rank_table(posterior: xr.Dataset, n_bins: int, level: float) -> pd.DataFrame:
    """Histogram of each chain's ranks among the draws of all chains.

    Parameters
    ----------
    posterior
        The draws.
    n_bins
        Bins of the histogram.
    level
        Probability of the band, for every count on its own.

    Returns
    -------
    pd.DataFrame
        ``parameter``, ``chain`` (from 1), ``bin`` (from 0), ``share_lower`` and ``share_upper``
        (ends of the bin as shares of all ranks), ``n`` (draws), ``expected``, and
        ``lower`` and ``upper``: where n lies with probability ``level`` if all chains explore the
        same distribution with independent draws (hypergeometric).
    """
    parts = []
    for name in population_parameters(posterior):
        chains = _by_chain(posterior[name])
        ranks = stats.rankdata(chains, method="ordinal", axis=None).reshape(chains.shape) - 1
        bins = ranks * n_bins // chains.size
        for i, chain in enumerate(bins):
            n = np.bincount(chain, minlength=n_bins)
            parts.append(
                pd.DataFrame({"parameter": name, "chain": i + 1, "bin": range(n_bins), "n": n})
            )
    table = _ordered(pd.concat(parts, ignore_index=True), "parameter")
    n_draws, n_all = posterior.sizes["draw"], posterior.sizes["draw"] * posterior.sizes["chain"]
    counts = stats.hypergeom(n_all, round(n_all / n_bins), n_draws)
    lower, upper = counts.interval(level)
    return table.assign(
        share_lower=table["bin"] / n_bins,
        share_upper=(table["bin"] + 1) / n_bins,
        expected=n_draws / n_bins,
        lower=float(lower),
        upper=float(upper),
    )


def energy_table(sample_stats: xr.Dataset) -> pd.DataFrame:
    """Densities of the energy and of its changes from draw to draw, by chain.

    Returns
    -------
    pd.DataFrame
        ``kind`` (``marginal``: energy minus its chain's mean; ``transition``: change of energy
        between draws), ``chain`` (from 1), ``energy``, ``density``.
    """
    parts = []
    for i, energy in enumerate(_by_chain(sample_stats["energy"])):
        for kind, x in {"marginal": energy - energy.mean(), "transition": np.diff(energy)}.items():
            grid, curve = density(x)
            parts.append(
                pd.DataFrame({"kind": kind, "chain": i + 1, "energy": grid, "density": curve})
            )
    return pd.concat(parts, ignore_index=True)


def e_bfmi(sample_stats: xr.Dataset) -> Floats:
    """Energy Bayesian fraction of missing information of each chain.

    Betancourt (arXiv 1604.00695): mean squared change of energy over the energy's variance.
    """
    energy = _by_chain(sample_stats["energy"])
    return np.asarray(np.square(np.diff(energy)).mean(axis=1) / energy.var(axis=1))


def verdict_table(verdicts: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Diagnostics of every fit beside their thresholds.

    Parameters
    ----------
    verdicts
        Fit -> record, as ``inference.convergence.verdict`` makes it.

    Returns
    -------
    pd.DataFrame
        ``model``, ``diagnostic``, ``value``, ``threshold``, ``passed`` (this diagnostic),
        ``passed_all`` (the verdict of the fit).
    """
    parts = []
    for model, record in verdicts.items():
        for diagnostic, (limit, side) in DIAGNOSTICS.items():
            found, threshold = record[diagnostic], record["thresholds"][limit]
            value = np.nan if found is None else found
            passed = value <= threshold if side == "below" else value >= threshold
            parts.append((model, diagnostic, float(value), float(threshold), bool(passed)))
    columns = ["model", "diagnostic", "value", "threshold", "passed"]
    table = pd.DataFrame(parts, columns=columns)
    verdict = {model: bool(record["passed"]) for model, record in verdicts.items()}
    return table.assign(passed_all=table["model"].map(verdict))


def _element(posterior: xr.Dataset, parameter: str) -> xr.DataArray:
    """Draws of one element, such as ``gene_effect[KRAS]``."""
    effect, _, label = parameter.removesuffix("]").partition("[")
    draws = posterior[effect]
    dims = [str(dim) for dim in draws.dims if dim not in SAMPLE_DIMS]
    labels = label.split(", ") if len(dims) > 1 else [label]
    return draws.sel(dict(zip(dims, labels, strict=True))).drop_vars(dims)


def _by_chain(values: xr.DataArray) -> Floats:
    return values.transpose("chain", "draw").to_numpy().astype("float64")


def _ordered(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Make a column an ordered categorical, in order of appearance."""
    labels: Sequence[Any] = table[column].unique().tolist()
    return table.assign(**{column: pd.Categorical(table[column], labels, ordered=True)})
