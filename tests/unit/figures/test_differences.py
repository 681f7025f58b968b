"""Differences between groups of lines."""

from dataclasses import replace

import numpy as np
import pytest

from partialpool.figures.dependency import differences
from partialpool.figures.dependency.differences import FIGURE, draw


def test_the_height_is_the_certainty_of_the_sign_at_most_that_of_all_draws(calls) -> None:
    """1,000 draws. The gene that was not measured is left out."""
    points = FIGURE.made_of(calls)["points"].set_index("gene")
    assert points["height"].to_dict() == pytest.approx(
        {"KRAS": 3.0, "NRAS": 2.0, "RPS19": -np.log10(0.3)}
    )
    assert points["label"].to_dict() == {"KRAS": "KRAS", "NRAS": "NRAS", "RPS19": ""}
    assert points["panel"].astype(str).unique().tolist() == ["skin (2 and 2 lines)"]


def test_of_many_contrasts_those_with_the_most_calls_are_shown(calls, monkeypatch) -> None:
    monkeypatch.setattr(differences, "PANELS", 1)
    quiet = calls.differential["skin"].assign(contrast="lung", call="not called")
    both = {"lung": quiet, "skin": calls.differential["skin"]}
    made = FIGURE.made_of(replace(calls, differential=both))
    assert made["points"]["panel"].astype(str).unique().tolist() == ["skin (2 and 2 lines)"]
    title = draw(**made).labels.title
    assert title == (
        "Differences between groups of lines: 1 of 2 contrasts, those with the most calls"
    )


def test_called_genes_are_named_in_the_plot(calls, words_of) -> None:
    words = words_of(draw(**FIGURE.made_of(calls)))
    assert {"KRAS", "NRAS", "stronger in group"} <= words
    assert "RPS19" not in words


def test_without_groups_or_measurements_the_reason_is_given(calls) -> None:
    assert "No groups of lines" in FIGURE.made_of(replace(calls, differential={}))
    unmeasured = calls.differential["skin"].assign(call="not measured")
    found = FIGURE.made_of(replace(calls, differential={"skin": unmeasured}))
    assert "No gene was measured" in found


def test_a_contrast_without_calls_is_drawn(calls, words_of) -> None:
    quiet = calls.differential["skin"].assign(call="not called", difference=0.0)
    made = FIGURE.made_of(replace(calls, differential={"skin": quiet}))
    assert "skin (2 and 2 lines)" in words_of(draw(**made))
