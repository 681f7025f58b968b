"""What the tests share: options, warnings of others, settings from ``conf/`` and tiny screens."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.update(KEDRO_DISABLE_TELEMETRY="1", DO_NOT_TRACK="1", MPLBACKEND="Agg")

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from kedro.config import OmegaConfigLoader

from example_models import EXAMPLES
from partialpool.inference.fit_settings import FitSettings
from partialpool.models import MODELS, Model
from partialpool.preparation import prepare
from partialpool.running.parameters import ProjectParameters, check_parameters
from partialpool.screen import Screen
from partialpool.settings import CONFIG_LOADER_ARGS
from partialpool.simulation import as_r_table, simulate_depmap_screen

ROOT = Path(__file__).resolve().parents[1]

#: Every registered model and every example of the documentation, in each of its parametrizations.
VARIANTS = [
    (model.name, form)
    for model in (*MODELS.values(), *(module.MODEL for module in EXAMPLES.values()))
    for form in model.parametrizations
]

#: Warnings of other packages, which only they can fix: each exact, each with its reason.
OTHERS_WARNINGS = (
    # Kedro 1.7 looks at pydantic settings as at any object, deprecated attributes included.
    r"ignore:Accessing the 'model_(computed_)?fields' attribute on the instance is deprecated"
    r":pydantic.warnings.PydanticDeprecatedSince211",
    # Kedro on `simulation.raw_screen` named by a node of another namespace, which is what we mean.
    r"ignore:One or more dataset names contain '.' characters:UserWarning:kedro.pipeline.node",
    # ArviZ announces its next version once a day, to whoever imports it first.
    r"ignore:\s*ArviZ is undergoing a major refactor:FutureWarning",
    # MLflow uses what SQLAlchemy 2.1 calls outdated; as an error it would leave runs unrecorded.
    r"ignore:The ``noload`` loader strategy:DeprecationWarning",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("partialpool")
    group.addoption("--run-slow", action="store_true", help="run all tests marked slow too")
    group.addoption(
        "--slow-share",
        type=int,
        default=0,
        metavar="K",
        help="run every K-th of the tests marked slow, the first included: always the same ones",
    )


def pytest_configure(config: pytest.Config) -> None:
    for line in OTHERS_WARNINGS:
        config.addinivalue_line("filterwarnings", line)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip slow tests, but for all of them or the share that was asked for."""
    every = 1 if config.getoption("--run-slow") else config.getoption("--slow-share")
    slow = [item for item in items if item.get_closest_marker("slow")]
    for position, item in enumerate(slow):
        if every < 1 or position % every:
            item.add_marker(pytest.mark.skip(reason="slow: give --run-slow or --slow-share K"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real screens beside the checkout, which may not be there."""
    return ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def read_conf() -> Callable[[str | None], dict[str, Any]]:
    """Read the parameters of an environment as Kedro does."""

    def read(env: str | None = None) -> dict[str, Any]:
        return OmegaConfigLoader(str(ROOT / "conf"), env=env, **CONFIG_LOADER_ARGS)["parameters"]

    return read


@pytest.fixture(scope="session")
def parameters(read_conf) -> ProjectParameters:
    """The default parameters, from ``conf/base``."""
    return check_parameters(read_conf())


@pytest.fixture(scope="session")
def tiny(read_conf) -> ProjectParameters:
    """The parameters of the tests' own environment, ``conf/test``."""
    return check_parameters(read_conf("test"))


@pytest.fixture(scope="session")
def fit_settings(tiny) -> Callable[..., FitSettings]:
    """Settings of a fit from ``conf/test``, some of them changed."""

    def settings(name: str, sampler: dict[str, Any] | None = None, **changes: Any) -> FitSettings:
        values = tiny.modeling[name].model_dump() | changes
        values["sampler"] |= sampler or {}
        return FitSettings.model_validate(values)

    return settings


@pytest.fixture(scope="session")
def simulated(tiny) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A tiny raw screen, 18 guides of 6 genes in 16 replicates of 8 lines, and its truth."""
    raw, truth = simulate_depmap_screen(tiny.simulation.depmap_screen)
    return as_r_table(raw), truth


@pytest.fixture(scope="session")
def balanced_table(simulated, tiny) -> pd.DataFrame:
    """The modelling table of the tiny screen: every guide in every replicate."""
    return prepare(simulated[0], tiny.data_engineering)[0]


@pytest.fixture(scope="session")
def unbalanced_table(simulated, tiny) -> pd.DataFrame:
    """A third of the rows gone at random, and covariates missing in a tenth of the others."""
    raw, rng = simulated[0], np.random.default_rng(7)
    raw = raw[rng.random(len(raw)) > 1 / 3].astype({"n_muts": "Int64"})
    for name in ("gene_cn", "rna_expr", "n_muts"):
        raw[name] = raw[name].mask(rng.random(len(raw)) < 0.1)
    return prepare(raw, tiny.data_engineering)[0]


@pytest.fixture(scope="session")
def tables(balanced_table, unbalanced_table) -> dict[str, pd.DataFrame]:
    """Both tables by name."""
    return {"balanced": balanced_table, "unbalanced": unbalanced_table}


@pytest.fixture(scope="session")
def any_model(parameters) -> dict[str, tuple[Model, Any]]:
    """Every registered model and every example of the documentation, with its priors."""
    registered = {name: (model, parameters.modeling[name].priors) for name, model in MODELS.items()}
    examples = {
        name: (module.MODEL, module.MODEL.Priors.model_validate(module.PRIORS))
        for name, module in EXAMPLES.items()
    }
    return registered | examples


@pytest.fixture(params=VARIANTS, ids="-".join)
def variant(request, any_model) -> tuple[Model, str, Any]:
    """A model, one of its parametrizations, and its priors."""
    name, form = request.param
    model, priors = any_model[name]
    return model, form, priors


@pytest.fixture(scope="session")
def screen_for(tables) -> Callable[..., Screen]:
    """The view that a model takes of one of the tables."""

    def view(model: str, table: str = "balanced") -> Screen:
        return MODELS[model].view(tables[table])

    return view


@pytest.fixture(scope="session")
def made_up_posterior() -> Callable[..., xr.Dataset]:
    """Draws of the effects and of sigma that no sampler made: independent normals."""

    def draws(screen: Screen, model: str, chains: int, draws: int, sd: float = 1.0) -> xr.Dataset:
        rng = np.random.default_rng(11)
        effects = {
            term.effect: (
                ("chain", "draw", *term.dims),
                rng.normal(0, sd, (chains, draws, *(len(screen.labels[d]) for d in term.dims))),
            )
            for term in MODELS[model].terms
        }
        sigma = ("chain", "draw"), rng.uniform(0.4, 0.5, (chains, draws))
        return xr.Dataset({**effects, "sigma": sigma}, coords=screen.coords)

    return draws
