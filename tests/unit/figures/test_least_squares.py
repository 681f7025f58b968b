"""Straight lines, against hand computations and SciPy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from partialpool.figures.screen._least_squares import (
    ALL,
    linear_trends,
    signed,
    steepest,
    trend_lines,
)


def rows(x: list[float], lfc: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"x": x, "lfc": lfc})


@pytest.fixture
def cloud() -> pd.DataFrame:
    """Two genes with slopes of about -0.5 and 0.2, a third whose x is constant, and gaps."""
    random = np.random.default_rng(1)
    x = random.normal(size=300)
    slope = np.repeat([-0.5, 0.2, 0.0], 100)
    x[200:] = 0.0
    table = pd.DataFrame({"hugo_symbol": np.repeat(["A", "B", "C"], 100), "x": x})
    table["lfc"] = 0.1 + slope * x + random.normal(scale=0.3, size=300)
    table.loc[[0, 150], ["x", "lfc"]] = [[np.nan, 1.0], [1.0, np.nan]]
    return table


def test_trends_agree_with_scipy(cloud: pd.DataFrame) -> None:
    fits = linear_trends(cloud, by="hugo_symbol")
    assert fits["hugo_symbol"].tolist() == ["A", "B"]  # C does not vary
    for row in fits.to_dict("records"):
        known = cloud[cloud["hugo_symbol"] == row["hugo_symbol"]].dropna()
        wanted = stats.linregress(known["x"], known["lfc"])
        assert row["n"] == len(known) == 99
        assert row["slope"] == pytest.approx(wanted.slope)
        assert row["slope_se"] == pytest.approx(wanted.stderr)
        at_zero = row["y_mean"] - row["slope"] * row["x_mean"]
        assert at_zero == pytest.approx(wanted.intercept)
    overall = linear_trends(cloud)
    known = cloud.dropna()
    assert overall["group"].tolist() == [ALL]
    slope = stats.linregress(known["x"], known["lfc"]).slope
    assert overall["slope"].item() == pytest.approx(slope)


def test_trends_do_not_lose_digits_far_from_zero() -> None:
    x = np.arange(5.0)
    fit = linear_trends(rows(list(1e6 + x), list(2 * x)))
    assert fit["slope"].item() == pytest.approx(2.0)
    assert fit["residual_sd"].item() == pytest.approx(0.0, abs=1e-6)


def test_without_variation_there_is_no_trend() -> None:
    assert linear_trends(rows([0.3] * 9, list(np.arange(9.0)))).empty
    assert linear_trends(rows([0.3], [1.0])).empty


def test_lines_and_their_interval_by_hand() -> None:
    # y = 1, 2, 4 at x = 0, 1, 2: slope 3/2, mean 7/3, residuals 1/6, -1/3, 1/6, variance 1/6.
    line = trend_lines(linear_trends(rows([0.0, 1.0, 2.0], [1.0, 2.0, 4.0])), points=3)
    assert line["x"].tolist() == [0.0, 1.0, 2.0]
    assert line["fit"].tolist() == pytest.approx([5 / 6, 7 / 3, 23 / 6])
    t = np.tan(0.95 * np.pi / 2)  # Student's t with one degree of freedom is Cauchy
    half = [t * (1 / 6 * (1 / 3 + d**2 / 2)) ** 0.5 for d in (-1, 0, 1)]
    assert (line["high"] - line["fit"]).tolist() == pytest.approx(half)
    assert (line["fit"] - line["low"]).tolist() == pytest.approx(half)


@pytest.mark.parametrize(
    ("x", "rests"),
    [
        ([0.0, 2.0], True),  # a line through two rows
        ([0.0, 0.0, 0.0, 0.0, 3.0], True),
        ([0.0, 0.01, -0.02, 0.03, 3.0], True),  # all but one nearly equal
        ([0.0, 1.0, 2.0], False),
        ([0.0, 0.0, 3.0, 3.0], False),
        ([-1.0, -0.5, 0.0, 0.5, 3.0], False),
    ],
)
def test_a_line_that_rests_on_one_row_has_no_interval(x: list[float], rests: bool) -> None:
    fit = linear_trends(rows(x, [0.1 * i**2 for i in range(len(x))]))
    line = trend_lines(fit)
    assert fit["rests_on_one"].item() is rests
    assert line["fit"].notna().all()
    assert line["low"].isna().all() == line["high"].isna().all() == rests
    assert fit["slope_se"].isna().item() is rests


def test_steepest_are_of_either_sign_and_those_that_rest_on_one_row_come_last() -> None:
    table = pd.DataFrame(
        {
            "hugo_symbol": list("abcde"),
            "slope": [-0.1, 0.9, -0.5, 0.2, 7.0],
            "rests_on_one": [False] * 4 + [True],
        }
    )
    assert steepest(table, 3)["hugo_symbol"].tolist() == ["c", "d", "b"]
    assert steepest(table, 5)["hugo_symbol"].tolist() == ["c", "a", "d", "b", "e"]


@pytest.mark.parametrize(
    ("slope", "text"), [(0.126, "+0.13"), (-0.126, "-0.13"), (-0.001, "0.00"), (0.001, "0.00")]
)
def test_a_slope_is_written_with_its_sign(slope: float, text: str) -> None:
    assert signed(slope) == text
