"""What every registered model promises, checked on each of them in each parametrization."""

import sys

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from partialpool.errors import ScreenError
from partialpool.inference.settings import FitSettings
from partialpool.models import MODELS, effects
from partialpool.models.terms import Term
from partialpool.screen import COVARIATE_SOURCES, DIM_COLUMNS, Screen

VARIANTS = [(name, form) for name, spec in MODELS.items() for form in spec.parametrizations]
variants = pytest.mark.parametrize(("name", "form"), VARIANTS)


@pytest.fixture(scope="module")
def built(screen_for, parameters):
    """Build a model on the tiny screen with the default priors."""

    def build(name: str, form: str, likelihood: str = "sufficient", screen=None):
        priors = parameters.modeling[name].priors
        return MODELS[name].build(screen or screen_for(name), priors, form, likelihood)

    return build


def test_the_registry_names_every_model_as_it_names_itself(parameters) -> None:
    assert {name: spec.name for name, spec in MODELS.items()} == {name: name for name in MODELS}
    assert set(MODELS) <= set(parameters.modeling)


@variants
def test_dims_and_labels_are_those_of_the_screen(built, screen_for, name: str, form: str) -> None:
    model, screen = built(name, form), screen_for(name)

    assert {dim: list(labels) for dim, labels in model.coords.items()} == screen.coords
    for variable in model.unobserved_RVs:
        dims = model.named_vars_to_dims.get(variable.name, ())
        assert len(dims) == variable.ndim, f"{variable.name} has an axis without a name"
        shape = tuple(len(screen.labels[dim]) for dim in dims)
        assert tuple(variable.shape.eval()) == shape


@variants
def test_the_effects_of_the_predictor_are_variables_of_the_model(built, name, form) -> None:
    model = built(name, form)
    for term in MODELS[name].terms:
        assert model.named_vars_to_dims[term.effect] == term.dims
    assert "sigma" in model.named_vars
    assert set(MODELS[name].levels) | set(MODELS[name].zero_sum) <= set(model.named_vars)


@variants
def test_the_model_file_explains_every_variable(built, name: str, form: str) -> None:
    """Its own docstring does, or that of the model whose guides and genes it takes over."""
    page = sys.modules[MODELS[name].build.__module__].__doc__ or ""
    if "as in ``sgrna_in_gene``" in page:
        page += sys.modules[MODELS["sgrna_in_gene"].build.__module__].__doc__ or ""
    for variable in built(name, form).unobserved_RVs:
        if not variable.name.endswith("_z"):
            assert f"``{variable.name}``" in page


@pytest.mark.parametrize("name", MODELS)
def test_priors_are_the_numbers_of_the_settings_file(read_conf, name: str) -> None:
    raw = read_conf()["modeling"][name]
    settings = FitSettings.model_validate(raw)

    assert type(settings.priors) is MODELS[name].Priors
    assert settings.priors.model_dump() == raw["priors"]
    again = FitSettings.model_validate_json(settings.model_dump_json())
    assert again == settings


@pytest.mark.parametrize("name", MODELS)
def test_a_covariate_is_needed_only_by_the_models_that_use_it(balanced_table, name) -> None:
    spec = MODELS[name]
    sources = {COVARIATE_SOURCES[covariate] for covariate in spec.covariates}
    Screen.from_table(balanced_table.drop(columns=set(COVARIATE_SOURCES) - set(spec.covariates)))
    for covariate in COVARIATE_SOURCES:
        poorer = balanced_table.drop(columns=covariate)
        if COVARIATE_SOURCES[covariate] not in sources:
            assert Screen.from_table(poorer, spec.covariates).n_rows == len(poorer)
        else:
            with pytest.raises(ScreenError, match=COVARIATE_SOURCES[covariate]):
                Screen.from_table(poorer, spec.covariates)


def draw(variables, seed: int = 1):
    import pymc as pm

    names = [variable.name for variable in variables]
    return dict(zip(names, pm.draw(variables, random_seed=seed), strict=True))


ZERO_SUM = [(name, form, effect) for name, form in VARIANTS for effect in MODELS[name].zero_sum]


@pytest.mark.parametrize(("name", "form", "effect"), ZERO_SUM)
def test_identified_effects_sum_to_zero(built, name: str, form: str, effect: str) -> None:
    model = built(name, form)
    values = draw([model[effect]])[effect]

    assert np.abs(values).max() > 1e-3
    sums_to_zero = abs(values.sum()) < 1e-9 * np.abs(values).sum()
    assert sums_to_zero == (form == "identified")


# ---- labels mean nothing ----


def unconstrained(model, values) -> dict:
    """The point of the sampler's space at which the free variables have these values."""
    import pytensor.tensor as pt

    point = {}
    for variable in model.free_RVs:
        transform = model.rvs_to_transforms[variable]
        value, name = values[variable.name], model.rvs_to_values[variable].name
        if transform is not None:
            value = transform.forward(pt.constant(value), *variable.owner.inputs).eval()
        point[name] = np.asarray(value)
    return point


def relabelled(table: pd.DataFrame) -> pd.DataFrame:
    """The same measurements: rows shuffled, and the labels of every dim in another order."""
    shuffled = table.sample(frac=1, random_state=5).reset_index(drop=True)
    rng = np.random.default_rng(6)
    return shuffled.assign(
        **{
            column: shuffled[column].cat.reorder_categories(
                rng.permutation(shuffled[column].cat.categories), ordered=True
            )
            for column in DIM_COLUMNS.values()
        }
    )


@pytest.mark.parametrize("table", ["balanced", "unbalanced"])
@variants
def test_the_order_of_labels_and_rows_changes_nothing(built, tables, name, form, table) -> None:
    """The log-density at values that follow their labels is the same."""
    covariates = MODELS[name].covariates
    screen = Screen.from_table(tables[table], covariates)
    other = Screen.from_table(relabelled(tables[table]), covariates)
    assert other.labels["sgrna"] != screen.labels["sgrna"]

    model, twin = built(name, form, screen=screen), built(name, form, screen=other)
    values = draw(model.free_RVs)
    moved = {}
    for variable, value in values.items():
        for dim in model.named_vars_to_dims.get(variable, ()):
            value = value[[screen.labels[dim].index(label) for label in other.labels[dim]]]
        moved[variable] = value

    density = model.compile_logp(mode="FAST_COMPILE")(unconstrained(model, values))
    of_twin = twin.compile_logp(mode="FAST_COMPILE")(unconstrained(twin, moved))
    assert of_twin == pytest.approx(density, rel=1e-9)


# ---- partially centred effects are what they say ----


class Pooling:
    """A stand-in for a linear predictor whose data decide a share c of each element."""

    def __init__(self, shares) -> None:
        self.shares = np.asarray(shares, dtype=float)

    def term(self, effect: str) -> Term:
        return Term(effect, ("gene",))

    def dims(self, effect: str) -> tuple[str, ...]:
        return ("gene",)

    def pooling(self, effect: str) -> np.ndarray:
        return self.shares


GENES = {"gene": ["A", "B", "C"]}
SHARES = [[0.0, 0.0, 0.0], [0.2, 0.5, 0.9], [0.8, 0.8, 0.8]]


def partially_centred(declare, shares):
    import pymc as pm

    with pm.Model(coords=GENES) as model:
        mu, sigma = pm.Normal("mu"), pm.HalfNormal("sigma")
        declare(mu, sigma, Pooling(shares))
    return model


def value_of(name: str, model, point) -> np.ndarray:
    variable = model.replace_rvs_by_values([model[name]])
    function = model.compile_fn(
        variable, inputs=model.value_vars, mode="FAST_COMPILE", on_unused_input="ignore"
    )
    return function(point)[0]


@pytest.mark.parametrize("shares", SHARES)
@pytest.mark.parametrize(("mu", "sigma"), [(-1.5, 0.3), (0.4, 2.0)])
def test_a_partially_centred_normal_is_that_normal(shares, mu: float, sigma: float) -> None:
    """By change of variables: log p(z) = log N(x(z) | mu, sigma) + sum of log dx/dz."""
    model = partially_centred(lambda *given: effects.normal("x", *given), shares)
    z = np.array([-0.7, 0.1, 1.9])
    point = {"mu": mu, "sigma_log__": np.log(sigma), "x_z": z}
    x = value_of("x", model, point)

    log_density = model.compile_logp(vars=[model["x_z"]], mode="FAST_COMPILE")(point)
    slope = sigma ** (1 - np.array(shares))
    expected = stats.norm.logpdf(x, mu, sigma).sum() + np.log(slope).sum()
    assert log_density == pytest.approx(expected, rel=1e-10)
    if shares[0] == 0:
        assert x == pytest.approx(mu + sigma * z)


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("sigma", [0.3, 2.0])
def test_a_partially_centred_zero_sum_normal_is_that_one(share: float, sigma: float) -> None:
    """ZeroSumNormal of n elements has density N(x | 0, sigma) in n - 1 dimensions."""
    model = partially_centred(
        lambda mu, *given: effects.zero_sum_normal("x", *given), np.full(3, share)
    )
    z = np.array([-0.7, 0.1, 0.6])
    point = unconstrained(model, {"mu": 0.0, "sigma": sigma, "x_z": z})
    x = value_of("x", model, point)
    log_density = model.compile_logp(vars=[model["x_z"]], mode="FAST_COMPILE")(point)

    assert x == pytest.approx(sigma ** (1 - share) * z)
    density_of_x = -np.log(2 * np.pi * sigma**2) - np.sum(x**2) / (2 * sigma**2)
    assert log_density == pytest.approx(density_of_x + 2 * (1 - share) * np.log(sigma), rel=1e-8)


@pytest.mark.parametrize("name", MODELS)
def test_the_graph_is_a_picture_of_every_variable(screen_for, parameters, name: str) -> None:
    import xml.etree.ElementTree as ET

    from partialpool.models.graph import model_svg

    priors = parameters.modeling[name].priors
    svg = model_svg(MODELS[name], screen_for(name), priors, "identified")

    assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    for term in MODELS[name].terms:
        assert term.effect in svg


def test_settings_of_an_unpublished_form_are_refused(read_conf) -> None:
    raw = read_conf()["modeling"]["mutation"] | {"parametrization": "published"}
    with pytest.raises(ValueError, match="has parametrization identified; got 'published'"):
        FitSettings.model_validate(raw)


def test_settings_of_an_unknown_model_are_refused(read_conf) -> None:
    raw = read_conf()["modeling"]["gene"] | {"model": "genes"}
    with pytest.raises(ValueError, match=r"must be one of gene, .*input_value='genes'"):
        FitSettings.model_validate(raw)


def test_the_stand_in_has_what_the_predictor_has() -> None:
    """So that the tests above go through the interface that the models use."""
    from partialpool.models.predictor import LinearPredictor

    stand_in = {name for name in vars(Pooling) if not name.startswith("_")}
    assert stand_in <= set(dir(LinearPredictor))


def test_an_effect_that_the_data_decide_is_sampled_as_it_is() -> None:
    model = partially_centred(lambda *given: effects.normal("x", *given), [0.9, 0.95, 1.0])
    assert {variable.name for variable in model.free_RVs} == {"mu", "sigma", "x"}
