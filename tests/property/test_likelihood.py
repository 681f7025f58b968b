"""The likelihood's two forms have one meaning, for any design and for every model."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partialpool.models import MODELS
from partialpool.models.likelihood import observe_lfc
from partialpool.models.predictor import LinearPredictor
from partialpool.models.statistics import gather
from partialpool.models.terms import Term, design_matrix
from partialpool.screen import Screen

VARIANTS = [(name, form) for name, spec in MODELS.items() for form in spec.parametrizations]

# The machine may be busy, so no deadline.
relaxed = settings(deadline=None, max_examples=50)

TERMS = (
    Term("sgrna_effect", ("sgrna",)),
    Term("cell_line_effect", ("cell_line",)),
    Term("gene_line_effect", ("gene", "cell_line")),
    Term("rna_effect", ("gene",), covariate="rna_expr_z"),
    Term("mutation_effect", ("gene",), covariate="is_mutated"),
)


@st.composite
def screens(draw) -> Screen:
    """Any small screen: guides seen or not in a line, once or more often, at any scale."""
    n_rows = draw(st.integers(2, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    guide = rng.integers(0, draw(st.integers(2, 12)), n_rows)
    guide[:2] = 0, 1  # of two genes
    line = rng.integers(0, draw(st.integers(1, 6)), n_rows)
    scale = draw(st.sampled_from([1e-3, 1.0, 1e3]))
    table = pd.DataFrame(
        {
            "hugo_symbol": [f"gene{g % 3}" for g in guide],
            "sgrna": [f"guide{g}" for g in guide],
            "depmap_id": [f"line{c}" for c in line],
            "replicate_id": [f"{i}" for i in range(n_rows)],
            "lfc": rng.normal(draw(st.floats(-10, 10)), 1, n_rows) * scale,
            "rna_expr_z": rng.normal(size=n_rows),
            "is_mutated": rng.random(n_rows) < 0.2,
        }
    )
    return Screen.from_table(table, ["rna_expr_z", "is_mutated"])


@relaxed
@given(screens(), st.lists(st.sampled_from(TERMS), min_size=1, unique=True), st.integers(1, 50))
def test_the_sum_of_squares_is_exact_for_any_design(screen, terms, chunk_rows) -> None:
    terms = tuple(terms)
    statistics = gather(screen, terms, chunk_rows)
    design = design_matrix(screen, terms).toarray()
    theta = np.random.default_rng(0).normal(size=design.shape[1]) * np.abs(screen.lfc).max()

    expected = float(np.sum((screen.lfc - design @ theta) ** 2))
    assert statistics.sum_of_squares(theta) == pytest.approx(expected, rel=1e-10)


def density(model):
    """Log-density and gradient of a model at a vector of its unconstrained values."""
    function = model.logp_dlogp_function(ravel_inputs=True, mode="FAST_COMPILE")
    function.set_extra_values({})
    return function


def points(size: int, n: int = 5) -> np.ndarray:
    """Random points at which standard deviations, on the log scale, are within e^-2 and e^2."""
    return np.random.default_rng(9).normal(0, 0.7, (n, size)).clip(-2, 2)


@pytest.mark.parametrize("table", ["balanced", "unbalanced"])
@pytest.mark.parametrize(("name", "form"), VARIANTS)
def test_both_forms_have_one_density_and_one_gradient(
    screen_for, parameters, name: str, form: str, table: str
) -> None:
    """They sum the same terms in another order, so they differ by rounding only."""
    spec, priors = MODELS[name], parameters.modeling[name].priors
    screen = screen_for(name, table)
    models = [spec.build(screen, priors, form, kind) for kind in ("sufficient", "rowwise")]
    size = sum(value.size for value in models[0].initial_point().values())
    sufficient, rowwise = map(density, models)
    for point in points(size):
        value, gradient = sufficient(point)
        value_by_rows, gradient_by_rows = rowwise(point)
        assert value == pytest.approx(value_by_rows, rel=1e-11)
        scale = np.abs(gradient_by_rows).max()
        assert np.allclose(gradient, gradient_by_rows, rtol=1e-9, atol=1e-10 * scale)


@pytest.mark.parametrize("table", ["balanced", "unbalanced"])
def test_an_interaction_fits_either_form(tables, table: str) -> None:
    """A gene x cell-line effect, which no model has yet, needs no new code."""
    import pymc as pm

    screen = Screen.from_table(tables[table])
    predictor = LinearPredictor(screen, TERMS[:3])

    def build(likelihood: str) -> pm.Model:
        with pm.Model(coords=screen.coords) as model:
            for term in predictor.terms:
                pm.Normal(term.effect, dims=term.dims)
            observe_lfc(predictor, pm.HalfNormal("sigma"), likelihood)
        return model

    sufficient, rowwise = density(build("sufficient")), density(build("rowwise"))
    for point in points(len(predictor.statistics.reference) + 1):
        value, gradient = sufficient(point)
        value_by_rows, gradient_by_rows = rowwise(point)
        assert value == pytest.approx(value_by_rows, rel=1e-11)
        assert np.allclose(gradient, gradient_by_rows, rtol=1e-9)


def test_the_likelihood_is_the_normal_density_by_scipy(screen_for, parameters) -> None:
    """The constant is there too, so that log-densities can be compared between data sets."""
    from scipy import stats

    screen = screen_for("gene")
    spec, priors = MODELS["gene"], parameters.modeling["gene"].priors
    model = spec.build(screen, priors, "identified", "sufficient")
    effects = np.linspace(-1, 1, 6)
    by_variable = model.compile_logp(vars=model.potentials, mode="FAST_COMPILE")
    point = {
        "mu_gene": 0.0,
        "sigma_gene_log__": 0.0,
        "gene_effect": effects,
        "sigma_log__": np.log(0.7),
    }
    expected = stats.norm.logpdf(screen.lfc, effects[screen.codes["gene"]], 0.7).sum()
    assert by_variable(point) == pytest.approx(expected, rel=1e-12)
