"""How long the steps take on a screen of the published size: 60,049 rows.

Compare with ``pytest tests/benchmarks -p benchmark --benchmark-autosave --benchmark-compare``.
Nothing here asserts a time: machines differ.
"""

import numpy as np
import pytest

from partialpool.inference.prediction import prediction_table
from partialpool.models import MODELS
from partialpool.models.statistics import gather
from partialpool.preparation import prepare
from partialpool.screen import Screen
from partialpool.simulation import simulate_depmap_screen

MODEL = "cell_line"


@pytest.fixture(scope="module")
def raw(parameters):
    return simulate_depmap_screen(parameters.simulation.depmap_screen)[0]


@pytest.fixture(scope="module")
def table(raw, parameters):
    return prepare(raw, parameters.data_engineering)[0]


@pytest.fixture(scope="module")
def screen(table):
    return Screen.from_table(table, MODELS[MODEL].covariates)


def test_simulate(benchmark, parameters) -> None:
    raw, _ = benchmark(simulate_depmap_screen, parameters.simulation.depmap_screen)
    assert len(raw) == 60_049


def test_prepare(benchmark, raw, parameters) -> None:
    table, _ = benchmark(prepare, raw, parameters.data_engineering)
    assert len(table) == len(raw)


def test_view(benchmark, table) -> None:
    screen = benchmark(Screen.from_table, table, MODELS["expression"].covariates)
    assert screen.n_rows == len(table)


@pytest.mark.parametrize("model", MODELS)
def test_gather(benchmark, table, model: str) -> None:
    screen = Screen.from_table(table, MODELS[model].covariates)
    statistics = benchmark(gather, screen, MODELS[model].terms)
    assert statistics.n_rows == screen.n_rows


@pytest.mark.parametrize("likelihood", ["sufficient", "rowwise"])
def test_gradient(benchmark, screen, parameters, likelihood: str) -> None:
    """One log-density and its gradient: what the sampler does a million times."""
    priors = parameters.modeling[MODEL].priors
    model = MODELS[MODEL].build(screen, priors, "identified", likelihood)
    density = model.logp_dlogp_function(ravel_inputs=True, mode="NUMBA")
    density.set_extra_values({})
    size = sum(value.size for value in model.initial_point().values())
    point = np.random.default_rng(0).normal(0, 0.1, size)
    density(point)  # compiles
    value, gradient = benchmark(density, point)
    assert np.isfinite(value)
    assert len(gradient) == size


def test_prediction_table(benchmark, screen, made_up_posterior) -> None:
    """From 4,000 draws, 26,574 distinct rows of guide and line."""
    posterior = made_up_posterior(screen, MODEL, chains=4, draws=1000)
    found = benchmark.pedantic(
        prediction_table, (screen, posterior, MODELS[MODEL].terms, 0.89, 0), rounds=2
    )
    assert len(found) == screen.n_rows
