"""The Gibbs sampler of the dependency model against NUTS, its prior, and planted effects."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy import stats

from dependency_screens import PRIORS, SETTINGS, draw_screen
from partialpool.inference.compiling import numba_kernels
from partialpool.inference.gibbs.fit import fit_dependency
from partialpool.inference.gibbs.settings import DependencySettings
from partialpool.models.dependency import build

#: Guides of each gene, replicates of each line, share that is missing, copy number, noise of
#: counting.
DESIGNS = [
    ([2, 2, 2, 2], [2, 2, 2], 0.0, False, True),
    ([1, 2, 3, 6, 1], [1, 1, 1, 1], 0.1, False, False),
    ([3, 1, 4, 2], [1, 3, 2, 1], 0.3, True, False),
    ([1, 1, 1, 1, 1, 1], [2, 1], 0.0, True, False),
    ([5, 4, 6, 2], [2, 1, 2], 0.2, False, True),
]
N_SCREENS, BINS, TUNE, DRAWS, THIN = 500, 10, 300, 1470, 30


def settings(**changes) -> DependencySettings:
    return DependencySettings.model_validate(SETTINGS | changes)


def quantities(fit) -> dict[str, np.ndarray]:
    """(chain, draw) of some effects and of every parameter of a population."""
    effect = fit.draws
    found = {
        f"effect{g, c}": effect[:, :, g, c].to_numpy()
        for g in range(effect.sizes["gene"])
        for c in range(effect.sizes["cell_line"])
    }
    for name, values in fit.posterior.data_vars.items():
        if values.ndim == 2:
            found[str(name)] = values.to_numpy()
    for name in ("lambda", "sigma", "omega"):
        for k in range(fit.posterior[name].shape[2]):
            found[f"{name}{k}"] = fit.posterior[name][:, :, k].to_numpy()
    return found


def nuts_quantities(posterior) -> dict[str, np.ndarray]:
    """The same from draws of the PyMC model."""
    unit = posterior["lambda"].mean("cell_line")
    zero = posterior["gene_mean"].median("gene")
    effect = ((posterior["effect"] - zero) * unit).transpose("chain", "draw", "gene", "cell_line")
    found = {
        f"effect{g, c}": effect[:, :, g, c].to_numpy()
        for g in range(effect.sizes["gene"])
        for c in range(effect.sizes["cell_line"])
    }
    lam = (posterior["lambda"] / unit).transpose("chain", "draw", "cell_line")
    scales = {
        "lambda": lam,
        "sigma": np.exp(posterior["log_sigma"]),
        "omega": np.exp(posterior["log_omega"]),
    }
    for name, values in scales.items():
        for k in range(values.shape[2]):
            found[f"{name}{k}"] = values[:, :, k].to_numpy()
    for name, values in posterior.data_vars.items():
        if values.ndim == 2:
            found[str(name)] = values.to_numpy()
    return found


@pytest.mark.slow
# PyTensor asks numba to cache a function that numba can't cache; it is compiled all the same.
@pytest.mark.filterwarnings("ignore:.*Cannot cache:numba.core.errors.NumbaWarning")
@pytest.mark.parametrize(
    ("design", "student"), [(0, True), (1, True), (2, True), (2, False)], ids=str
)
def test_the_sampler_draws_from_the_posterior_of_the_pymc_model(design: int, student: bool) -> None:
    """Means, sds and quantiles agree with NUTS within Monte Carlo error."""
    import nutpie

    priors = (
        PRIORS if student else PRIORS | {"delta_df": None, "noise_df": None, "affected_df": None}
    )
    rng = np.random.default_rng(40 + design)
    matrix, _ = draw_screen(rng, *DESIGNS[design], priors)
    chosen = settings(priors=priors, chains=4, tune=500, draws=25_000)
    ours = quantities(fit_dependency(matrix, chosen, draws_of=matrix.genes))
    model = build(matrix, chosen.priors)
    with numba_kernels():
        compiled = nutpie.compile_pymc_model(model)
    trace = nutpie.sample(
        compiled,
        draws=4000,
        tune=1200,
        chains=4,
        cores=2,
        target_accept=0.99,
        seed=11,
        progress_bar=False,
    )
    theirs = nuts_quantities(trace.posterior)
    assert set(ours) <= set(theirs)

    off = {}
    for name in ours:
        for what, found in estimates(ours[name]).items():
            other = estimates(theirs[name])[what]
            off[name, what] = (found[0] - other[0]) / np.hypot(found[1], other[1])
    z = np.array(list(off.values()))
    worst = sorted(off, key=lambda key: -abs(off[key]))[:5]
    limit = stats.norm.isf(0.0005 / len(z))
    assert np.abs(z).max() < limit, [(key, off[key]) for key in worst]


def estimates(draws: np.ndarray) -> dict[str, tuple[float, float]]:
    """Mean, sd and quantiles, each with its Monte Carlo error, of (chain, draw) draws."""
    import arviz as az

    def error(values: np.ndarray, **how) -> float:
        return np.ravel(az.mcse(values, **({"method": "mean"} | how)))[0]

    draws = draws.astype(float)
    sd = draws.std()
    squares = (draws - draws.mean()) ** 2
    found = {
        "mean": (draws.mean(), error(draws)),
        "sd": (sd, error(squares) / (2 * sd)),
    }
    for prob in (0.05, 0.5, 0.95):
        at = error(draws, method="quantile", prob=prob)
        found[f"{prob:.0%}"] = (np.quantile(draws, prob), at)
    return found


def rank_table() -> dict[str, list[float]]:
    """Rank, from 0 to 1, of each true value among independent draws, over simulated screens."""
    rng = np.random.default_rng(77)
    ranks: dict[str, list[float]] = {}
    for number in range(N_SCREENS):
        matrix, truth = draw_screen(rng, *DESIGNS[number % len(DESIGNS)])
        chosen = settings(seed=number, chains=1, tune=TUNE, draws=DRAWS, cores=1)
        fit = fit_dependency(matrix, chosen, draws_of=matrix.genes)
        found = quantities(fit)
        true = {f"effect{g, c}": x for (g, c), x in np.ndenumerate(truth.effect)} | truth.scalars
        true["sigma_copy_number"] = truth.scalars["sd_copy_number"]
        for name in ("lambda", "sigma", "omega"):
            values = getattr(truth, {"lambda": "lam"}.get(name, name))
            true |= {f"{name}{k}": x for k, x in enumerate(values)}
        for name, draws in found.items():
            kept = draws[0, ::THIN]
            rank = (kept < true[name]).sum()
            ranks.setdefault(name, []).append((rank + rng.random()) / (len(kept) + 1))
    return ranks


@pytest.mark.slow
def test_true_values_rank_uniformly_among_their_draws() -> None:
    """Simulation-based calibration over balanced and unbalanced screens."""
    ranks = rank_table()
    p = {}
    for name, values in ranks.items():
        if len(values) >= 100:
            counts = np.histogram(values, BINS, (0, 1))[0]
            p[name] = stats.chisquare(counts).pvalue
    worst = sorted(p, key=p.__getitem__)[:5]
    assert min(p.values()) > 1e-3 / len(p), [(name, p[name]) for name in worst]
    # All effects, all lines' scales together: an error that they share shows here.
    for kind in ("effect", "lambda", "omega", "sigma"):
        own = re.compile(rf"{kind}(\d|\()")
        same = [x for name, values in ranks.items() if own.match(name) for x in values]
        assert abs(np.mean(same) - 0.5) < 0.02, kind
        assert abs(np.var(same) - 1 / 12) < 0.006, kind


@pytest.mark.slow
def test_intervals_hold_planted_effects_as_often_as_they_say() -> None:
    """89 % intervals on screens of 60 genes; screens are independent, effects in one are not."""
    rng = np.random.default_rng(8)
    held = []
    for number in range(40):
        guides = [int(n) for n in rng.integers(1, 7, 60)]
        matrix, truth = draw_screen(rng, guides, [2, 1, 2, 1, 3], 0.05)
        fit = fit_dependency(matrix, settings(seed=number, tune=300, draws=1000))
        true = truth.effect.ravel()
        held.append(((fit.effects["lower"] <= true) & (true <= fit.effects["upper"])).mean())
    error = np.std(held, ddof=1) / np.sqrt(len(held))
    assert abs(np.mean(held) - 0.89) < 3.3 * error
