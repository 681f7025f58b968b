"""What every declared model promises, checked on each of them in each parametrization."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from example_models import gene_in_line
from partialpool.defaults import default
from partialpool.errors import ScreenError
from partialpool.inference.effects import element_labels
from partialpool.inference.fit_settings import FitSettings
from partialpool.models import LABEL_COLUMNS, MODELS, Model
from partialpool.models.build import build
from partialpool.models.cell_line import LINE
from partialpool.models.effects import ZERO, ZERO_SUM, DeclarationError, Effect
from partialpool.models.graph import model_svg
from partialpool.models.mutation import MUTATION
from partialpool.models.priors import HalfNormal, Normal
from partialpool.models.sgrna_in_gene import GUIDE
from partialpool.screen import COVARIATE_SOURCES, Screen, dim_column


@pytest.fixture(scope="module")
def view(tables):
    """The view that a model takes of a table."""
    return lambda model, table="balanced": model.view(tables[table])


def test_the_registry_names_every_model_as_it_names_itself(parameters) -> None:
    assert {name: spec.name for name, spec in MODELS.items()} == {name: name for name in MODELS}
    assert set(MODELS) <= set(parameters.modeling)


def test_dims_and_labels_are_those_of_the_screen(variant, view) -> None:
    model, form, priors = variant
    screen = view(model)
    built = build(model, screen, priors, form)

    found = {dim: list(labels) for dim, labels in built.coords.items() if dim != "measurement"}
    assert found == screen.coords
    assert len(built.coords["measurement"]) == screen.n_rows
    for variable in built.unobserved_RVs:
        dims = built.named_vars_to_dims.get(variable.name, ())
        assert len(dims) == variable.ndim, f"{variable.name} has an axis without a name"
        assert tuple(variable.shape.eval()) == screen.shape(dims)


def test_the_model_is_the_textbook_one(variant, view) -> None:
    """One variable for each parameter and effect, and the measurements; no Potential."""
    model, form, priors = variant
    built = build(model, view(model), priors, form)
    declared = [v.name for v in (*model.scalars(form), *model.populations(form))]
    assert sorted(v.name for v in built.free_RVs) == sorted(declared)
    assert [v.name for v in built.observed_RVs] == ["lfc"]
    assert built.potentials == built.deterministics == []
    for effect in model.populations(form):
        assert built.named_vars_to_dims[effect.name] == effect.dims


def test_the_equations_name_every_effect(variant) -> None:
    """The docstring's equations have the symbol of each effect and of its parameters."""
    model, form, _ = variant
    for effect in model.populations(form):
        assert effect.symbol
        assert effect.symbol.partition("_")[0] in model.doc
        for prior in effect.priors:
            kind = r"\sigma" if prior == effect.sd else r"\mu"
            assert f"{kind}_{effect.hyper_symbol}" in model.doc


@pytest.mark.parametrize("name", MODELS)
def test_priors_are_the_default_numbers_and_what_differs_from_them(read_conf, name: str) -> None:
    raw = read_conf()["modeling"][name]
    settings = FitSettings.model_validate(raw)
    changed = FitSettings.model_validate(raw | {"priors": {"mu_gene": {"sigma": 0.25}}})

    assert raw["priors"] == {}
    assert type(settings.priors) is MODELS[name].Priors
    assert settings.priors.model_dump() == default(f"priors.{name}")
    assert changed.priors.mu_gene.sigma == 0.25
    assert changed.priors.mu_gene.mu == settings.priors.mu_gene.mu
    assert changed.priors.sigma == settings.priors.sigma
    again = FitSettings.model_validate_json(settings.model_dump_json())
    assert again == settings


@pytest.mark.parametrize("name", MODELS)
def test_settings_reach_a_worker_process_whole(parameters, name: str) -> None:
    import pickle

    settings = parameters.modeling[name]
    assert pickle.loads(pickle.dumps(settings)) == settings


@pytest.mark.parametrize("name", MODELS)
def test_a_covariate_is_needed_only_by_the_models_that_use_it(balanced_table, name) -> None:
    model = MODELS[name]
    sources = {COVARIATE_SOURCES[covariate] for covariate in model.covariates}
    model.view(balanced_table.drop(columns=set(COVARIATE_SOURCES) - set(model.covariates)))
    for covariate in COVARIATE_SOURCES:
        poorer = balanced_table.drop(columns=covariate)
        if COVARIATE_SOURCES[covariate] not in sources:
            assert model.view(poorer).n_rows == len(poorer)
        else:
            with pytest.raises(ScreenError, match=COVARIATE_SOURCES[covariate]):
                model.view(poorer)


def test_rows_without_a_label_are_left_out_and_counted(any_model, balanced_table) -> None:
    """Of a dim that only some models have; code -1 would be the last label."""
    model, _ = any_model["lineage"]
    line = balanced_table["depmap_id"].iloc[0]
    unknown = balanced_table.assign(
        lineage=balanced_table["lineage"].mask(balanced_table["depmap_id"] == line)
    )
    screen, n_lost = model.view(unknown), int((balanced_table["depmap_id"] == line).sum())

    assert screen.n_left_out == n_lost > 0
    assert screen.n_rows == len(balanced_table) - n_lost
    assert line not in screen.labels["cell_line"]
    assert all(np.all(codes >= 0) for codes in screen.codes.values())
    assert MODELS["cell_line"].view(unknown).n_left_out == 0


def test_a_new_dim_changes_the_data_of_the_models_that_have_it_only(any_model, tables) -> None:
    with_lineage, _ = any_model["lineage"]
    table, hashes = tables["balanced"], {}
    for name, labels in (("before", table["lineage"]), ("after", table["sgrna"].astype(str))):
        renamed = table.assign(lineage=labels.iloc[0] if name == "after" else labels)
        hashes[name] = [
            model.view(renamed).content_hash for model in (with_lineage, MODELS["cell_line"])
        ]
    assert hashes["before"][0] != hashes["after"][0]
    assert hashes["before"][1] == hashes["after"][1]


def draw(variables, seed: int = 1):
    import pymc as pm

    names = [variable.name for variable in variables]
    return dict(zip(names, pm.draw(variables, random_seed=seed), strict=True))


def test_identified_effects_sum_to_zero(variant, view) -> None:
    model, form, priors = variant
    built = build(model, view(model), priors, form)
    for effect in model.populations(form):
        values = draw([built[effect.name]])[effect.name]
        assert np.abs(values).max() > 1e-3
        sums_to_zero = abs(values.sum()) < 1e-9 * np.abs(values).sum()
        assert sums_to_zero == (effect.mean is ZERO_SUM)


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


def relabelled(table: pd.DataFrame, model: Model) -> pd.DataFrame:
    """The same measurements: rows shuffled, and the labels of every dim in another order."""
    shuffled = table.sample(frac=1, random_state=5).reset_index(drop=True)
    rng = np.random.default_rng(6)
    return shuffled.assign(
        **{
            column: pd.Categorical(
                shuffled[column].astype(str),
                categories=rng.permutation(shuffled[column].astype(str).unique()),
                ordered=True,
            )
            for column in map(dim_column, model.dims)
        }
    )


@pytest.mark.parametrize("table", ["balanced", "unbalanced"])
def test_the_order_of_labels_and_rows_changes_nothing(variant, tables, table) -> None:
    """The log-density at values that follow their labels is the same."""
    model, form, priors = variant
    screen, other = model.view(tables[table]), model.view(relabelled(tables[table], model))
    assert other.labels["sgrna"] != screen.labels["sgrna"]

    built, twin = (build(model, one, priors, form) for one in (screen, other))
    values = draw(built.free_RVs)
    moved = {}
    for variable, value in values.items():
        for axis, dim in enumerate(built.named_vars_to_dims.get(variable, ())):
            order = [screen.labels[dim].index(label) for label in other.labels[dim]]
            value = np.take(value, order, axis)
        moved[variable] = value

    density = built.compile_logp(mode="FAST_COMPILE")(unconstrained(built, values))
    of_twin = twin.compile_logp(mode="FAST_COMPILE")(unconstrained(twin, moved))
    assert of_twin == pytest.approx(density, rel=1e-9)


# ---- partially centred effects are what they say ----


GENES = pd.DataFrame(
    {
        "hugo_symbol": ["A", "B", "C"],
        "sgrna": ["a", "b", "c"],
        "depmap_id": "1",
        "replicate_id": "1x",
        "lfc": 0.0,
    }
)
SHARES = [[0.0, 0.0, 0.0], [0.2, 0.5, 0.9], [0.8, 0.8, 0.8]]
PRIORS = {"mu": {"mu": 0.0, "sigma": 1.0}, "sd": {"sigma": 1.0}, "sigma": {"sigma": 1.0}}


def partially_centred(mean, shares):
    """A model of an effect x of three genes, whose elements are centred this far."""
    effect = Effect("x", over="gene", mean=mean, sd=HalfNormal("sd"))
    model = Model("test", doc="", summary="", mean=effect, sd=HalfNormal("sigma"))
    needed = {p.name: PRIORS[p.name] for p in model.scalars()}
    priors = model.Priors.model_validate(needed)
    return build(model, Screen.from_table(GENES), priors, centring={"x": np.array(shares)})


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
    model = partially_centred(Normal("mu"), shares)
    z = np.array([-0.7, 0.1, 1.9])
    point = {"mu": mu, "sd_log__": np.log(sigma), "sigma_log__": 0.0, "x_z": z}
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
    model = partially_centred(ZERO_SUM, np.full(3, share))
    z, sampled = np.array([-0.7, 0.1, 0.6]), "x" if share == 1 else "x_z"
    point = unconstrained(model, {"sd": sigma, "sigma": 1.0, sampled: z})
    x = value_of("x", model, point)
    log_density = model.compile_logp(vars=[model[sampled]], mode="FAST_COMPILE")(point)

    assert x == pytest.approx(sigma ** (1 - share) * z)
    density_of_x = -np.log(2 * np.pi * sigma**2) - np.sum(x**2) / (2 * sigma**2)
    assert log_density == pytest.approx(density_of_x + 2 * (1 - share) * np.log(sigma), rel=1e-8)


@pytest.mark.parametrize("name", MODELS)
def test_the_graph_is_a_picture_of_every_variable(screen_for, parameters, name: str) -> None:
    import xml.etree.ElementTree as ET

    priors = parameters.modeling[name].priors
    svg = model_svg(MODELS[name], screen_for(name), priors, "identified")

    assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    for term in MODELS[name].terms:
        assert term.effect in svg
    # As the equations have it, whatever form is sampled.
    assert "_z" not in svg.replace("gene_cn_z", "").replace("rna_expr_z", "")
    assert "Deterministic" not in svg


def test_the_graph_has_the_arrows_of_the_equations(screen_for, parameters) -> None:
    import re

    name = "sgrna_in_gene"
    priors = parameters.modeling[name].priors
    svg = model_svg(MODELS[name], screen_for(name), priors, "identified")
    arrows = re.findall(r"<title>(\w+)(?:&#45;|-)&gt;(\w+)</title>", svg)
    assert sorted(arrows) == [
        ("gene_effect", "sgrna_effect"),
        ("mu_gene", "gene_effect"),
        ("sgrna_effect", "lfc"),
        ("sigma", "lfc"),
        ("sigma_gene", "gene_effect"),
        ("sigma_sgrna", "sgrna_effect"),
    ]


def test_settings_of_an_unpublished_form_are_refused(read_conf) -> None:
    raw = read_conf()["modeling"]["mutation"] | {"parametrization": "published"}
    with pytest.raises(ValueError, match="has parametrization identified; got 'published'"):
        FitSettings.model_validate(raw)


def test_settings_of_an_unknown_model_are_refused(read_conf) -> None:
    raw = read_conf()["modeling"]["gene"] | {"model": "genes"}
    with pytest.raises(ValueError, match=r"must be one of gene, .*input_value='genes'"):
        FitSettings.model_validate(raw)


def test_an_effect_that_is_centred_is_sampled_as_it_is() -> None:
    model = partially_centred(Normal("mu"), [1.0, 1.0, 1.0])
    assert {variable.name for variable in model.free_RVs} == {"mu", "sd", "sigma", "x"}


N_DRAWS = 4_000


@pytest.mark.parametrize("shares", [*SHARES, [1.0, 1.0, 1.0]])
def test_every_element_is_normal_about_the_mean_of_its_population(shares) -> None:
    """However far it is centred: (x - mu) / sd is standard normal."""
    import pymc as pm

    model = partially_centred(Normal("mu"), shares)
    x, mu, sd = pm.draw([model["x"], model["mu"], model["sd"]], draws=N_DRAWS, random_seed=1)
    z = (x - mu[:, None]) / sd[:, None]
    assert z.mean(axis=0) == pytest.approx([0.0] * 3, abs=5 / np.sqrt(N_DRAWS))
    assert z.std(axis=0) == pytest.approx([1.0] * 3, abs=5 / np.sqrt(2 * N_DRAWS))


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_zero_sum_effects_sum_to_zero_and_have_their_spread(share: float) -> None:
    """Three normals less their mean have standard deviation sd sqrt(2 / 3)."""
    import pymc as pm

    model = partially_centred(ZERO_SUM, np.full(3, share))
    x, sd = pm.draw([model["x"], model["sd"]], draws=N_DRAWS, random_seed=1)
    assert x.sum(axis=1) == pytest.approx(np.zeros(N_DRAWS), abs=1e-9)
    z = x / sd[:, None]
    assert z.std(axis=0) == pytest.approx([np.sqrt(2 / 3)] * 3, abs=5 / np.sqrt(2 * N_DRAWS))


SD, NOISE = HalfNormal("sd"), HalfNormal("sigma")


@pytest.mark.parametrize(
    ("effect", "said"),
    [
        ({"over": "gene cell_line", "mean": ZERO_SUM}, "one dim for an effect that sums to zero"),
        ({"over": ""}, "one dim, or several different dims"),
        ({"over": "gene gene"}, "one dim, or several different dims"),
        ({"mean": "zero"}, "a prior, an effect, ZERO or ZERO_SUM as mean"),
        ({"sd": Normal("sd")}, "Normal for sd"),
        ({"along": "is_mutatd"}, "x along is_mutatd"),
    ],
)
def test_what_is_no_effect_is_refused(effect: dict, said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        Effect("x", **({"over": "gene", "mean": ZERO, "sd": SD} | effect))


@pytest.mark.parametrize(
    ("forms", "said"),
    [
        ([GUIDE + LINE + LINE], "each effect only once"),
        (
            [GUIDE + dataclasses.replace(LINE, sd=HalfNormal("sigma_sgrna"))],
            "two different ones called sigma_sgrna in",
        ),
        ([GUIDE + LINE, LINE + GUIDE], "in the same order, in both"),
        (
            [GUIDE + dataclasses.replace(LINE, name="sgrna_effect")],
            "two different ones called sgrna_effect in",
        ),
    ],
)
def test_what_is_no_model_is_refused(forms: list, said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        Model("m", "", "", forms[0], NOISE, *forms[1:])


def test_predictors_add_up_in_any_grouping() -> None:
    assert GUIDE + (LINE + MUTATION) == (GUIDE + LINE) + MUTATION


@pytest.mark.parametrize("name", MODELS)
def test_every_registered_model_ranks_genes(name: str) -> None:
    assert "gene_effect" in {effect.name for effect in MODELS[name].populations()}
    with pytest.raises(DeclarationError, match=r"one of .*gene_effect"):
        MODELS[name].effect("foo")


def test_elements_that_sum_to_zero_are_centred_alike() -> None:
    with pytest.raises(ValueError, match="one value of centring for x"):
        partially_centred(ZERO_SUM, [0.1, 0.2, 0.3])


@pytest.mark.parametrize("name", [model.name for model in (*MODELS.values(), gene_in_line.MODEL)])
def test_labels_of_every_effect_survive_the_table_of_effects(any_model, view, name) -> None:
    """Every dim has its column, which CSV files keep as text."""
    from partialpool.datasets.files import TEXT

    model, _ = any_model[name]
    screen = view(model)
    for effect in model.populations():
        table = element_labels(screen, effect.name, effect.dims)
        columns = [dim_column(dim) for dim in effect.dims]
        assert not table[columns].isna().any().any()
        assert not table.duplicated(columns).any()
        assert {*columns, *LABEL_COLUMNS} <= set(TEXT)
