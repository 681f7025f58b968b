"""Errors and coverage of every model."""

from types import SimpleNamespace

import pandas as pd
from matplotlib import pyplot as plt

from partialpool.figures.comparison.rmse_by_model import FIGURE, comparable, score_table

SCORES = {"n_measurements": 40, "rmse": 0.5, "coverage": 0.9, "elpd_loo": -3.0}


def test_scores_are_one_row_a_fit() -> None:
    scores = SCORES | {"passed": True}
    table = score_table({"gene": scores, "mutation": scores | {"rmse": 0.4, "passed": False}})
    assert table.to_dict("list") == {
        "model": ["gene", "mutation"],
        "n": [40, 40],
        "rmse": [0.5, 0.4],
        "share_inside": [0.9, 0.9],
        "passed": [True, False],
    }


def test_fits_to_the_rows_that_most_saw_are_compared() -> None:
    table = pd.DataFrame({"model": list("abcde"), "n": [9, 40, 40, 9, 300]})
    most, others = comparable(table)
    assert list(most["model"]) == ["b", "c"]  # as many fits as to 9 rows, but more rows
    assert list(others["model"]) == ["a", "d", "e"]


def test_models_are_compared_on_the_same_measurements() -> None:
    verdicts = {
        "gene": {"passed": True},
        "cell_line": {"passed": False},
        "elsewhere": {"passed": True},
    }
    scores = dict.fromkeys(("gene", "cell_line"), SCORES)
    scores["elsewhere"] = SCORES | {"n_measurements": 1300}
    given = SimpleNamespace(verdicts=verdicts, scores=scores, prediction_prob=0.89)
    plot = FIGURE.draw(**FIGURE.made_of(given))
    panels = plot.data.groupby("panel", observed=True)["model"].agg(list)
    assert panels.tolist() == [["gene", "cell_line"]] * 2
    assert "89 % intervals" in panels.index[1]
    caption = " ".join(plot.labels.caption.split())
    assert "40 measurements" in caption
    assert "elsewhere (1,300 rows; error 0.500, share 0.900)" in caption
    assert set(plot.data.loc[plot.data["sampler"] == "FAILS", "model"]) == {"cell_line"}
    plt.close(plot.draw())
