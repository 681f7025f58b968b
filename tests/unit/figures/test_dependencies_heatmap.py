"""Heat map of genes and lines."""

from dataclasses import replace

import pytest

from partialpool.figures.dependency.dependencies_heatmap import FIGURE, draw
from partialpool.figures.parts import style


def test_similar_genes_and_lines_are_neighbours(calls) -> None:
    """c3 and c4 differ least, and so do NRAS and TP53, apart from c2."""
    made = FIGURE.made_of(calls)
    lines = [name.partition(" ")[0] for name in made["lines"]]
    assert abs(lines.index("c3") - lines.index("c4")) == 1
    assert set(made["genes"]) == {"KRAS", "NRAS", "RPS19", "TP53"}


def test_each_cell_has_its_effect_and_unmeasured_ones_have_none(calls) -> None:
    made = FIGURE.made_of(calls)
    cells = made["cells"].set_index(["row", "column"])
    lines = [name.partition(" ")[0] for name in made["lines"]]

    def cell(gene: str, line: str):
        return cells.loc[(-float(made["genes"].index(gene)), float(lines.index(line)))]

    assert cell("KRAS", "c1")["effect"] == -1.5
    assert cell("KRAS", "c1")["is_called"]
    assert not cell("KRAS", "c2")["is_called"]
    assert cell("TP53", "c4").isna()["effect"]
    assert made["cells"]["effect"].isna().sum() == 1


def test_of_many_genes_the_selective_ones_are_shown(calls, monkeypatch) -> None:
    monkeypatch.setattr(style, "MANY_GENES", 3)
    made = FIGURE.made_of(calls)
    assert set(made["genes"]) == {"KRAS", "NRAS"}
    title = draw(**made).labels.title
    assert title == "Effects of the 2 selective of 4 genes in 4 lines"
    monkeypatch.setattr(style, "MANY_GENES", 2)
    genes = calls.genes.assign(**{"class": "selective"})
    title = draw(**FIGURE.made_of(replace(calls, genes=genes))).labels.title
    assert title == "Effects of the 2 most selective of 4 genes in 4 lines"


def test_lines_have_their_lineage_and_many_lines_no_name(calls, monkeypatch, words_of) -> None:
    words = words_of(draw(**FIGURE.made_of(calls)))
    assert {"KRAS", "c1 (soft tissue)", "c3"} <= words
    monkeypatch.setattr(style, "MANY_LINES", 3)
    words = words_of(draw(**FIGURE.made_of(calls)))
    assert "c3" not in words
    assert any("Lines are not named." in " ".join(text.split()) for text in words)


def test_one_gene_is_nothing_to_compare(calls) -> None:
    one = replace(
        calls, genes=calls.genes.assign(**{"class": ["selective"] + ["control gene"] * 3})
    )
    assert "Fewer than two genes" in FIGURE.made_of(one)


@pytest.mark.parametrize("n", [2, 4])
def test_two_genes_and_more_are_drawn(calls, n: int, words_of) -> None:
    few = replace(calls, genes=calls.genes.head(n))
    assert {"KRAS", "NRAS"} <= words_of(draw(**FIGURE.made_of(few)))
