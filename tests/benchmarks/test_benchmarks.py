"""How long the steps take on a screen of the published size: 60,049 rows.

Compare with ``pytest tests/benchmarks -p benchmark --benchmark-autosave --benchmark-compare``.
Nothing here asserts a time: machines differ. With ``--benchmark-disable`` each is called once, on
a tiny screen, which ``tests/unit/test_benchmarks_can_run.py`` does.
"""

import numpy as np
import pytest
from partialpool.models.statistics import gather

from partialpool.inference.prediction import prediction_table
from partialpool.models import MODELS
from partialpool.preparation import prepare
from partialpool.screen import Screen
from partialpool.simulation import simulate_depmap_screen

MODEL = "cell_line"


@pytest.fixture(scope="module")
def settings(request, parameters, tiny):
    """The default parameters; those of tiny screens where nothing is timed."""
    return tiny if request.config.getoption("benchmark_disable") else parameters


@pytest.fixture(scope="module")
def raw(settings):
    return simulate_depmap_screen(settings.simulation.depmap_screen)[0]


@pytest.fixture(scope="module")
def table(raw, settings):
    return prepare(raw, settings.data_engineering)[0]


@pytest.fixture(scope="module")
def screen(table):
    return Screen.from_table(table, MODELS[MODEL].covariates)


def test_simulate(benchmark, settings) -> None:
    sizes = settings.simulation.depmap_screen
    raw, _ = benchmark(simulate_depmap_screen, sizes)
    assert len(raw) == sizes.n_sgrnas * sizes.n_replicates


def test_prepare(benchmark, raw, settings) -> None:
    table, _ = benchmark(prepare, raw, settings.data_engineering)
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
def test_gradient(benchmark, screen, settings, likelihood: str) -> None:
    """One log-density and its gradient: what the sampler does a million times."""
    priors = settings.modeling[MODEL].priors
    model = MODELS[MODEL].build(screen, priors, "identified", likelihood)
    density = model.logp_dlogp_function(ravel_inputs=True, mode="NUMBA")
    density.set_extra_values({})
    size = sum(value.size for value in model.initial_point().values())
    point = np.random.default_rng(0).normal(0, 0.1, size)
    density(point)  # compiles
    value, gradient = benchmark(density, point)
    assert np.isfinite(value)
    assert len(gradient) == size


def test_prediction_table(benchmark, screen, settings, made_up_posterior) -> None:
    """From 4,000 draws, 26,574 distinct rows of guide and line at the published size."""
    posterior = made_up_posterior(screen, MODEL, chains=4, draws=1000)
    found = benchmark.pedantic(
        prediction_table, (screen, posterior, MODELS[MODEL].terms, settings.prediction), rounds=2
    )
    assert len(found) == screen.n_rows
