"""Diagnostics of every fit."""

from types import SimpleNamespace
from typing import Any

import pytest
from matplotlib import pyplot as plt

from partialpool.figures.comparison.verdicts_by_model import FIGURE, _written, verdict_table

GOOD: dict[str, Any] = {
    "passed": True,
    "max_r_hat": 1.001,
    "min_ess_bulk": 900.0,
    "min_ess_tail": 800.0,
    "min_e_bfmi": 0.9,
    "divergences": 0,
    "treedepth_hits": 0,
    "thresholds": {
        "max_r_hat": 1.01,
        "min_ess_bulk": 400.0,
        "min_ess_tail": 400.0,
        "min_e_bfmi": 0.3,
        "max_divergences": 0,
        "max_treedepth_hits": 0,
    },
}


def test_a_verdict_is_split_into_its_diagnostics() -> None:
    record = GOOD | {"passed": False, "max_r_hat": 1.2, "min_ess_tail": 300.0}
    table = verdict_table({"gene": record}).set_index("diagnostic")
    assert table.index[~table["passed"]].tolist() == ["max_r_hat", "min_ess_tail"]
    assert not table["passed_all"].any()
    assert table.loc["min_ess_bulk", "threshold"] == 400


def test_models_stand_with_their_verdicts() -> None:
    judged = {"gene": GOOD, "cell_line": GOOD | {"passed": False, "divergences": 3}}
    plot = FIGURE.draw(**FIGURE.made_of(SimpleNamespace(verdicts=judged)))
    assert plot.labels.title == "Did the sampler converge? 1 of 2 models pass"
    figure = plot.draw()
    words = {text.get_text() for axes in figure.axes for text in axes.get_yticklabels()}
    assert {"gene\npasses", "cell_line\nFAILS, 3 divergences"} <= words
    r_hat = next(panel for panel in figure.axes if panel.get_xlim()[1] < 2)
    low, high = r_hat.get_xlim()
    assert low < 1.0 < 1.02 < high
    plt.close(figure)


@pytest.mark.parametrize(
    ("value", "text"), [(1.0064, "1.006"), (1.0101, "1.0101"), (1.01, "1.010"), (1234.5, "1,234")]
)
def test_a_value_near_its_threshold_has_enough_digits(value: float, text: str) -> None:
    assert _written(value, 1.01) == text
