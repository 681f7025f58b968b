"""Highest-density intervals: against ArviZ, by hand, and against the mixture itself."""

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import norm, t

from partialpool.inference import intervals
from partialpool.models.noise import GAUSSIAN, Noise

N = 400


def of_draws(draws: np.ndarray, prob: float) -> np.ndarray:
    return intervals.of_ordered_draws(np.sort(draws.astype("float32"), axis=1), prob)


@pytest.mark.parametrize("prob", [0.5, 0.89, 0.94])
@pytest.mark.parametrize("n_draws", [11, 400, 1001])
def test_the_interval_of_draws_is_that_of_arviz(prob: float, n_draws: int) -> None:
    import arviz as az

    rng = np.random.default_rng(1)
    draws = np.stack([rng.normal(size=n_draws), rng.gamma(1.5, size=n_draws)]).astype("float32")
    expected = np.stack([az.hdi(row, hdi_prob=prob) for row in draws], axis=1)
    assert np.array_equal(of_draws(draws, prob), expected)


def test_the_interval_of_draws_by_hand() -> None:
    """Of 0, 1, 2, 3, 10 the narrowest that spans three steps is 0 to 3; of the mirror, 7 to 10."""
    draws = np.array([[10.0, 2.0, 0.0, 1.0, 3.0], [0.0, 8.0, 10.0, 9.0, 7.0]])
    lower, upper = of_draws(draws, 0.7)
    assert lower.tolist() == [0.0, 7.0]
    assert upper.tolist() == [3.0, 10.0]


def mixtures() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Means and sigmas of mixtures: as a screen's are, and as they should not be."""
    rng = np.random.default_rng(4)
    z = rng.normal(size=N)
    return {
        "a screen's": (0.1 * z, rng.normal(0.47, 0.002, N)),
        "no spread": (np.full(N, 3.0), np.full(N, 0.5)),
        "more spread than noise": (2 * z, rng.uniform(0.4, 0.5, N)),
        "skewed": (rng.gamma(1.5, size=N), np.full(N, 0.3)),
        "sigma grows with the mean": (z, np.exp(0.5 * z)),
        "two peaks": (np.where(rng.random(N) < 0.3, -4, 0) + 0.1 * z, np.full(N, 0.5)),
    }


def of_mixture(
    mu: np.ndarray, sigma: np.ndarray, prob: float, noise: Noise = GAUSSIAN
) -> tuple[float, float]:
    by_sigma = np.argsort(sigma)
    ends, sigmas = intervals.strata(sigma[by_sigma])
    parts = np.split(mu[by_sigma].astype("float32"), ends[:-1])
    ordered = np.concatenate([np.sort(part) for part in parts])[None]
    (lower,), (upper,) = intervals.of_mixtures(
        ordered, ends, sigmas, prob, noise.df, np.exp(noise.log_peak), noise.reach
    )
    return lower, upper


def mass_below(x: float, mu: np.ndarray, sigma: np.ndarray) -> float:
    return norm.cdf((x - mu) / sigma).mean()


@pytest.mark.parametrize("df", [2.5, 5.0, 30.0])
@pytest.mark.parametrize("kind", mixtures())
def test_the_interval_of_a_mixture_of_student_t_is_its_narrowest(kind: str, df: float) -> None:
    """Checked against the sum of all distributions; 2e-4 of each is beyond the reach."""
    mu, sigma = mixtures()[kind]

    def below(x: float) -> float:
        return float(t.cdf((x - mu) / sigma, df).mean())

    def quantile(share: float) -> float:
        return brentq(lambda x: below(x) - share, -1e3, 1e3, xtol=1e-9)

    shares = np.linspace(1e-3, 0.109, 40)
    widths = [quantile(share + 0.89) - quantile(share) for share in shares]

    lower, upper = of_mixture(mu, sigma, 0.89, Noise(df))

    assert below(upper) - below(lower) == pytest.approx(0.89, abs=4e-4)
    assert upper - lower <= min(widths) * (1 + 2e-3)


@pytest.mark.parametrize("prob", [0.5, 0.89, 0.99])
@pytest.mark.parametrize("kind", mixtures())
def test_the_interval_of_a_mixture_is_its_narrowest(kind: str, prob: float) -> None:
    """Held to the sum of all its normals: mass to 1e-4, width to 5e-4 of the least there is."""
    mu, sigma = mixtures()[kind]
    low, high = (mu - 9 * sigma).min(), (mu + 9 * sigma).max()

    def quantile(share: float) -> float:
        return brentq(lambda x: mass_below(x, mu, sigma) - share, low, high, xtol=1e-10)

    def width(share: float) -> float:
        return quantile(share + prob) - quantile(share)

    shares = np.linspace(1e-5, 1 - prob - 1e-5, 60)
    near = int(np.argmin([width(share) for share in shares]))
    bounds = shares[max(near - 1, 0)], shares[min(near + 1, len(shares) - 1)]
    least = minimize_scalar(width, bounds=bounds, method="bounded").fun

    lower, upper = of_mixture(mu, sigma, prob)

    mass = mass_below(upper, mu, sigma) - mass_below(lower, mu, sigma)
    assert mass == pytest.approx(prob, abs=1e-4)
    assert upper - lower == pytest.approx(least, rel=5e-4)


def test_the_interval_of_one_normal_by_hand() -> None:
    """3 - 1.5982 x 0.5 to 3 + 1.5982 x 0.5: the density is the same at both ends."""
    lower, upper = of_mixture(np.full(50, 3.0), np.full(50, 0.5), 0.89)
    assert lower == pytest.approx(3 - 1.59819 * 0.5, abs=5e-4)
    assert upper == pytest.approx(3 + 1.59819 * 0.5, abs=5e-4)


@pytest.mark.parametrize("kind", ["a screen's", "more spread than noise", "skewed"])
def test_simulated_measurements_fall_into_the_interval(kind: str) -> None:
    """Of a million, sqrt(0.89 0.11 / 1e6) = 0.03 % more or less than 89 %."""
    mu, sigma = mixtures()[kind]
    lower, upper = of_mixture(mu, sigma, 0.89)
    rng = np.random.default_rng(8)
    draw = rng.integers(0, N, 1_000_000)
    new = rng.normal(mu[draw], sigma[draw])
    assert np.mean((new >= lower) & (new <= upper)) == pytest.approx(0.89, abs=5 * 0.0003)


def test_the_narrowest_of_simulated_measurements_is_near_the_interval() -> None:
    """Of 200,000: quantiles err by 0.002 sigma, where the narrowest starts by some times that."""
    import arviz as az

    mu, sigma = mixtures()["skewed"]
    rng = np.random.default_rng(8)
    draw = rng.integers(0, N, 200_000)
    simulated = az.hdi(rng.normal(mu[draw], sigma[draw]), hdi_prob=0.89)
    assert of_mixture(mu, sigma, 0.89) == pytest.approx(tuple(simulated), abs=0.05)


@pytest.mark.parametrize("far", [1e3, 1e6, 1e12])
def test_draws_far_apart_take_a_coarser_grid_not_more_memory(far: float) -> None:
    """A chain of ten that went astray: the interval is that of the other nine.

    89 % of all are 98.9 % of nine tenths: a normal's 2.54 sigmas. The grid blurs by a
    thousandth of the distance.
    """
    mu = np.zeros(N)
    mu[: N // 10] = far
    lower, upper = of_mixture(mu, np.full(N, 0.5), 0.89)
    blur = max(0.5, far / 1000)
    sigmas = norm.ppf(0.5 + 0.89 / 0.9 / 2)
    assert (lower, upper) == pytest.approx((-sigmas * blur, sigmas * blur), rel=0.05)


def test_draws_that_are_not_numbers_give_none() -> None:
    mu = np.zeros((3, 20), dtype="float32")
    mu[0, -1], mu[1, -1] = np.nan, np.inf
    found = intervals.of_mixtures(mu, np.array([20]), np.array([0.5]), 0.89, np.inf, 0.4, 6.0)
    assert np.isnan(found).any(axis=0).tolist() == [True, True, False]


def test_draws_are_taken_together_where_sigma_is_nearly_one() -> None:
    sigma = np.array([1.0, 1.02, 1.04, 1.06, 1.2, 9.0])
    ends, sigmas = intervals.strata(sigma)
    assert ends.tolist() == [3, 4, 5, 6]
    assert sigmas[0] == pytest.approx(np.sqrt((1 + 1.02**2 + 1.04**2) / 3))
    assert sigmas[1:] == pytest.approx([1.06, 1.2, 9.0])
