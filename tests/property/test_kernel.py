"""The kernel has the density of the PyMC model, whatever the model, the table and the centring."""

import threading

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partialpool.inference.centring import choose_centring
from partialpool.inference.density import SHARED_ROWS
from partialpool.inference.kernel import _block, make_kernel
from partialpool.inference.statistics import gather
from partialpool.models.build import build
from partialpool.models.terms import Term, design_matrix
from partialpool.screen import Screen

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


def pymc_density(model):
    """Log density and gradient of a PyMC model at a vector of its unconstrained values."""
    function = model.logp_dlogp_function(ravel_inputs=True, mode="FAST_COMPILE")
    function.set_extra_values({})
    return function


def points(size: int, n: int = 4) -> np.ndarray:
    """Random points at which standard deviations, on the log scale, are within e^-2 and e^2."""
    return np.random.default_rng(9).normal(0, 0.7, (n, size)).clip(-2, 2)


def random_centring(model, screen: Screen, form: str) -> dict[str, np.ndarray]:
    """Any c in steps of 0.1; one c for an effect that sums to zero."""
    rng, chosen = np.random.default_rng(3), {}
    for effect in model.populations(form):
        c = rng.integers(0, 11, screen.size(effect.dims)) / 10
        chosen[effect.name] = c if effect.name not in model.zero_sum else np.full_like(c, c[0])
    return chosen


CENTRINGS = {
    "as the equations say": lambda model, screen, form: {},
    "as the data call for": lambda model, screen, form: choose_centring(
        model, screen, gather(screen, model.terms)
    ),
    "at random": random_centring,
}


@pytest.mark.parametrize("centring", CENTRINGS)
@pytest.mark.parametrize("table", ["balanced", "unbalanced"])
def test_kernel_and_pymc_have_one_density_and_one_gradient(
    variant, tables, table: str, centring: str
) -> None:
    """They sum the same terms in another order, so they differ by rounding and a constant."""
    model, form, priors = variant
    screen = model.view(tables[table])
    c = CENTRINGS[centring](model, screen, form)
    kernel = make_kernel(model, screen, priors, gather(screen, model.terms), form, c)
    pymc = pymc_density(build(model, screen, priors, form, c))

    constants = []
    for point in points(kernel.n_free):
        value, gradient = kernel.log_density(point)
        by_rows, gradient_by_rows = pymc(point)
        constants.append(value - by_rows)
        scale = np.abs(gradient_by_rows).max()
        assert np.allclose(gradient, gradient_by_rows, rtol=1e-9, atol=1e-10 * scale)
    assert np.ptp(constants) <= 1e-10 * abs(by_rows)


@pytest.mark.parametrize("table", ["balanced", "unbalanced"])
def test_the_kernel_names_the_values_that_pymc_has_at_a_point(variant, tables, table: str) -> None:
    import pymc as pm

    model, form, priors = variant
    screen = model.view(tables[table])
    c = random_centring(model, screen, form)
    kernel = make_kernel(model, screen, priors, gather(screen, model.terms), form, c)
    built = build(model, screen, priors, form, c)
    (point,) = points(kernel.n_free, 1)

    found = {name: values[0] for name, values in kernel.expand(point[None]).items()}
    start, at = 0, {}
    for name, value in built.initial_point().items():
        at[name] = point[start : start + value.size].reshape(value.shape)
        start += value.size
    wanted = [built[name] for name in found]
    values = built.compile_fn(
        built.replace_rvs_by_values(wanted),
        inputs=built.value_vars,
        mode="FAST_COMPILE",
        on_unused_input="ignore",
    )(at)
    assert isinstance(built, pm.Model)
    for (name, ours), theirs in zip(found.items(), values, strict=True):
        assert ours.shape == theirs.shape
        assert np.allclose(ours, theirs, rtol=1e-10, atol=1e-12), name


def test_guides_of_a_balanced_screen_share_one_row(screen_for) -> None:
    """Every guide is in every replicate, so all have the same counts of rows in lines."""
    screen = screen_for("cell_line")
    terms = TERMS[:2]
    statistics = gather(screen, terms)
    spans = list(statistics.spans.values())
    how, n_patterns, pattern, rows = _block(statistics.gram[spans[0], spans[1]].tocsr())

    assert (how, n_patterns) == (SHARED_ROWS, 1)
    assert pattern.tolist() == [0] * len(screen.labels["sgrna"])
    assert rows.tolist() == [2.0] * len(screen.labels["cell_line"])  # replicates of each line


def test_a_point_that_is_no_number_is_told(screen_for, parameters) -> None:
    """An overflow ends a trajectory; it must not be taken for a density."""
    from partialpool.models import MODELS

    model, screen = MODELS["gene"], screen_for("gene")
    statistics = gather(screen, model.terms)
    kernel = make_kernel(model, screen, parameters.modeling["gene"].priors, statistics)
    value, _ = kernel.log_density(np.full(kernel.n_free, -1e3))
    assert not np.isfinite(value)


def test_the_kernel_gives_the_same_bits_in_any_thread(screen_for, parameters) -> None:
    """A sampler amplifies a last bit to another chain, so a gradient must not depend on others."""
    from partialpool.models import MODELS

    model, screen = MODELS["cell_line"], screen_for("cell_line", "unbalanced")
    priors = parameters.modeling["cell_line"].priors
    (point,) = points(make_kernel(model, screen, priors, gather(screen, model.terms)).n_free, 1)
    found: list[bytes] = []

    def evaluate() -> None:
        kernel = make_kernel(model, screen, priors, gather(screen, model.terms))
        found.extend(kernel.log_density(point)[1].tobytes() for _ in range(200))

    threads = [threading.Thread(target=evaluate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 800
    assert len(set(found)) == 1
