"""Forests of single effects."""

from typing import Any

import matplotlib.pyplot as plt

from partialpool.figures.fit import mutation_effects


def test_forests_have_a_row_per_element_and_the_share_of_the_interval(
    plots: dict[str, Any],
) -> None:
    assert plots["gene_effects"].labels.title == "Gene effects: 3 genes"
    assert plots["cell_line_effects"].labels.title == "Cell-line effects: 4 cell lines"
    assert "89 %" in plots["gene_effects"].labels.caption
    assert "per sd of the gene's RNA" in plots["rna_effects"].labels.x
    assert len(plots["gene_effects"].data) == 3


def test_slopes_are_those_of_genes_that_have_the_covariate(fit: Any, plots: dict[str, Any]) -> None:
    plot = plots["mutation_effects"]
    assert plot.data["hugo_symbol"].tolist() == ["KRAS"]
    assert plot.labels.title == "Mutation effects: 1 gene"
    caption = plot.labels.caption.replace("\n", " ")
    assert "1 of 3 genes have both mutated and other measurements. The others" in caption
    assert "have" not in plots["rna_effects"].labels.caption  # RNA varies in every gene
    made = mutation_effects.tables(fit.effects.assign(informed=False), 0.89)
    assert made == "None of the 3 genes has both mutated and other measurements."


def test_lines_are_named_with_their_lineages(plots: dict[str, Any]) -> None:
    figure = plots["cell_line_effects"].draw()
    names = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert names == ["c1 (soft tissue)", "c2 (lung)", "c3", "c4"]
    plt.close(figure)
