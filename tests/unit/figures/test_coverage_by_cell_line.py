"""Coverage of each cell line."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from partialpool.figures.fit.coverage_by_cell_line import draw, tables
from partialpool.figures.parts import style


@pytest.fixture
def adequacy() -> pd.DataFrame:
    """Three lines and a gene, worst line first, as the adequacy table has them."""
    table = pd.DataFrame(
        {
            "level": ["gene", "cell_line", "cell_line", "cell_line"],
            "label": ["KRAS", "noisy", "quiet", "right"],
            "value": [0.9, 0.5, 1.0, 0.89],
            "status": ["ok", "too few inside", "too many inside", "ok"],
        }
    )
    return table.assign(expected_low=0.79, expected_high=0.96)


def test_lines_are_ordered_by_their_share(adequacy: pd.DataFrame) -> None:
    shares = tables(adequacy, 0.89)["shares"]
    assert shares["cell_line"].tolist() == ["noisy", "right", "quiet"]
    assert shares["row"].tolist() == [0.0, -1.0, -2.0]


def test_of_many_lines_the_lowest_and_highest_are_shown(
    adequacy: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style, "MANY_LINES", 2)
    monkeypatch.setattr(style, "MANY_GENES", 2)
    made = tables(adequacy, 0.89)
    assert made["shares"]["cell_line"].tolist() == ["noisy", "quiet"]
    title = "Coverage by cell line: 1 lowest and 1 highest of 3 cell lines"
    assert draw(**made).labels.title == title


def test_a_fit_without_checks_says_so(adequacy: pd.DataFrame) -> None:
    assert tables(adequacy.head(1), 0.89) == "The coverage of cell lines was not checked."


def test_the_plot_names_the_marks_and_the_probability(
    adequacy: pd.DataFrame, words_of: Callable[[Any], set[str]]
) -> None:
    words = words_of(draw(**tables(adequacy, 0.89)))
    assert {"noisy", "right", "quiet", "too few inside", "too many inside"} <= words
    assert any("Dashed line: 89 %" in " ".join(text.split()) for text in words)
