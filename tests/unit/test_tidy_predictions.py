"""Tidy tables of how well models predict, against values worked out by hand."""

import pandas as pd

from partialpool.tidy import prediction_tables


def test_scores_are_one_row_a_fit() -> None:
    scores = {"n_measurements": 40, "rmse": 0.5, "coverage": 0.9, "elpd_loo": -3.0, "passed": True}
    table = prediction_tables.score_table(
        {"gene": scores, "mutation": scores | {"rmse": 0.4, "passed": False}}
    )
    assert table.to_dict("list") == {
        "model": ["gene", "mutation"],
        "n": [40, 40],
        "rmse": [0.5, 0.4],
        "share_inside": [0.9, 0.9],
        "passed": [True, False],
    }


def test_fits_to_the_rows_that_most_saw_are_compared() -> None:
    table = pd.DataFrame({"model": list("abcde"), "n": [9, 40, 40, 9, 300]})
    most, others = prediction_tables.comparable(table)
    assert list(most["model"]) == ["b", "c"]  # as many fits as to 9 rows, but more rows
    assert list(others["model"]) == ["a", "d", "e"]
