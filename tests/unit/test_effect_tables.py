"""Tables of effects: every estimate stands beside its own labels."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from partialpool.inference.effects import effect_table, element_labels, information
from partialpool.models import MODELS
from partialpool.models.effects import ZERO, Effect
from partialpool.models.priors import HalfNormal
from partialpool.screen import Screen


@pytest.fixture
def screen() -> Screen:
    """Labels in an order that is not the alphabet's, as guides within genes are."""
    table = pd.DataFrame(
        {
            "hugo_symbol": ["ADAM", "ADAM", "KRAS", "KRAS"],
            "sgrna": ["TTT", "CCC", "GGG", "AAA"],
            "depmap_id": ["L2", "L1", "L2", "L1"],
            "replicate_id": ["L2_a", "L1_a", "L2_a", "L1_a"],
            "lfc": 0.0,
        }
    )
    return Screen.from_table(table)


def test_guides_stand_beside_their_own_gene(screen: Screen) -> None:
    found = element_labels(screen, "sgrna_effect", ("sgrna",))

    assert found["sgrna"].tolist() == ["TTT", "CCC", "GGG", "AAA"]
    assert found["hugo_symbol"].tolist() == ["ADAM", "ADAM", "KRAS", "KRAS"]
    assert found["depmap_id"].isna().all()
    assert found["parameter"].tolist() == [f"sgrna_effect[{g}]" for g in found["sgrna"]]


def test_an_interaction_is_labelled_as_arviz_names_it(screen: Screen) -> None:
    import arviz as az

    dims = ("sgrna", "cell_line")
    found = element_labels(screen, "effect", dims)
    draws = np.random.default_rng(0).normal(size=(2, 10, 4, 2))
    named = az.summary(
        az.from_dict({"effect": draws}, coords=screen.coords, dims={"effect": list(dims)}),
        kind="stats",
    )
    assert found["parameter"].tolist() == named.index.tolist()
    assert found["hugo_symbol"].tolist() == ["ADAM"] * 4 + ["KRAS"] * 4
    assert found["depmap_id"].tolist() == ["L2", "L1"] * 4


def test_estimates_are_joined_by_name_and_scalars_are_left_out(screen: Screen) -> None:
    names = ["sigma", "gene_effect[KRAS]", "gene_effect[ADAM]"]
    columns = ["mean", "sd", "hdi_lower", "hdi_upper", "ess_bulk", "ess_tail", "r_hat"]
    numbers = np.arange(21.0).reshape(3, 7)
    convergence = pd.DataFrame(numbers, columns=columns).assign(parameter=names)
    posterior = xr.Dataset(
        {
            "sigma": (("chain", "draw"), np.ones((1, 1))),
            "gene_effect": (("chain", "draw", "gene"), np.ones((1, 1, 2))),
        }
    )
    found = effect_table(convergence, posterior, screen, MODELS["gene"].populations())

    assert found["hugo_symbol"].tolist() == ["ADAM", "KRAS"]
    assert found["mean"].tolist() == [14.0, 7.0]
    assert found["effect"].unique().tolist() == ["gene_effect"]
    assert found["n_measurements"].tolist() == [2, 2]
    assert found["informed"].all()


@pytest.fixture
def with_covariates() -> Screen:
    """Five genes in two lines: A is mutated in one, B in both, C in none; of D and E one line."""
    genes = ["A", "A", "B", "B", "C", "C", "D", "E"]
    table = pd.DataFrame(
        {
            "hugo_symbol": genes,
            "sgrna": [gene.lower() for gene in genes],
            "depmap_id": ["L1", "L2", "L1", "L2", "L1", "L2", "L1", "L2"],
            "lfc": 0.0,
            "is_mutated": [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0],
            "rna_expr_z": [0.7, -0.7, 0.0, 0.0, 0.1, 0.2, 1.3, 0.0],
        }
    )
    table["replicate_id"] = table["depmap_id"] + "_a"
    return Screen.from_table(table, ("is_mutated", "rna_expr_z"))


def _slope(over: str, along: str | None) -> Effect:
    return Effect("some_effect", over=over, mean=ZERO, sd=HalfNormal("sigma_some"), along=along)


@pytest.mark.parametrize(
    ("over", "along", "n_measurements", "informed"),
    [
        ("gene", None, [2, 2, 2, 1, 1], [True] * 5),
        ("gene", "is_mutated", [1, 2, 0, 0, 1], [True, False, False, False, False]),
        ("gene", "rna_expr_z", [2, 0, 2, 0, 0], [True, False, True, False, False]),
        ("cell_line", "is_mutated", [2, 2], [True, True]),
        ("gene cell_line", None, [1, 1, 1, 1, 1, 1, 1, 0, 0, 1], [True] * 7 + [False] * 2 + [True]),
        ("gene cell_line", "rna_expr_z", [0] * 10, [False] * 10),
    ],
)
def test_an_effect_is_informed_where_its_covariate_varies(
    with_covariates: Screen, over: str, along: str, n_measurements: list, informed: list
) -> None:
    """Of a gene that is mutated everywhere, no measurement says what it does unmutated."""
    found = information(with_covariates, _slope(over, along))
    assert found["n_measurements"].tolist() == n_measurements
    assert found["informed"].tolist() == informed
