"""Sufficient statistics, the linear predictor and centring, against sums over the rows."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from partialpool.errors import ScreenError
from partialpool.inference.centring import Pooling, choose_centring
from partialpool.inference.statistics import SufficientStatistics, gather
from partialpool.models import MODELS, Model, cell_line, expression, gene
from partialpool.models.effects import Effect, Predictor
from partialpool.models.terms import Term, design_matrix, predict
from partialpool.screen import Screen

GENE_AND_LINE = (Term("gene_effect", ("gene",)), Term("cell_line_effect", ("cell_line",)))
INTERACTION = (
    Term("gene_effect", ("gene",)),
    Term("gene_line_effect", ("gene", "cell_line")),
    Term("rna_effect", ("gene",), covariate="rna_expr_z"),
)


def four_rows(**columns) -> Screen:
    """Genes A, A, B, B in lines 1, 2, 1, 1."""
    table = pd.DataFrame(
        {
            "hugo_symbol": ["A", "A", "B", "B"],
            "sgrna": ["a", "a", "b", "b"],
            "depmap_id": ["1", "2", "1", "1"],
            "replicate_id": ["1x", "2x", "1x", "1y"],
            "lfc": [1.0, 2.0, 4.0, 8.0],
            "rna_expr_z": [0.5, -1.0, 2.0, 0.0],
        }
    )
    return Screen.from_table(table.assign(**columns), ["rna_expr_z"])


def sum_over_rows(screen: Screen, terms: tuple[Term, ...], theta: np.ndarray) -> float:
    """||y - Z theta||^2, a row and a term at a time, in whole numbers of python."""
    starts = np.cumsum([0, *(screen.size(term.dims) for term in terms)])
    total = 0.0
    for row in range(screen.n_rows):
        mu = 0.0
        for term, start in zip(terms, starts, strict=False):
            element = 0
            for dim in term.dims:
                element = element * len(screen.labels[dim]) + screen.codes[dim][row]
            value = screen.covariates[term.covariate][row] if term.covariate else 1.0
            mu += theta[start + element] * value
        total += (screen.lfc[row] - mu) ** 2
    return total


def test_the_design_by_hand() -> None:
    terms = (*GENE_AND_LINE, Term("rna_effect", ("gene",), covariate="rna_expr_z"))
    assert design_matrix(four_rows(), terms).toarray().tolist() == [
        [1, 0, 1, 0, 0.5, 0],
        [1, 0, 0, 1, -1.0, 0],
        [0, 1, 1, 0, 0, 2.0],
        [0, 1, 1, 0, 0, 0.0],
    ]


def test_the_statistics_by_hand() -> None:
    """Gene A has mean 1.5 and gene B 6: residuals -0.5, 0.5, -2, 2."""
    statistics = gather(four_rows(), GENE_AND_LINE[:1])

    assert statistics.n_rows == 4
    assert statistics.gram.toarray().tolist() == [[2, 0], [0, 2]]
    assert statistics.reference == pytest.approx([1.5, 6.0])
    assert statistics.score == pytest.approx([0, 0], abs=1e-12)
    assert statistics.residual_ss == pytest.approx(8.5)
    # At (1, 5): residuals 0, 1, -1, 3.
    assert statistics.sum_of_squares(np.array([1.0, 5.0])) == pytest.approx(11.0)


def test_the_gram_counts_rows_per_pair_of_elements() -> None:
    assert gather(four_rows(), GENE_AND_LINE).gram.toarray().tolist() == [
        [2, 0, 1, 1],
        [0, 2, 2, 0],
        [1, 2, 3, 0],
        [1, 0, 0, 1],
    ]


@pytest.mark.parametrize("table", ["balanced", "unbalanced"])
@pytest.mark.parametrize("model", MODELS)
def test_the_sum_of_squares_is_that_of_the_rows(screen_for, model: str, table: str) -> None:
    screen, terms = screen_for(model, table), MODELS[model].terms
    statistics = gather(screen, terms)
    rng = np.random.default_rng(1)
    for scale in (0.1, 1.0, 30.0):
        theta = rng.normal(0, scale, len(statistics.reference))
        expected = sum_over_rows(screen, terms, theta)
        assert statistics.sum_of_squares(theta) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("table", ["balanced", "unbalanced"])
def test_an_interaction_is_a_term_like_any_other(tables, table: str) -> None:
    screen = Screen.from_table(tables[table], ["rna_expr_z"])
    statistics = gather(screen, INTERACTION)
    theta = np.random.default_rng(2).normal(size=len(statistics.reference))

    n_genes, n_lines = len(screen.labels["gene"]), len(screen.labels["cell_line"])
    assert len(theta) == n_genes + n_genes * n_lines + n_genes
    expected = sum_over_rows(screen, INTERACTION, theta)
    assert statistics.sum_of_squares(theta) == pytest.approx(expected, rel=1e-11)


def test_a_large_common_level_does_not_cancel(screen_for) -> None:
    """Of y = 1e6 + noise, doubles keep the noise to 1e-10; y'y - 2 theta'Z'y + ... would lose it.

    That expansion has terms of N y^2 = 3e14, whose last digit is 0.03 of a sum of 60: an error
    of 1e-4. Relative to the residuals, of size 0.5, rounding of y alone is 2e-10.
    """
    screen = screen_for("cell_line")
    shifted = dataclasses.replace(screen, lfc=screen.lfc + 1e6)
    terms = MODELS["cell_line"].terms
    statistics = gather(shifted, terms)
    n_guides = len(screen.labels["sgrna"])
    theta = np.random.default_rng(3).normal(0, 0.3, len(statistics.reference))
    theta[:n_guides] += 1e6

    expected = sum_over_rows(shifted, terms, theta)
    assert statistics.sum_of_squares(theta) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("chunk_rows", [1, 7, 288, 1000])
@pytest.mark.parametrize("model", ["cell_line", "expression"])
def test_chunks_of_rows_give_the_same_statistics(screen_for, model: str, chunk_rows: int) -> None:
    screen, terms = screen_for(model, "unbalanced"), MODELS[model].terms
    whole, pieces = gather(screen, terms), gather(screen, terms, chunk_rows)

    assert np.allclose(pieces.gram.toarray(), whole.gram.toarray(), rtol=1e-12, atol=1e-12)
    theta = np.random.default_rng(4).normal(size=len(whole.reference))
    assert pieces.sum_of_squares(theta) == pytest.approx(whole.sum_of_squares(theta), rel=1e-11)
    assert pieces.n_rows == whole.n_rows == screen.n_rows


def test_the_reference_is_any_point(screen_for) -> None:
    """The identity holds for a reference that is far from least squares, too."""
    screen, terms = screen_for("cell_line"), MODELS["cell_line"].terms
    best, design = gather(screen, terms), design_matrix(screen, terms)
    reference = best.reference + np.random.default_rng(5).normal(size=len(best.reference))
    residual = screen.lfc - design @ reference
    other = SufficientStatistics(
        best.n_rows,
        best.spans,
        reference,
        best.gram,
        design.T @ residual,
        float(residual @ residual),
    )

    theta = np.random.default_rng(6).normal(size=len(reference))
    assert other.sum_of_squares(theta) == pytest.approx(best.sum_of_squares(theta), rel=1e-11)


def test_the_reference_fits_as_well_as_least_squares(screen_for) -> None:
    """Also where the level can sit in either of two effects, so that Z'Z is singular."""
    screen, terms = screen_for("cell_line", "unbalanced"), MODELS["cell_line"].terms
    statistics = gather(screen, terms)
    design = design_matrix(screen, terms).toarray()
    best = np.linalg.lstsq(design, screen.lfc)[0]
    assert statistics.residual_ss == pytest.approx(np.sum((screen.lfc - design @ best) ** 2))


# ---- prediction from terms ----


@pytest.mark.parametrize("model", MODELS)
def test_the_predictor_is_the_design_times_the_effects(screen_for, model: str) -> None:
    screen, terms = screen_for(model, "unbalanced"), MODELS[model].terms
    rng = np.random.default_rng(8)
    effects = {term.effect: rng.normal(size=(screen.size(term.dims), 3)) for term in terms}
    stacked = np.concatenate([effects[term.effect] for term in terms])

    expected = design_matrix(screen, terms).toarray() @ stacked
    assert np.allclose(predict(screen, terms, effects), expected)
    some = np.array([5, 2, 100])
    assert np.allclose(predict(screen, terms, effects, some), expected[some])
    assert np.allclose(predict(screen, terms, effects, slice(3, 9)), expected[3:9])
    one = {name: draws[:, 1] for name, draws in effects.items()}
    assert np.allclose(predict(screen, terms, one), expected[:, 1])


# ---- how much the data decide ----


def pooling_of(screen: Screen, model: Model) -> Pooling:
    return Pooling(model, screen, gather(screen, model.terms))


def of(*effects: Effect) -> Model:
    """A model with these effects."""
    return Model("test", doc="", summary="", mean=Predictor(effects), sd=gene.MODEL.sd)


@pytest.mark.parametrize("table", ["balanced", "unbalanced"])
def test_pooling_is_a_share(variant, tables, table: str) -> None:
    model, _, _ = variant
    pooling = pooling_of(model.view(tables[table]), model)
    for effect in model.populations():
        share = pooling.share(effect)
        assert share.shape == (pooling.screen.size(effect.dims),)
        assert np.all((share >= 0) & (share <= 1))


def test_an_element_without_data_is_left_to_its_population() -> None:
    """Gene B has RNA 0 in every row; gene A's two rows and C's tell their slopes."""
    table = pd.DataFrame(
        {
            "hugo_symbol": list("AAAABBCCCC"),
            "sgrna": list("aaaabbcccc"),
            "depmap_id": ["1", "2"] * 5,
            "replicate_id": [f"{i}" for i in range(10)],
            "lfc": [3.1, -3.0, 3.0, -2.9, 0.1, 0.2, -3.1, 3.0, -3.0, 2.9],
            "rna_expr_z": [1.0, -1.0, 1.0, -1.0, 0.0, 0.0, 1.0, -1.0, 1.0, -1.0],
        }
    )
    model = of(gene.GENE, expression.RNA)
    share = pooling_of(model.view(table), model).share(expression.RNA)

    assert share[1] == 0
    assert share[0] > 0.99
    assert share[2] > 0.99


def test_an_effect_that_nothing_informs_is_left_to_its_population() -> None:
    model = of(gene.GENE, cell_line.LINE, expression.RNA)
    pooling = pooling_of(four_rows(rna_expr_z=0.0), model)
    assert pooling.share(expression.RNA).tolist() == [0, 0]


def test_pooling_by_hand() -> None:
    """Two genes with means 0 and 2 of n = 8 rows each, and residual variance 1 on 14 df.

    Residuals are +-sqrt(14/16), so that their sum of squares is 14 and s^2 = 1. Then the weights
    are 8 and 8, the weighted spread is 8 + 8 = 16, its excess over 1 df is 15, the divisor is
    16 - 128/16 = 8, tau^2 = 15/8 and the pooling tau^2 w / (tau^2 w + 1) = 15/16.
    """
    noise = np.tile([1.0, -1.0], 8) * np.sqrt(14 / 16)
    table = pd.DataFrame(
        {
            "hugo_symbol": ["A"] * 8 + ["B"] * 8,
            "sgrna": ["a"] * 8 + ["b"] * 8,
            "depmap_id": "1",
            "replicate_id": [f"{i}" for i in range(8)] * 2,
            "lfc": np.repeat([0.0, 2.0], 8) + noise,
        }
    )
    pooling = pooling_of(Screen.from_table(table), gene.MODEL)
    assert pooling.share(gene.GENE) == pytest.approx([15 / 16, 15 / 16])
    assert choose_centring(gene.MODEL, pooling.screen, pooling.statistics)[
        "gene_effect"
    ].tolist() == [1.0, 1.0]


def nested_guides(means: list[float], genes: list[str]) -> dict[str, np.ndarray]:
    """Shares of genes and guides: these means of n = 8 rows each, residual variance 1 (above)."""
    n = len(means)
    noise = np.tile([1.0, -1.0], 4 * n) * np.sqrt((8 * n - n) / (8 * n))
    table = pd.DataFrame(
        {
            "hugo_symbol": np.repeat(genes, 8),
            "sgrna": np.repeat([f"s{i}" for i in range(n)], 8),
            "depmap_id": "1",
            "replicate_id": [f"{i}" for i in range(8)] * n,
            "lfc": np.repeat(means, 8) + noise,
        }
    )
    model = MODELS["sgrna_in_gene"]
    pooling = pooling_of(Screen.from_table(table), model)
    return {effect.name: pooling.share(effect) for effect in model.populations()}


def test_guides_pool_towards_their_gene_by_hand() -> None:
    """Genes A: 0 and 2, B: 10 and 12. Only the spread within genes counts: 8 (1 + 1) twice is 32.

    Its excess over 4 - 2 df is 30; each gene's divisor is 16 - 128/16 = 8, so tau^2 = 30/16 and
    the pooling tau^2 8 / (tau^2 8 + 1) = 15/16.
    """
    found = nested_guides([0.0, 2.0, 10.0, 12.0], ["A", "A", "B", "B"])
    assert found["sgrna_effect"] == pytest.approx([15 / 16] * 4)


def test_a_gene_is_known_by_its_guides_mean_by_hand() -> None:
    """As above: a guide tells its gene with variance tau^2 + 1/8 = 2, so a gene's weight is 1.

    Gene means are 1 and 11: the spread is 5^2 + 5^2 = 50, its excess over 1 df is 49, the divisor
    2 - 2/2 = 1, so the variance between genes is 49 and the pooling 49/50.
    """
    found = nested_guides([0.0, 2.0, 10.0, 12.0], ["A", "A", "B", "B"])
    assert found["gene_effect"] == pytest.approx([49 / 50] * 2)


def test_one_guide_per_gene_says_nothing_of_the_spread_of_guides() -> None:
    assert nested_guides([0.0, 2.0], ["A", "B"])["sgrna_effect"].tolist() == [0, 0]


def test_a_guide_of_two_genes_belongs_to_neither() -> None:
    with pytest.raises(ScreenError, match="one gene for each sgrna") as caught:
        four_rows(sgrna=["a", "a", "a", "b"]).parents(("sgrna",), ("gene",))
    assert "1 with several: a\n" in str(caught.value)


def test_elements_that_do_not_differ_are_left_to_their_population(screen_for) -> None:
    """Pure noise: no more spread between lines than their standard errors explain."""
    screen = screen_for("cell_line")
    noise = np.tile([0.4, -0.4], screen.n_rows // 2)  # the replicates of each guide and line
    pooling = pooling_of(dataclasses.replace(screen, lfc=noise), MODELS["cell_line"])
    assert pooling.share(cell_line.LINE) == pytest.approx(0)


@pytest.mark.parametrize("model", MODELS)
def test_data_without_noise_decide_everything_or_nothing(screen_for, model: str) -> None:
    """A constant screen and one that the effects fit exactly: no 0/0, no overflow."""
    screen = screen_for(model)
    guides = screen.codes["gene"].astype(float)
    for lfc in (np.zeros(screen.n_rows), np.ones(screen.n_rows), guides):
        pooling = pooling_of(dataclasses.replace(screen, lfc=lfc), MODELS[model])
        for effect in MODELS[model].populations():
            share = pooling.share(effect)
            assert np.all((share >= 0) & (share <= 1))


def test_centring_comes_in_steps_and_effects_that_sum_to_zero_have_one(variant, tables) -> None:
    model, _, _ = variant
    screen = model.view(tables["unbalanced"])
    found = choose_centring(model, screen, gather(screen, model.terms))
    assert set(found) == {effect.name for effect in model.populations()}
    for name, c in found.items():
        if name in model.zero_sum:
            assert len(np.unique(c)) == 1
        else:
            assert np.allclose(c, c.round(1))


def test_the_same_rows_give_the_same_statistics_wherever_they_lie_in_memory(screen_for) -> None:
    """To the last bit: a sampler amplifies it to another chain."""
    screen, terms = screen_for("cell_line", "unbalanced"), MODELS["cell_line"].terms
    found = set()
    for shift in range(8):
        place = np.empty(screen.n_rows * 8 + 64, dtype=np.uint8)
        lfc = place[shift * 8 : shift * 8 + screen.n_rows * 8].view(np.float64)
        lfc[:] = screen.lfc
        statistics = gather(dataclasses.replace(screen, lfc=lfc), terms)
        found.add(
            statistics.reference.tobytes()
            + statistics.score.tobytes()
            + np.float64(statistics.residual_ss).tobytes()
        )
    assert len(found) == 1
