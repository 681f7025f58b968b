"""What an estimate is held to: planted values on the scale that the model can see."""

import numpy as np
import pandas as pd
import pytest

from partialpool.inference.recovery import coverage, recovery_table, true_values
from partialpool.models import MODELS, Model
from partialpool.models.effects import Effect
from partialpool.models.mutation import MUTATION
from partialpool.models.priors import HalfNormal
from partialpool.models.sgrna_in_gene import GUIDE

PLANTED = [
    ("gene_effect", "A", None, None, -0.5),
    ("gene_effect", "B", None, None, 0.5),
    ("sgrna_effect", "A", "a1", None, -1.0),
    ("sgrna_effect", "A", "a2", None, 0.0),
    ("sgrna_effect", "B", "b1", None, 0.7),
    ("cell_line_effect", None, None, "L1", 0.1),
    ("cell_line_effect", None, None, "L2", 0.5),
    ("mutation_effect", "A", None, None, -0.8),
    ("mutation_effect", "B", None, None, 0.25),
    ("mu_gene", None, None, None, -0.2),
    ("sigma_gene", None, None, None, 0.4),
    ("sigma_sgrna", None, None, None, 0.3),
    ("sigma", None, None, None, 0.6),
]


def truth(**changes: float) -> pd.DataFrame:
    """Return the planted values; an effect or population can be set to another value."""
    table = pd.DataFrame(
        PLANTED, columns=["parameter", "hugo_symbol", "sgrna", "depmap_id", "value"]
    )
    for name, value in changes.items():
        table.loc[table["parameter"] == name, "value"] = value
    return table


def balanced(mutated: dict[str, str] | None = None) -> pd.DataFrame:
    """Three guides in two lines, once each; ``mutated`` is gene -> line."""
    rows = [
        (gene, sgrna, line, f"{line}_1", 0.0, (mutated or {}).get(gene) == line)
        for gene, sgrna in (("A", "a1"), ("A", "a2"), ("B", "b1"))
        for line in ("L1", "L2")
    ]
    columns = ["hugo_symbol", "sgrna", "depmap_id", "replicate_id", "lfc", "is_mutated"]
    return pd.DataFrame(rows, columns=columns)


def seen(model: str, planted: pd.DataFrame, table: pd.DataFrame, form: str = "identified"):
    values = true_values(planted, table, MODELS[model], form)
    assert values["parameter"].is_unique
    return values.set_index("parameter")["true_value"].to_dict()


def test_a_level_that_is_not_in_the_lines_is_in_the_guides() -> None:
    """The lines' planted mean is 0.3: identified, they lose it and everything else gains it."""
    found = seen("cell_line", truth(mutation_effect=0.0), balanced())
    expected = {
        "cell_line_effect[L1]": -0.2,
        "cell_line_effect[L2]": 0.2,
        "sgrna_effect[a1]": -0.7,
        "sgrna_effect[a2]": 0.3,
        "sgrna_effect[b1]": 1.0,
        "gene_effect[A]": -0.2,
        "gene_effect[B]": 0.8,
        "mu_gene": 0.1,
        "sigma_gene": 0.4,
        "sigma_sgrna": 0.3,
        "sigma": 0.6,
    }
    assert found == pytest.approx(expected, abs=1e-9)


def test_as_published_everything_is_as_planted() -> None:
    found = seen("cell_line", truth(mutation_effect=0.0), balanced(), "published")
    planted = {
        "cell_line_effect[L1]": 0.1,
        "cell_line_effect[L2]": 0.5,
        "sgrna_effect[a1]": -1.0,
        "sgrna_effect[b1]": 0.7,
        "gene_effect[A]": -0.5,
        "mu_gene": -0.2,
        "sigma": 0.6,
    }
    assert {name: found[name] for name in planted} == pytest.approx(planted, abs=1e-9)


def test_lines_that_a_model_lacks_are_its_noise() -> None:
    """Each guide gains the lines' mean, 0.3, and the lines' +-0.2 adds 0.04 to the variance."""
    found = seen("sgrna_in_gene", truth(mutation_effect=0.0), balanced())
    expected = {"sgrna_effect[a1]": -0.7, "sgrna_effect[b1]": 1.0, "gene_effect[A]": -0.2}
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-9)
    assert found["mu_gene"] == pytest.approx(0.1)
    assert found["sigma"] == pytest.approx(np.sqrt(0.36 + 0.04))
    assert not any(name.startswith("cell_line") for name in found)


def test_a_mutation_that_a_model_lacks_is_in_its_guides_and_its_noise() -> None:
    """A is mutated in L1: its guides gain -0.8 / 2, and +-0.4 in 4 of 6 rows adds 0.32 / 3."""
    found = seen("sgrna_in_gene", truth(cell_line_effect=0.0), balanced({"A": "L1"}))
    expected = {
        "sgrna_effect[a1]": -1.4,
        "sgrna_effect[a2]": -0.4,
        "sgrna_effect[b1]": 0.7,
        "gene_effect[A]": -0.9,
        "gene_effect[B]": 0.5,
        "mu_gene": -0.4,
        "sigma": np.sqrt(0.36 + 4 / 6 * 0.16),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-9)


def test_a_mutation_that_a_model_has_is_as_planted() -> None:
    """B is mutated in no line, so no measurement knows its effect, which stays as planted."""
    found = seen("mutation", truth(cell_line_effect=0.0), balanced({"A": "L1"}))
    expected = {
        "mutation_effect[A]": -0.8,
        "mutation_effect[B]": 0.25,
        "sgrna_effect[a1]": -1.0,
        "gene_effect[A]": -0.5,
        "mu_gene": -0.2,
        "sigma": 0.6,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-9)


def test_elements_that_were_not_planted_are_as_the_effect_that_they_vary_around() -> None:
    """Mutations of A in L1, by line: the effect there is A's, and guides stay as planted."""
    in_line = Effect(
        "mutation_in_line_effect",
        over="gene cell_line",
        along="is_mutated",
        mean=MUTATION,
        sd=HalfNormal("sigma_mutation_in_line"),
    )
    model = Model("m", "", "", GUIDE + in_line, HalfNormal("sigma"))
    planted = truth(cell_line_effect=0.0)
    values = true_values(planted, balanced({"A": "L1"}), model, "identified")
    found = values.set_index("parameter")["true_value"].to_dict()
    expected = {
        "mutation_in_line_effect[A, L1]": -0.8,
        "mutation_effect[A]": -0.8,
        "mutation_effect[B]": 0.25,
        "sgrna_effect[a1]": -1.0,
        "gene_effect[A]": -0.5,
        "sigma": 0.6,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-9)


def test_a_gene_is_the_mean_of_its_guides_where_guides_are_not_told_apart() -> None:
    """A: -1 and 0, so -0.5, and +-0.5 in 4 of 6 rows is noise. B: 0.7.

    The spread of such gene means is not the planted sigma_gene, so that is left out.
    """
    found = seen("gene", truth(cell_line_effect=0.0, mutation_effect=0.0), balanced())
    assert found["gene_effect[A]"] == pytest.approx(-0.5)
    assert found["gene_effect[B]"] == pytest.approx(0.7)
    assert found["sigma"] == pytest.approx(np.sqrt(0.36 + 4 / 6 * 0.25))
    assert "sigma_gene" not in found


def test_rows_count_as_often_as_they_were_measured() -> None:
    """Gene A has guide a1 three times as often as a2, so its mean is -0.75."""
    table = balanced()
    more = pd.concat([table, *[table[table["sgrna"] == "a1"]] * 2], ignore_index=True)
    found = seen("gene", truth(cell_line_effect=0.0, mutation_effect=0.0), more)
    assert found["gene_effect[A]"] == pytest.approx(-0.75)


def test_estimates_stand_beside_what_they_should_be() -> None:
    planted = truth(mutation_effect=0.0, cell_line_effect=0.0)
    estimates = pd.DataFrame(
        {
            "parameter": ["gene_effect[A]", "sgrna_effect[a1]", "sigma", "something_else"],
            "mean": [-0.4, -0.8, 0.6, 0.0],
            "hdi_lower": [-0.6, -0.9, 0.5, -1.0],
            "hdi_upper": [-0.3, -0.7, 0.7, 1.0],
        }
    )
    model = MODELS["sgrna_in_gene"]
    found = recovery_table(estimates, planted, balanced(), model, "identified")
    found = found.set_index("parameter")

    assert set(found.index) == {"gene_effect[A]", "sgrna_effect[a1]", "sigma"}
    assert found.loc["gene_effect[A]", "error"] == pytest.approx(0.1)
    assert found["is_inside"].to_dict() == {
        "gene_effect[A]": True,
        "sgrna_effect[a1]": False,
        "sigma": True,
    }


def test_coverage_counts_by_effect_and_over_all() -> None:
    table = pd.DataFrame(
        {"effect": ["gene_effect"] * 4 + ["population"], "is_inside": [1, 1, 0, 1, 0]}
    ).astype({"is_inside": bool})
    found = coverage(table, 0.89).set_index("effect")

    assert found.index.tolist() == ["gene_effect", "population", "all"]
    assert found["n"].tolist() == [4, 1, 5]
    assert found["n_inside"].tolist() == [3, 0, 3]
    assert found["share_inside"].tolist() == [0.75, 0.0, 0.6]


@pytest.mark.parametrize(
    ("n_inside", "status"), [(14, "too few inside"), (16, "ok"), (19, "ok"), (21, "ok")]
)
def test_the_status_beside_a_count_is_of_that_count(n_inside: int, status: str) -> None:
    """16 to 21 of 21 lie inside: P(15 or fewer) = 2.2 %, P(16 or fewer) = 7.3 %."""
    table = pd.DataFrame({"effect": "population", "is_inside": np.arange(21) < n_inside})
    found = coverage(table, 0.89).iloc[0]

    assert (found["expected_low"], found["expected_high"]) == (16, 21)
    assert found["status"] == status


def test_all_inside_are_too_many_where_chance_does_not_explain_it() -> None:
    """All of 100 lie inside intervals of 89 % once in 115,000 right fits."""
    table = pd.DataFrame({"effect": "gene_effect", "is_inside": [True] * 100})
    assert set(coverage(table, 0.89)["status"]) == {"too many inside"}


def test_the_simulations_truth_is_on_the_models_scale(simulated, balanced_table, tiny) -> None:
    """Without covariates the lines' planted mean moves to the guides, and nothing else does."""
    planted = simulated[1].copy()
    covariates = ["copy_number_effect", "mutation_effect", "rna_effect"]
    planted.loc[planted["parameter"].isin(covariates), "value"] = 0.0
    found = seen("cell_line", planted, balanced_table)

    lines = planted.query("parameter == 'cell_line_effect'").set_index("depmap_id")["value"]
    guides = planted.query("parameter == 'sgrna_effect'").set_index("sgrna")["value"]
    level = lines.mean()
    expected = {f"cell_line_effect[{line}]": value - level for line, value in lines.items()}
    expected |= {f"sgrna_effect[{guide}]": value + level for guide, value in guides.items()}
    assert len(expected) == 8 + 18
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-9)
    assert found["sigma"] == pytest.approx(tiny.simulation.depmap_screen.effects.sigma)
