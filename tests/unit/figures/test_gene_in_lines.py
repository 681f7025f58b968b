"""One gene in all lines, with its guides."""

from dataclasses import replace

import pytest

from partialpool.figures.dependency.gene_in_lines import FIGURE, draw, of_genes
from partialpool.figures.parts import style


def test_the_most_selective_genes_are_shown_with_lines_by_effect(calls) -> None:
    estimates = FIGURE.made_of(calls)["estimates"]
    assert list(estimates["gene"].cat.categories) == ["KRAS", "NRAS"]
    kras = estimates[estimates["gene"] == "KRAS"]
    assert kras.sort_values("rank")["line"].tolist() == ["c1", "c2", "c3", "c4"]
    assert kras["call"].astype(str).tolist() == ["dependency", *["not called"] * 3]


def test_guides_lie_beside_the_estimate_of_their_line(calls) -> None:
    """KRAS1 measured 0.1 more than the effect in c1, -1.5; 0 is at -0.3125."""
    guides = FIGURE.made_of(calls)["guides"]
    one = guides[(guides["gene"] == "KRAS") & (guides["line"] == "c1")].set_index("guide")
    assert one["value"].to_dict() == pytest.approx({1: -1.0875, 2: -1.2875})
    assert set(one["rank"]) == {1}


def test_named_genes_are_shown(calls) -> None:
    options = calls.options.model_copy(update={"dependency_genes": ("TP53", "NOGENE")})
    made = FIGURE.made_of(replace(calls, options=options))
    assert made["estimates"]["call"].astype(str).tolist().count("not measured") == 1
    assert draw(**made).labels.title == "TP53 in 4 lines"


def test_lines_are_named_unless_there_are_many(calls, monkeypatch, words_of) -> None:
    made = FIGURE.made_of(calls)
    assert {"c1", "c4", "KRAS", "NRAS", "dependency"} <= words_of(draw(**made))
    monkeypatch.setattr(style, "MANY_LINES", 3)
    words = words_of(draw(**made))
    assert "c1" not in words
    assert "rank of the line" in words


def test_a_gene_with_one_guide_is_drawn(calls, words_of) -> None:
    screen = calls.screen[calls.screen["sgrna"] != "KRAS2"]
    tables = calls.effects, calls.lines, calls.replicates
    made = of_genes(["KRAS"], screen, *tables, 0.89, 0.5)
    assert set(made["guides"]["guide"]) == {1}
    assert "KRAS in 4 lines" in words_of(draw(**made))
