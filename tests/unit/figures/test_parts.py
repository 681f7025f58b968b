"""Rows, densities and estimates that figures share, against values worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from partialpool.figures.parts.densities import density
from partialpool.figures.parts.estimates import effect_rows, forest_table
from partialpool.figures.parts.rows import Rows, choose_ends, choose_top
from partialpool.figures.parts.words import which


def test_few_labels_are_all_shown_lowest_first() -> None:
    rows = choose_ends(pd.Series({"b": 2.0, "a": 1.0, "c": 3.0}), limit=3)
    assert rows.labels == ("a", "b", "c")
    assert rows.is_complete
    assert rows.position == {"a": 0.0, "b": -1.0, "c": -2.0}


def test_of_many_labels_both_ends_are_shown_with_a_gap() -> None:
    rows = choose_ends(pd.Series({f"g{i}": float(i) for i in range(10)}), limit=4)
    assert rows.labels == ("g0", "g1", "g8", "g9")
    assert (rows.n_all, rows.n_first, rows.is_complete) == (10, 2, False)
    assert list(rows.position.values()) == [0.0, -1.0, -3.0, -4.0]


def test_a_limit_can_hold_more_than_is_shown_of_more() -> None:
    values = pd.Series({f"g{i}": float(i) for i in range(10)})
    assert len(choose_ends(values, limit=10, n_shown=4).labels) == 10
    assert len(choose_ends(values, limit=9, n_shown=4).labels) == 4


def test_the_highest_are_chosen_in_falling_order() -> None:
    rows = choose_top(pd.Series({"a": 1.0, "b": 3.0, "c": 2.0}), 2)
    assert rows.labels == ("b", "c")
    assert rows.place(pd.Series(["c", "b"])).tolist() == [-1.0, 0.0]


def test_density_is_that_of_scipy_and_integrates_to_one() -> None:
    x = np.random.default_rng(2).normal(3, 2, 2_000)
    grid, curve = density(x, 200)
    iqr = np.quantile(x, 0.75) - np.quantile(x, 0.25)
    width = 0.9 * min(x.std(), iqr / 1.34) * len(x) ** -0.2
    expected = stats.gaussian_kde(x, width / x.std(ddof=1))(grid)
    assert np.trapezoid(curve, grid) == pytest.approx(1, abs=2e-3)
    assert curve == pytest.approx(expected, abs=0.01 * expected.max())


def test_density_of_a_constant_is_finite() -> None:
    grid, curve = density(np.full(10, 2.0))
    assert np.isfinite(curve).all()
    assert grid[np.argmax(curve)] == pytest.approx(2, abs=1e-3)


def test_values_outside_the_span_lower_the_density() -> None:
    x = np.random.default_rng(3).uniform(0, 4, 20_000)
    grid, curve = density(x, 50, (0, 2))
    assert curve[25] == pytest.approx(0.25, rel=0.05)
    assert (grid[0], grid[-1]) == (0, 2)


def test_a_forest_has_a_row_per_element_lowest_on_top(three_effects: pd.DataFrame) -> None:
    table, rows = forest_table(three_effects, "gene_effect", 40)
    assert table["label"].tolist() == ["KRAS", "MYC", "TP53"]
    assert table["row"].tolist() == [0.0, -1.0, -2.0]
    assert table["excludes_zero"].tolist() == [True, False, True]
    assert rows.n_all == 3


def test_elements_are_named_by_their_finest_label(three_effects: pd.DataFrame) -> None:
    assert effect_rows(three_effects, "sgrna_effect")["label"].tolist() == [
        "B",
        "A",
        "C",
    ]


def test_an_effect_that_no_measurement_informs_does_not_exclude_zero(
    three_effects: pd.DataFrame,
) -> None:
    of_one = three_effects.assign(informed=three_effects["hugo_symbol"] == "TP53")
    table = effect_rows(of_one, "gene_effect").set_index("label")
    assert table["excludes_zero"].to_dict() == {"KRAS": False, "TP53": True, "MYC": False}


def test_a_figure_of_many_says_which_it_shows() -> None:
    ends = Rows(("a", "b"), 883, 1)
    assert which(ends, "genes") == "1 lowest and 1 highest of 883 genes"
    top = Rows(("a", "b"), 883, 2)
    assert which(top, "genes", "with the largest errors") == (
        "the 2 of 883 genes with the largest errors"
    )
    assert which(top, "genes") == "2 of 883 genes"
