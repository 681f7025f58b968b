"""The Gibbs sampler of the dependency model: edges, random streams, conditionals."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import stats
from scipy.stats import multivariate_normal, norm

from dependency_screens import SETTINGS, draw_screen
from partialpool.errors import ScreenError
from partialpool.inference.gibbs import arrays as at
from partialpool.inference.gibbs.arrays import SCALAR_NAMES
from partialpool.inference.gibbs.fit import fit_dependency
from partialpool.inference.gibbs.layout import as_numbers, lay_out, room, start
from partialpool.inference.gibbs.lines import (
    _line_density,
    _squares_about_levels,
    gather_moments,
)
from partialpool.inference.gibbs.populations import shift_noise
from partialpool.inference.gibbs.primitives import draw_log_scale, draw_normal_vector, draw_scale
from partialpool.inference.gibbs.scale import make_scale, zeros_and_units
from partialpool.inference.gibbs.settings import DependencySettings


def settings(**changes) -> DependencySettings:
    return DependencySettings.model_validate(SETTINGS | changes)


@pytest.fixture(scope="module")
def screen():
    return draw_screen(np.random.default_rng(3), [3, 2, 4, 1, 2], [2, 1, 3, 1], 0.1)[0]


def test_a_normal_vector_has_the_mean_and_covariance_of_its_conditional() -> None:
    """Precision [[2, 1], [1, 3]] and linear (1, 2): covariance [[3, -1], [-1, 2]] / 5."""
    rng = np.random.default_rng(1)
    draws = np.empty((20_000, 2))
    for draw in draws:
        draw[:] = 1, 2
        draw_normal_vector(rng, np.array([[2.0, 0.0], [1.0, 3.0]]), draw, 2)
    np.testing.assert_allclose(draws.mean(axis=0), [0.2, 0.6], atol=5 * 0.8 / np.sqrt(20_000))
    expected = np.array([[0.6, -0.2], [-0.2, 0.4]])
    np.testing.assert_allclose(np.cov(draws.T), expected, atol=0.025)


@pytest.mark.parametrize("with_population", [False, True])
def test_a_scale_has_the_density_of_its_conditional(with_population: bool) -> None:
    """Three normals with a sum of squares of 2: moments by quadrature on the scale itself."""
    n, squares = 3, 2.0
    grid = np.linspace(1e-3, 20, 200_000)
    likelihood = grid**-n * np.exp(-squares / (2 * grid**2))
    if with_population:  # log scale ~ N(-0.5, 0.4)
        prior = np.exp(-0.5 * ((np.log(grid) + 0.5) / 0.4) ** 2) / grid
    else:  # scale ~ |N(0, 0.7)|
        prior = np.exp(-0.5 * (grid / 0.7) ** 2)
    weight = likelihood * prior / (likelihood * prior).sum()
    mean = (weight * grid).sum()
    sd = np.sqrt((weight * (grid - mean) ** 2).sum())

    rng, draws = np.random.default_rng(2), np.empty(20_000)
    x = 1.0
    for number in range(len(draws)):
        if with_population:
            x = np.exp(draw_log_scale(rng, np.log(x), n, squares, -0.5, 0.4))
        else:
            x = draw_scale(rng, x, n, squares, 0.7)
        draws[number] = x
    assert draws.mean() == pytest.approx(mean, abs=8 * sd / np.sqrt(len(draws)))
    assert draws.std() == pytest.approx(sd, rel=0.05)


def test_the_same_seed_gives_the_same_draws_however_many_threads(screen) -> None:
    one = fit_dependency(screen, settings(cores=1, tune=20, draws=20))
    two = fit_dependency(screen, settings(cores=2, tune=20, draws=20))
    other = fit_dependency(screen, settings(seed=2, tune=20, draws=20))
    assert one.effects.equals(two.effects)
    assert one.posterior.equals(two.posterior)
    assert not one.effects["mean"].equals(other.effects["mean"])


def test_chains_differ(screen) -> None:
    level = fit_dependency(screen, settings(tune=5, draws=5)).posterior["level"]
    assert not np.any(level[0] == level[1])


EDGES = {
    "one guide a gene, one replicate a line": ([1, 1, 1], [1, 1, 1], 0.0, False),
    "two lines": ([2, 3], [1, 1], 0.0, False),
    "missing measurements": ([3, 2, 4], [2, 3, 1], 0.5, False),
    "copy number": ([2, 2, 2], [1, 2], 0.0, True),
    "many replicates": ([2, 2], [9, 1], 0.3, False),
    "noise of counting": ([2, 1, 3], [1, 2, 2], 0.2, False, True),
}


@pytest.mark.parametrize("edge", EDGES)
def test_every_screen_has_a_finite_posterior(edge: str) -> None:
    matrix, _ = draw_screen(np.random.default_rng(5), *EDGES[edge])
    fit = fit_dependency(matrix, settings())
    assert np.isfinite(fit.effects[["mean", "sd", "lower", "median", "upper"]]).all(axis=None)
    assert (fit.effects["sd"] > 0).all()
    assert len(fit.effects) == matrix.shape[0] * matrix.shape[2]
    assert fit.effects["n_measured"].sum() == np.isfinite(matrix.lfc).sum()


def test_a_gene_never_measured_in_a_line_is_marked_and_rests_on_its_prior() -> None:
    matrix, _ = draw_screen(np.random.default_rng(6), [4, 4, 4, 4], [2, 2, 2, 2])
    lfc = matrix.lfc.copy()
    lfc[np.ix_(matrix.gene_of_sgrna == 1, matrix.cell_line_of_replicate == 2)] = np.nan
    fit = fit_dependency(dataclasses.replace(matrix, lfc=lfc), settings(draws=1000))

    effects = fit.effects.set_index(["hugo_symbol", "depmap_id"])
    assert effects.loc[("G1", "L2"), "n_measured"] == 0
    others = [("G1", line) for line in ("L0", "L1", "L3")]
    assert effects.loc[("G1", "L2"), "sd"] > effects.loc[others, "sd"].max()


def test_a_line_that_shows_nothing_calls_nothing() -> None:
    """A failed line: its effects are as unsure as the prior, and lambda is small."""
    rng = np.random.default_rng(7)
    matrix, _ = draw_screen(rng, [4] * 30, [2] * 6)
    lfc = matrix.lfc.copy()
    failed = matrix.cell_line_of_replicate == 0
    lfc[:, failed] = rng.normal(0, 1.0, (len(lfc), failed.sum()))
    fit = fit_dependency(dataclasses.replace(matrix, lfc=lfc), settings(tune=400, draws=600))

    lam = fit.lines.set_index("depmap_id")["lambda"]
    assert lam["L0"] == lam.min()
    sd = fit.effects.groupby("depmap_id")["sd"].median()
    assert sd["L0"] == sd.max()
    own = fit.effects[fit.effects["depmap_id"] == "L0"].set_index("hugo_symbol")
    genes = fit.genes.set_index("hugo_symbol")
    # What differs from the gene's mean is not beyond the interval in the line that has no signal.
    outside = (own["lower"] > genes["mean"]) | (own["upper"] < genes["mean"])
    assert outside.mean() <= 0.11


def test_zero_is_the_median_nonessential_gene_and_minus_one_the_median_essential(screen) -> None:
    fit = fit_dependency(
        screen, settings(), nonessential=["G0"], common_essential=["G4"], draws_of=screen.genes
    )
    genes = fit.genes.set_index("hugo_symbol")
    np.testing.assert_allclose(genes.loc["G0", ["mean", "sd"]].astype(float), 0, atol=1e-9)
    assert genes.loc["G4", "mean"] == pytest.approx(-1, abs=1e-9)
    assert "p_below_nonessential" in fit.effects


def test_a_control_gene_is_on_the_scale_of_the_other_fold(screen) -> None:
    """Of each list, each fold has one gene; the scale of a gene is that of the other one."""
    lists = {"nonessential": ["G0", "G1"], "common_essential": ["G2", "G3"]}
    fit = fit_dependency(screen, settings(tune=50, draws=50), **lists)
    genes = fit.genes.set_index("hugo_symbol")
    fold = genes["fold"].to_dict()
    assert fold["G4"] == 0
    assert {fold["G0"], fold["G1"]} == {fold["G2"], fold["G3"]} == {1, 2}
    assert genes["scored"].all()

    zero, one = np.array([0, 1]), np.array([2, 3])
    state = start(lay_out(screen), settings().priors, np.random.default_rng(8))
    zeros, units = zeros_and_units(state, make_scale(screen.genes, zero, one, 2)[0])
    for k in (1, 2):
        other = [g for g in range(4) if fold[f"G{g}"] != k]
        assert zeros[k] == state.mu[other[0]]
        assert units[k] == pytest.approx(1 / (state.mu[other[0]] - state.mu[other[1]]))
    assert zeros[0] == pytest.approx(state.mu[:2].mean())
    assert units[0] == pytest.approx(1 / (state.mu[:2].mean() - state.mu[2:4].mean()))


def test_a_gene_that_is_alone_on_its_list_sets_its_own_scale() -> None:
    genes = tuple(f"G{g}" for g in range(9))
    zero, one = np.arange(5), np.array([7])
    scale, scored = make_scale(genes, zero, one, 2)
    assert list(scored) == [True] * 7 + [False, True]
    assert np.bincount(scale.of_gene).tolist() == [3, 4, 2]
    assert not make_scale(genes, zero, one, 1)[1][zero].any()
    # Without a list of nonessential genes, 0 is the median of all genes on every scale.
    without = make_scale(genes, zero[:0], one, 2)[0]
    assert without.zero.tolist() == list(range(9)) * 3


def test_a_contrast_is_the_weighted_sum_of_effects_in_every_draw(screen) -> None:
    weights = {"first": {"L0": 0.5, "L1": 0.5, "L3": -1.0}}
    fit = fit_dependency(screen, settings(), draws_of=["G2"], contrasts=weights)
    draws = fit.draws.sel(gene="G2")
    expected = (draws[..., 0] + draws[..., 1]) / 2 - draws[..., 3]
    found = fit.contrasts.set_index(["contrast", "hugo_symbol"]).loc[("first", "G2")]
    assert found["mean"] == pytest.approx(float(expected.mean()), abs=1e-5)
    assert found["sd"] == pytest.approx(float(expected.std(ddof=1)), rel=1e-4)


def test_what_is_reduced_on_the_way_is_what_all_draws_say(screen) -> None:
    import arviz as az

    chosen = settings(tune=200, draws=1000)
    fit = fit_dependency(screen, chosen, draws_of=screen.genes)
    draws = fit.draws.to_numpy().reshape(2, 1000, -1).astype(float)
    flat = draws.reshape(2000, -1)
    table = fit.effects

    np.testing.assert_allclose(table["mean"], flat.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(table["sd"], flat.std(axis=0, ddof=1), rtol=1e-4)
    np.testing.assert_allclose(table["p_below_-0.5"], (flat < -0.5).mean(axis=0), atol=1e-3)
    for column, q in {"lower": 0.055, "median": 0.5, "upper": 0.945}.items():
        off = (table[column] - np.quantile(flat, q, axis=0)) / table["sd"]
        assert off.abs().max() < 0.1  # a bin is 0.19 sd wide
        assert off.abs().mean() < 0.03
    r_hat = [az.rhat(draws[:, :, k], method="split") for k in range(draws.shape[2])]
    np.testing.assert_allclose(table["r_hat"], r_hat, atol=1e-6)
    ess = np.array([az.ess(draws[:, :, k], method="mean") for k in range(draws.shape[2])])
    ratio = np.log(table["ess_bulk"] / ess)
    assert ratio.abs().median() < 0.1
    assert ratio.abs().max() < 0.5


def test_lines_below_a_threshold_are_counted_in_every_draw_where_they_are_measured(screen) -> None:
    lfc = screen.lfc.copy()
    lfc[np.ix_(screen.gene_of_sgrna == 1, screen.cell_line_of_replicate == 2)] = np.nan
    chosen = settings(thresholds=[-0.5, 0.0])
    fit = fit_dependency(dataclasses.replace(screen, lfc=lfc), chosen, draws_of=screen.genes)
    below = (fit.draws.to_numpy() < 0)[:, :, 1, [0, 1, 3]].sum(axis=2)  # not in the third line
    expected = {n: (below == n).mean() for n in range(4) if (below == n).any()}
    counts = fit.counts.set_index(["threshold", "hugo_symbol", "n_lines"])["probability"]
    assert counts.loc[0.0, "G1"].to_dict() == pytest.approx(expected)
    np.testing.assert_allclose(counts.groupby(["threshold", "hugo_symbol"]).sum(), 1)
    # The expected number of lines is the sum of the probabilities of all measured ones.
    rows = fit.effects[fit.effects["n_measured"] > 0]
    for threshold in chosen.thresholds:
        at = counts.loc[threshold]
        number = (at * at.index.get_level_values("n_lines")).groupby("hugo_symbol").sum()
        p = rows.groupby("hugo_symbol")[f"p_below_{threshold:g}"].sum()
        np.testing.assert_allclose(number, p, atol=1e-9)


def test_names_that_the_screen_does_not_have_are_errors(screen) -> None:
    with pytest.raises(ScreenError, match="nonessential"):
        fit_dependency(screen, settings(), nonessential=["KRAS"])
    with pytest.raises(ScreenError, match="KRAS"):
        fit_dependency(screen, settings(), draws_of=["G0", "KRAS"])
    with pytest.raises(ScreenError, match="contrast a"):
        fit_dependency(screen, settings(), contrasts={"a": {"ACH-1": 1.0}})


def test_the_level_of_the_noise_has_the_density_of_its_conditional(screen) -> None:
    """Noise of genes against that of replicates and lines: moments by quadrature of the priors."""
    chosen = settings()
    rng, p = np.random.default_rng(4), chosen.priors
    state = start(lay_out(screen), p, rng)
    scalar = dict(zip(SCALAR_NAMES, state.scalars, strict=True))
    grid = np.linspace(-3, 3, 60_001)
    genes = state.log_noise[:, None] + grid
    log_density = stats.norm.logpdf(genes, 0, scalar["sd_log_gene_noise"]).sum(axis=0)
    for name in ("mean_log_sigma", "mean_log_omega"):
        prior = getattr(p, name)
        log_density += stats.norm.logpdf(scalar[name] - grid, prior.mu, prior.sigma)
    weight = np.exp(log_density - log_density.max())
    mean = (weight * grid).sum() / weight.sum()
    sd = np.sqrt((weight * (grid - mean) ** 2).sum() / weight.sum())

    draws = np.empty(20_000)
    for number in range(len(draws)):
        moved = state._replace(**{n: getattr(state, n).copy() for n in state._fields})
        shift_noise(rng, moved, as_numbers(p))
        draws[number] = moved.log_noise[0] - state.log_noise[0]
    assert draws.mean() == pytest.approx(mean, abs=5 * sd / np.sqrt(len(draws)))
    assert draws.std() == pytest.approx(sd, rel=0.03)
    # What the data see, the noise of a gene in a replicate and in a line, is the same.
    for part in ("log_sigma", "log_omega"):
        before = state.log_noise[:, None] + getattr(state, part)
        assert np.allclose(moved.log_noise[:, None] + getattr(moved, part), before)


def test_the_noise_of_counting_widens_intervals_where_it_is_large() -> None:
    """The reads of one line say little: its effects are as unsure as its counts."""
    matrix, _ = draw_screen(np.random.default_rng(9), [4] * 20, [2] * 4)
    count_sd = np.full(matrix.lfc.shape, 0.02)
    count_sd[:, matrix.cell_line_of_replicate == 1] = 2.0
    how = settings(tune=300, draws=500)
    without = fit_dependency(matrix, how).effects.groupby("depmap_id")["sd"].median()
    noisy = dataclasses.replace(matrix, count_sd=count_sd)
    given = fit_dependency(noisy, how).effects.groupby("depmap_id")["sd"].median()
    assert given["L1"] > 1.3 * without["L1"]
    assert given["L0"] == pytest.approx(without["L0"], rel=0.15)


def test_draws_are_doubled_until_there_are_enough_effective_ones() -> None:
    matrix, _ = draw_screen(np.random.default_rng(6), [4, 4, 4, 4], [2, 2, 2, 2])
    short = fit_dependency(matrix, settings(draws=50, max_draws=50, target_ess=1e9))
    longer = fit_dependency(matrix, settings(draws=50, max_draws=210, target_ess=1e9))
    once = fit_dependency(matrix, settings(draws=200, max_draws=200))
    assert [fit.diagnostics["draws"] for fit in (short, longer)] == [50, 200]
    assert longer.posterior.equals(once.posterior)
    assert longer.counts.equals(once.counts)
    columns = ["mean", "sd", "lower", "median", "upper", "p_below_-0.5", "ess_bulk", "r_hat"]
    for column in columns:  # sums are added in another order
        assert np.allclose(longer.effects[column], once.effects[column], rtol=1e-9), column


@pytest.mark.parametrize("smallest", [-1.0, -6.0, -14.0])
@pytest.mark.parametrize("line", [0, 1, 2])
def test_the_density_of_the_noise_of_a_line_is_exact_however_small(
    line: int, smallest: float
) -> None:
    """Against the normal density of all guides, with eta integrated out by hand."""
    matrix, _ = draw_screen(np.random.default_rng(3), [3, 2, 4], [1, 2, 3])
    measured, priors = lay_out(matrix), settings().priors
    state = start(measured, priors, np.random.default_rng(1))
    cells, moments = room(measured)
    gather_moments(measured, state, cells, False, moments)
    squares = _squares_about_levels(measured, state, moments, line)
    own = matrix.cell_line_of_replicate == line
    gene_sd = np.exp(state.log_noise)[matrix.gene_of_sgrna][:, None]
    fitted = state.level[own] + state.lam[line] * state.theta[:, None]
    residual = (matrix.lfc[:, own] - fitted) / gene_sd
    mean_sigma, sd_sigma, mean_omega, sd_omega = state.scalars[
        [at.SIGMA_MEAN, at.SIGMA_SD, at.OMEGA_MEAN, at.OMEGA_SD]
    ]

    def exact(x: np.ndarray) -> float:
        prior = norm.logpdf(x[:-1], mean_sigma, sd_sigma).sum()
        prior += norm.logpdf(x[-1], mean_omega, sd_omega)
        covariance = np.diag(np.exp(2 * x[:-1])) + np.exp(2 * x[-1])
        return prior + multivariate_normal.logpdf(residual, cov=covariance).sum()

    usual = np.append(np.linspace(-1.2, -0.8, own.sum()), -1.5)
    small = usual.copy()
    small[0] = smallest
    found = [
        _line_density(measured, state, moments, squares, line, x, x[0], 0) for x in (usual, small)
    ]
    assert found[1] - found[0] == pytest.approx(exact(small) - exact(usual), rel=1e-6)
