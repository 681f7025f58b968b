"""Strongest effects of lines."""

from dataclasses import replace

import pytest

from made_calls import with_lists
from partialpool.figures.dependency import line_effects
from partialpool.figures.dependency.line_effects import FIGURE, draw, most_selective, of_lines


def test_lines_with_the_most_calls_of_selective_genes_come_first(calls) -> None:
    assert most_selective(calls.effects, calls.genes) == ["c1", "c2", "c3", "c4"]
    made = FIGURE.made_of(calls)
    assert list(made["rows"]["line"].cat.categories) == ["c1 (soft tissue)", "c2 (lung)"]


def test_effects_are_ordered_and_the_rest_is_left_out(calls, monkeypatch) -> None:
    monkeypatch.setattr(line_effects, "N_GENES", 2)
    rows = FIGURE.made_of(calls)["rows"].sort_values(["line", "row"], ascending=[True, False])
    assert rows["gene"].tolist() == ["KRAS", "NRAS", "NRAS", "KRAS"], "not RPS19"
    assert rows["row"].tolist() == [0.0, -1.0, 0.0, -1.0]
    assert set(rows["class"]) == {"selective"}


def test_where_all_genes_are_common_essential_they_are_shown(calls, words_of) -> None:
    genes = calls.genes.assign(**{"class": "common essential"})
    made = FIGURE.made_of(replace(calls, genes=genes))
    assert set(made["rows"]["gene"]) == {"KRAS", "NRAS", "RPS19", "TP53"}
    assert "common essential" in words_of(draw(**made))


def test_the_band_is_of_the_lines_own_genes(calls) -> None:
    """c1 has effects -1.5, 0, -1 and 0.1: 5 % and 95 % of the way between neighbours."""
    bands = FIGURE.made_of(calls)["bands"].set_index("depmap_id")
    assert bands.loc["c1", "low"] == pytest.approx(-1.5 + 0.15 * 0.5)
    assert bands.loc["c1", "high"] == pytest.approx(0.1 - 0.15 * 0.1)


def test_named_lines_are_shown_and_unknown_names_are_not(calls) -> None:
    options = calls.options.model_copy(update={"dependency_cell_lines": ("c3", "nowhere")})
    made = FIGURE.made_of(replace(calls, options=options))
    assert made["rows"]["line"].astype(str).unique().tolist() == ["c3"]


def test_genes_that_set_the_scale_and_unmeasured_ones_are_left_out(calls) -> None:
    lists = replace(calls, **with_lists(vars(calls)))
    rows = of_lines(["c4"], lists.screen, lists.effects, lists.genes, 0.89)["rows"]
    assert rows["gene"].tolist() == ["NRAS", "KRAS"]


def test_genes_and_classes_are_written(calls, words_of) -> None:
    words = words_of(draw(**FIGURE.made_of(calls)))
    assert {"KRAS", "c1 (soft tissue)", "selective", "effect (log2 fold change)"} <= words
    text = " ".join(" ".join(words).split())
    assert "middle 90 % of the genes" in text
    assert "without the 1 common-essential genes" in text


def test_a_line_without_scored_genes_says_so(calls) -> None:
    effects = calls.effects.assign(call="control gene")
    assert "No gene is scored" in of_lines(["c1"], calls.screen, effects, calls.genes, 0.89)
