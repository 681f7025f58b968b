"""Screens of the prior beside the measured one."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from partialpool.figures.fit.prior_predictive import FIGURE, prior_densities
from partialpool.figures.parts.densities import signed_log


def test_the_axis_holds_all_measurements() -> None:
    screens = np.random.default_rng(2).normal(0, 0.1, (5, 300))
    table = prior_densities(screens, np.array([-20.0, 0.0, 30.0]), 5)
    assert table["value"].min() == pytest.approx(signed_log(-20))
    assert table["value"].max() == pytest.approx(signed_log(30))


def test_the_axis_holds_nearly_all_of_the_widest_screen_of_the_prior() -> None:
    rng = np.random.default_rng(2)
    screens = rng.normal(0, [[0.1]] * 29 + [[40.0]], (30, 2000))  # one screen in 30 is wide
    table = prior_densities(screens, rng.normal(0, 1, 50), 30)
    wide = table[table["screen"] == 30]
    assert np.trapezoid(wide["density"], wide["value"]) > 0.98


def test_equal_measurements_have_finite_densities(equal_values: pd.DataFrame) -> None:
    curves = prior_densities(np.full((3, 100), 0.3), equal_values["value"], 2)
    assert np.isfinite(curves[["value", "density"]]).all(axis=None)


def test_ticks_of_the_logarithmic_axis_are_log_fold_changes(
    drawn: Callable[..., Any],
) -> None:
    figure = drawn(FIGURE)
    assert "4 simulated screens, each from one draw" in figure.labels.caption
    (scale,) = [s for s in figure.scales if "x" in s.aesthetics]
    ticks = dict(zip(scale.labels, scale.breaks, strict=True))
    assert ticks["0"] == 0
    assert ticks["10"] == pytest.approx(1, abs=0.01)
    assert "1000" not in ticks
