"""The simulated gene x cell-line screen against the numbers that the notebook printed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from pydantic import ValidationError

from partialpool.simulation import ExpressionScreenSettings, simulate_expression_screen

PARAMETERS = Path(__file__).parents[2] / "conf" / "base" / "parameters_simulation.yml"

PUBLISHED_ROWS = {
    0: ("geneA", "cellA", -1.187443, 7.516370),
    1: ("geneA", "cellB", 0.299138, -1.184598),
    2: ("geneA", "cellC", -0.947764, 1.945419),
    3: ("geneA", "cellD", -1.843382, -0.861100),
    4: ("geneA", "cellE", 0.810589, -6.491923),
    295: ("geneE", "cellP", 1.219362, 0.194254),
    296: ("geneE", "cellQ", -0.840481, -5.967522),
    297: ("geneE", "cellR", 0.607882, -0.719954),
    298: ("geneE", "cellS", 0.429605, 1.885927),
    299: ("geneE", "cellT", -1.014537, -1.022285),
}
PUBLISHED_GENE_EFFECT = [-2.249278, -1.260331, -0.616207, -1.385461, -2.085137]
PUBLISHED_RNA_EFFECT = [-2.634413, -2.892255, -0.558722, -2.201467, -1.305132]
PUBLISHED_CELL_LINE_EFFECT = [
    *(6.981657, 1.292379, 1.296947, -2.940034, -1.895896, 1.732326, -0.374273, 2.936844),
    *(4.784765, -3.605834, -4.129107, 3.163037, -0.116560, 2.040857, 3.987525, 3.850349),
    *(-5.274761, 1.842918, 4.549074, -0.587932),
]


@pytest.fixture
def numbers() -> dict[str, float]:
    return yaml.safe_load(PARAMETERS.read_text())["simulation"]["expression_screen"]


@pytest.fixture
def screen_and_truth(numbers) -> tuple[pd.DataFrame, pd.DataFrame]:
    return simulate_expression_screen(ExpressionScreenSettings(**numbers))


def planted(truth: pd.DataFrame, parameter: str, key: str) -> pd.Series:
    return truth[truth["parameter"] == parameter].set_index(key)["value"]


def residual(screen: pd.DataFrame, truth: pd.DataFrame) -> pd.Series:
    gene, cell_line = screen["hugo_symbol"].astype(str), screen["depmap_id"].astype(str)
    return (
        screen["lfc"]
        - gene.map(planted(truth, "gene_effect", "hugo_symbol"))
        - cell_line.map(planted(truth, "cell_line_effect", "depmap_id"))
        - gene.map(planted(truth, "rna_effect", "hugo_symbol")) * screen["rna_expr_z"]
    )


@pytest.mark.parametrize("row", PUBLISHED_ROWS)
def test_rows_equal_the_published_ones(screen_and_truth, row):
    gene, cell_line, rna, lfc = PUBLISHED_ROWS[row]
    simulated = screen_and_truth[0].loc[row]

    assert (simulated["hugo_symbol"], simulated["depmap_id"]) == (gene, cell_line)
    assert simulated["rna_expr_z"] == pytest.approx(rna, abs=5e-7)
    assert simulated["lfc"] == pytest.approx(lfc, abs=5e-7)


@pytest.mark.parametrize(
    ("parameter", "key", "published"),
    [
        ("gene_effect", "hugo_symbol", PUBLISHED_GENE_EFFECT),
        ("cell_line_effect", "depmap_id", PUBLISHED_CELL_LINE_EFFECT),
        ("rna_effect", "hugo_symbol", PUBLISHED_RNA_EFFECT),
    ],
)
def test_truth_equals_the_published_real_values(screen_and_truth, parameter, key, published):
    values = planted(screen_and_truth[1], parameter, key)

    np.testing.assert_allclose(values, published, atol=5e-7)


def test_noise_follows_the_notebook_draw_by_draw(screen_and_truth, numbers):
    rng = np.random.RandomState(numbers["seed"])
    rng.normal(size=5 + 20 + 5 + 100)
    draw_by_draw = [numbers["sigma"] * rng.normal() for _ in range(300)]

    np.testing.assert_allclose(residual(*screen_and_truth), draw_by_draw, atol=1e-12)


def test_truth_holds_the_hyperparameters(screen_and_truth, numbers):
    truth = screen_and_truth[1]
    scalars = truth[truth[["hugo_symbol", "sgrna", "depmap_id"]].isna().all(axis=1)]

    assert list(truth.columns) == ["parameter", "hugo_symbol", "sgrna", "depmap_id", "value"]
    assert dict(zip(scalars["parameter"], scalars["value"], strict=True)) == {
        name: numbers[name]
        for name in (
            *("mu_gene", "sigma_gene", "mu_cell_line", "sigma_cell_line"),
            *("mu_rna", "sigma_rna", "sigma"),
        )
    }


def test_screen_is_balanced_with_one_row_per_guide_and_replicate(screen_and_truth):
    screen, _ = screen_and_truth

    assert list(screen.columns) == [
        *("hugo_symbol", "depmap_id", "sgrna", "replicate_id", "lfc", "rna_expr_z")
    ]
    assert (pd.crosstab(screen["sgrna"], screen["replicate_id"]) == 1).all(axis=None)
    assert screen.groupby("sgrna", observed=True)["hugo_symbol"].nunique().eq(1).all()
    assert screen.groupby("replicate_id")["depmap_id"].nunique().eq(1).all()
    assert (
        screen.groupby(["hugo_symbol", "depmap_id"], observed=True)["rna_expr_z"].nunique() == 1
    ).all()


def test_labels_are_ordered_categoricals(screen_and_truth):
    screen, _ = screen_and_truth

    assert all(screen[column].cat.ordered for column in ("hugo_symbol", "depmap_id", "sgrna"))
    assert list(screen["hugo_symbol"].cat.categories) == [f"gene{letter}" for letter in "ABCDE"]
    assert list(screen["sgrna"].cat.categories[:4]) == ["geneA_1", "geneA_2", "geneA_3", "geneB_1"]
    assert list(screen["sgrna"].iloc[[0, 100, 299]]) == ["geneA_1", "geneA_2", "geneE_3"]


def test_names_go_on_beyond_the_alphabet(numbers):
    settings = ExpressionScreenSettings(**numbers | {"n_genes": 28, "n_cell_lines": 30})

    screen, truth = simulate_expression_screen(settings)

    genes = list(screen["hugo_symbol"].cat.categories)
    assert len(screen) == 28 * 30 * 3
    assert genes[0] == "geneA"
    assert genes[25:] == ["geneZ", "geneAA", "geneAB"]
    assert list(screen["hugo_symbol"].unique()) == genes
    assert residual(screen, truth).std() == pytest.approx(0.3, rel=0.1)


def test_screens_differ_by_seed_only(numbers):
    def simulate(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        return simulate_expression_screen(ExpressionScreenSettings(**numbers | {"seed": seed}))

    for again, first in zip(simulate(1), simulate(1), strict=True):
        pd.testing.assert_frame_equal(again, first)
    assert not np.allclose(simulate(1)[0]["lfc"], simulate(2)[0]["lfc"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_genes": 0}, r"n_genes\n.*greater than 0.*input_value=0"),
        ({"n_repeats": 2.5}, r"n_repeats\n.*integer.*input_value=2.5"),
        ({"sigma": -0.3}, r"sigma\n.*greater than or equal to 0.*input_value=-0.3"),
        ({"mu_rna": float("nan")}, r"mu_rna\n.*finite.*input_value=nan"),
        ({"n_gene": 5}, r"n_gene\n.*not permitted.*input_value=5"),
    ],
)
def test_bad_settings_are_refused(numbers, change, message):
    with pytest.raises(ValidationError, match=message):
        ExpressionScreenSettings(**numbers | change)


def test_every_number_has_to_be_given(numbers):
    del numbers["sigma"]
    with pytest.raises(ValidationError, match=r"sigma\n.*required"):
        ExpressionScreenSettings(**numbers)
