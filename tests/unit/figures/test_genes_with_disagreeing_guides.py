"""Genes whose guides disagree most."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from partialpool.figures.fit.genes_with_disagreeing_guides import FIGURE, guide_disagreement


def test_disagreement_is_the_spread_of_the_guides_means(two_genes: pd.DataFrame) -> None:
    # Means of two guides that are 1 or 2 apart: their standard deviation is that over root 2.
    found = guide_disagreement(two_genes)
    assert found.to_dict() == pytest.approx({"KRAS": np.sqrt(0.5), "TP53": 2 * np.sqrt(0.5)})


def test_genes_are_chosen_by_the_data_or_by_name(
    drawn: Callable[..., Any], small_fit: SimpleNamespace
) -> None:
    chosen = drawn(FIGURE)
    assert "the 1 of 2 genes whose guides disagree most" in chosen.labels.title
    assert set(chosen.data["hugo_symbol"]) == {"TP53"}
    assert "TP53 1.41." in chosen.labels.caption
    options = small_fit.options.model_copy(update={"disagreeing_genes": ("KRAS",)})
    named = drawn(FIGURE, options=options)
    assert set(named.data["hugo_symbol"]) == {"KRAS"}


def test_guides_are_named_by_their_sequences(drawn: Callable[..., Any]) -> None:
    figure = drawn(FIGURE).draw()
    names = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert sorted(names) == ["TP53  TP531", "TP53  TP532"]
    plt.close(figure)


def test_without_a_gene_of_two_guides_there_is_a_reason(
    two_genes: pd.DataFrame, made: Callable[..., Any]
) -> None:
    table = two_genes.query("sgrna in ['KRAS1', 'TP531']")
    assert made(FIGURE, predictions=table) == "No gene of this screen has more than one guide."
