"""Densities of control genes in each line."""

from dataclasses import replace

import pytest

from made_calls import with_lists
from partialpool.figures.dependency import control_densities
from partialpool.figures.dependency.control_densities import FIGURE, draw


@pytest.fixture
def lists(calls, monkeypatch):
    monkeypatch.setattr(control_densities, "MIN_CONTROLS", 1)
    return replace(calls, **with_lists(vars(calls)))


def test_lines_with_the_least_separation_come_first(lists) -> None:
    """The lists are 1.1 apart, times lambda: 1, 0.5, 1.25 and 1.25."""
    made = FIGURE.made_of(lists)
    assert list(made["rows"].labels) == ["c2", "c1", "c3", "c4"]
    assert made["has_lists"]
    assert set(made["curves"]["kind"]) == {"common essential", "nonessential"}


def test_densities_are_those_of_measured_means_and_integrate_to_one(lists) -> None:
    curves = FIGURE.made_of(lists)["curves"]
    one = curves[(curves["line"] == "c2") & (curves["kind"] == "common essential")]
    step = one["lfc"].iloc[1] - one["lfc"].iloc[0]
    assert one["density"].sum() * step == pytest.approx(1, abs=0.1)
    assert one.loc[one["density"].idxmax(), "lfc"] == pytest.approx(-0.5, abs=0.05)


def test_without_lists_all_genes_are_shown(calls, words_of) -> None:
    made = FIGURE.made_of(calls)
    assert set(made["curves"]["kind"]) == {"all genes"}
    words = words_of(draw(**made))
    assert {"c1 (soft tissue)", "c2 (lung)", "c3", "c4"} <= words
    assert any("Densities of all genes" in " ".join(text.split()) for text in words)


def test_both_lists_are_named(lists, words_of) -> None:
    assert {"common essential", "nonessential"} <= words_of(draw(**FIGURE.made_of(lists)))
