"""The summary of a posterior, against ArviZ and against what can be computed by hand."""

import subprocess
import sys

import numpy as np
import numpy.testing as npt
import pytest
import xarray as xr
from scipy import signal, stats

from partialpool.inference.summary import summarize

HDI_PROB = 0.89


def posterior(**draws: np.ndarray) -> xr.Dataset:
    """Variables of (chain, draw) or (chain, draw, element)."""
    return xr.Dataset(
        {
            name: (["chain", "draw", *(f"{name}_dim_{i}" for i in range(x.ndim - 2))], x)
            for name, x in draws.items()
        }
    )


def autocorrelated(rng: np.random.Generator, rho: float, shape: tuple[int, ...]) -> np.ndarray:
    """Draws of x' = rho x + noise, of variance 1, started in equilibrium."""
    noise = rng.normal(size=shape) * np.sqrt(1 - rho**2)
    noise[:, 0] = rng.normal(size=(shape[0], *shape[2:]))
    return signal.lfilter([1], [1, -rho], noise, axis=1)


def of_arviz(draws: xr.Dataset) -> np.ndarray:
    import arviz as az

    fit = az.InferenceData(posterior=draws)
    table = az.summary(fit, hdi_prob=HDI_PROB, round_to="none")
    table.insert(
        table.columns.get_loc("r_hat"),
        "ess_folded",
        [_ess_folded(draws[name][sel].to_numpy()) for name, sel in _elements(draws)],
    )
    return table.to_numpy()


def _elements(draws: xr.Dataset) -> list[tuple[str, dict]]:
    """Every variable with the places of its elements."""
    return [
        (str(name), dict(zip(x.dims[2:], place, strict=True)))
        for name, x in draws.items()
        for place in np.ndindex(x.shape[2:])
    ]


def _ess_folded(x: np.ndarray) -> float:
    """ESS of normal scores of distances from the median, the means of the halves set equal."""
    from arviz.stats.diagnostics import _ess  # az.ess refuses halves of fewer than four draws

    half = x.shape[1] // 2
    if np.isnan(x).any():
        return np.nan
    distance = abs(x - np.median(x))
    halves = np.concatenate([distance[:, :half], distance[:, -half:]])
    ranks = stats.rankdata(halves).reshape(halves.shape)
    scores = stats.norm.ppf((ranks - 3 / 8) / (halves.size + 1 / 4))
    return float(_ess(scores - scores.mean(axis=1, keepdims=True)))


def assert_as_arviz(draws: xr.Dataset) -> None:
    found = summarize(draws, HDI_PROB).drop(columns="parameter").to_numpy()
    npt.assert_allclose(found, of_arviz(draws), rtol=1e-6, atol=1e-12)


# One chain has no R-hat, of which ArviZ warns.
@pytest.mark.filterwarnings("ignore:Degrees of freedom")
@pytest.mark.parametrize("chains", [1, 2, 4])
@pytest.mark.parametrize("n", [4, 5, 6, 7, 50, 101, 400])
def test_equal_to_arviz_for_any_shape(chains: int, n: int) -> None:
    rng = np.random.default_rng(n)
    shape = chains, n
    assert_as_arviz(
        posterior(
            normal=rng.normal(3, 2, (*shape, 3)),
            heavy_tails=rng.standard_cauchy(shape),
            positive=rng.gamma(0.3, size=shape),
            slow=autocorrelated(rng, 0.9, (*shape, 2)),
            very_slow=autocorrelated(rng, 0.999, shape),
            alternating=autocorrelated(rng, -0.7, shape),
            far_from_zero=1e3 + rng.normal(size=shape),
            tiny=1e-9 * rng.normal(size=shape),
        )
    )


@pytest.mark.parametrize("n", [100, 101])
def test_equal_to_arviz_for_ties(n: int) -> None:
    """As of a sampler that rejects, of counts, and of a share whose quantile is a tied value."""
    rng = np.random.default_rng(3)
    rejecting = np.repeat(rng.normal(size=(4, n)), 3, axis=1)[:, :n]
    mostly = np.where(rng.random((4, n)) < 0.9, 0.1, rng.normal(size=(4, n)))
    assert_as_arviz(
        posterior(rejecting=rejecting, counts=rng.poisson(1.5, (4, n)) * 1.0, mostly=mostly)
    )


def test_equal_to_arviz_for_chains_that_disagree() -> None:
    rng = np.random.default_rng(4)
    one_stuck, apart = rng.normal(size=(2, 4, 300))
    one_stuck[2] = 0.7
    apart[1] += 4
    assert_as_arviz(posterior(one_stuck=one_stuck, apart=apart, trend=apart.cumsum(axis=1)))


def test_chains_that_never_move_are_infinitely_apart() -> None:
    """Where ArviZ's variance in one pass may come out below 0, and R-hat as not a number."""
    draws = np.repeat([[1.0], [2.0], [3.0], [5.0]], 300, axis=1)
    found = summarize(posterior(x=draws), HDI_PROB).iloc[0]
    assert found["r_hat"] == np.inf
    assert found["ess_bulk"] < 10


def test_a_level_changes_no_diagnostic() -> None:
    """Far from 0 ArviZ's variance of the means, in one pass, loses its digits."""
    x = np.random.default_rng(12).normal(size=(4, 200)).round(6)
    near, far = (summarize(posterior(x=x + level), HDI_PROB) for level in (0, 2.0**23))
    columns = ["sd", "mcse_mean", "mcse_sd", "ess_bulk", "ess_tail", "r_hat"]
    npt.assert_allclose(near[columns], far[columns], rtol=1e-6)


def test_a_constant() -> None:
    """It is known exactly; of its chains nothing can be said. All as ArviZ has it."""
    draws = posterior(x=np.full((4, 100), 0.1))
    found = summarize(draws, HDI_PROB).iloc[0]

    assert found[["mean", "hdi_lower", "hdi_upper"]].tolist() == [0.1] * 3
    assert found[["sd", "mcse_mean"]].tolist() == [0, 0]
    assert found[["ess_bulk", "ess_tail"]].tolist() == [400, 400]
    assert np.isnan(found["r_hat"])
    with pytest.warns(RuntimeWarning, match="invalid value"):
        expected = of_arviz(posterior(x=np.full((4, 100), 0.5)))
    found = summarize(posterior(x=np.full((4, 100), 0.5)), HDI_PROB).iloc[0, 1:].astype(float)
    npt.assert_allclose(found, expected[0])


def test_two_values_alike_on_both_sides_are_judged_by_their_ranks_alone() -> None:
    """The distances from the median are all 1, and say nothing of how chains mix."""
    draws = posterior(
        x=np.random.default_rng(5).permutation(np.tile([-1.0, 1.0], 200)).reshape(4, 100)
    )
    with pytest.warns(RuntimeWarning, match="invalid value"):
        expected = of_arviz(draws)
    found = summarize(draws, HDI_PROB).iloc[0, 1:].astype(float)
    npt.assert_allclose(found, expected[0], rtol=1e-6)
    assert 0.99 < found["r_hat"] < 1.1


def test_not_a_number_makes_its_parameter_not_a_number_and_no_other() -> None:
    draws = np.random.default_rng(6).normal(size=(4, 100, 3))
    draws[1, 17, 1] = np.nan
    found = summarize(posterior(x=draws), HDI_PROB).set_index("parameter")

    assert found.loc["x[1]"].isna().all()
    npt.assert_allclose(
        found.loc[["x[0]", "x[2]"]], of_arviz(posterior(x=draws[:, :, [0, 2]])), rtol=1e-6
    )


def test_too_few_draws_have_moments_and_no_diagnostics() -> None:
    draws = np.array([[1.0, 2.0, 6.0], [3.0, 3.0, 3.0]])
    found = summarize(posterior(x=draws), HDI_PROB).iloc[0]

    assert found["mean"] == 3
    assert found["sd"] == pytest.approx(np.sqrt((4 + 1 + 9) / 5))
    assert found[["mcse_mean", "mcse_sd", "ess_bulk", "ess_tail", "r_hat"]].isna().all()


def test_single_precision_is_summed_in_double() -> None:
    draws = (5 + np.random.default_rng(7).normal(size=(4, 500, 2))).astype(np.float32)
    assert_as_arviz(posterior(x=draws.astype(np.float64)))
    npt.assert_array_equal(
        summarize(posterior(x=draws), HDI_PROB).iloc[:, 1:],
        summarize(posterior(x=draws.astype(np.float64)), HDI_PROB).iloc[:, 1:],
    )


def test_what_is_known_of_independent_and_of_autoregressive_draws() -> None:
    """The mean of AR(1) draws counts as n (1 - rho) / (1 + rho) independent ones: a third here."""
    rng = np.random.default_rng(8)
    shape = 4, 4000, 20
    found = summarize(
        posterior(free=rng.normal(size=shape), slow=autocorrelated(rng, 0.5, shape)), HDI_PROB
    ).set_index("parameter")

    free = found[found.index.str.startswith("free")].mean()
    slow = found[found.index.str.startswith("slow")].mean()
    assert free["ess_bulk"] == pytest.approx(16_000, rel=0.05)
    assert slow["ess_bulk"] == pytest.approx(16_000 / 3, rel=0.05)
    assert free["mcse_mean"] == pytest.approx(1 / np.sqrt(16_000), rel=0.05)
    # The sd of n normal draws has standard error sd / sqrt(2 n).
    assert free["mcse_sd"] == pytest.approx(1 / np.sqrt(32_000), rel=0.05)
    assert free["hdi_upper"] - free["hdi_lower"] == pytest.approx(
        2 * stats.norm.isf((1 - HDI_PROB) / 2), rel=0.03
    )


def test_diagnostics_see_only_the_order_of_draws() -> None:
    """Rank-normalised: a monotone transformation leaves bulk and tail as they are."""
    draws = autocorrelated(np.random.default_rng(9), 0.6, (4, 300))
    found = summarize(posterior(x=draws, cubed=draws**3), HDI_PROB)
    npt.assert_allclose(found["ess_bulk"][0], found["ess_bulk"][1])
    npt.assert_allclose(found["ess_tail"][0], found["ess_tail"][1])


def test_names_are_those_of_arviz_whatever_the_order_of_dims() -> None:
    import arviz as az

    rng = np.random.default_rng(10)
    draws = xr.Dataset(
        {
            "sigma": (("chain", "draw"), rng.normal(size=(2, 50))),
            "effect": (("gene", "draw", "line", "chain"), rng.normal(size=(2, 50, 3, 2))),
            "plain": (("chain", "draw", "plain_dim_0"), rng.normal(size=(2, 50, 2))),
        },
        coords={"gene": ["KRAS", "MDM2"], "line": ["A", "B", "C"]},
    )
    found = summarize(draws, HDI_PROB).set_index("parameter")
    expected = az.summary(az.InferenceData(posterior=draws), hdi_prob=HDI_PROB, round_to="none")
    found = found.drop(columns="ess_folded")

    assert found.index.tolist() == expected.index.tolist()
    assert found.index[[0, 1, 6, 7]].tolist() == [
        "sigma",
        "effect[KRAS, A]",
        "effect[MDM2, C]",
        "plain[0]",
    ]
    npt.assert_allclose(found, expected, rtol=1e-6)
    mean = draws["effect"].sel(gene="MDM2", line="A").mean()
    assert found.loc["effect[MDM2, A]", "mean"] == pytest.approx(float(mean))


def test_chunks_change_nothing(monkeypatch) -> None:
    draws = posterior(x=np.random.default_rng(11).normal(size=(2, 60, 7)))
    whole = summarize(draws, HDI_PROB)
    monkeypatch.setattr("partialpool.inference.summary.CHUNK_DRAWS", 250)  # two parameters each
    assert summarize(draws, HDI_PROB).equals(whole)


def test_importing_it_is_cheap() -> None:
    code = (
        "import sys, partialpool.inference.summary as s; "
        "print([m for m in ('arviz', 'pymc', 'pytensor') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
