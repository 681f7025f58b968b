"""However far an effect is centred, it has the distribution that its name says."""

from types import SimpleNamespace

import numpy as np
import pytest

from partialpool.models import effects

MU, SIGMA, N_DRAWS = 0.7, 2.0, 4_000
POOLING = {
    "standardised": [0.0, 0.0, 0.0],
    "of one level": [0.4, 0.4, 0.4],
    "of several levels": [0.0, 0.3, 0.8],
    "the data decide": [0.95, 1.0, 1.0],
}


def drawn(declare, pooling: list[float]) -> np.ndarray:
    """(draw, element) values of an effect whose population is known."""
    import pymc as pm
    import pytensor

    predictor = SimpleNamespace(
        dims=lambda _: ("gene",),
        term=lambda _: SimpleNamespace(dims=("gene",)),
        pooling=lambda _: np.array(pooling),
    )
    with pm.Model(coords={"gene": ["A", "B", "C"]}):
        sigma = pm.Deterministic("sigma", pytensor.tensor.constant(SIGMA))
        effect = declare(sigma, predictor)
    return pm.draw(effect, draws=N_DRAWS, random_seed=1)


@pytest.mark.parametrize("pooling", POOLING.values(), ids=POOLING.keys())
def test_every_element_is_normal_about_the_mean_of_its_population(pooling: list[float]) -> None:
    """Means of 4,000 draws are off by 0.03 (one standard error), standard deviations by 0.02."""
    found = drawn(lambda sigma, p: effects.normal("gene_effect", MU, sigma, p), pooling)
    assert found.mean(axis=0) == pytest.approx([MU] * 3, abs=5 * SIGMA / np.sqrt(N_DRAWS))
    assert found.std(axis=0) == pytest.approx([SIGMA] * 3, abs=5 * SIGMA / np.sqrt(2 * N_DRAWS))


@pytest.mark.parametrize("pooling", POOLING.values(), ids=POOLING.keys())
def test_zero_sum_effects_sum_to_zero_and_have_their_spread(pooling: list[float]) -> None:
    """Three normals less their mean have standard deviation sigma sqrt(2 / 3)."""
    found = drawn(lambda sigma, p: effects.zero_sum_normal("gene_effect", sigma, p), pooling)
    assert found.sum(axis=1) == pytest.approx(np.zeros(N_DRAWS), abs=1e-9)
    expected = [SIGMA * np.sqrt(2 / 3)] * 3
    assert found.std(axis=0) == pytest.approx(expected, abs=5 * SIGMA / np.sqrt(2 * N_DRAWS))
