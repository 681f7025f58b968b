"""Simulated screens and the measured one."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from partialpool.figures.fit.ppc import FIGURE, screen_densities


def test_densities_hold_the_measured_screen_and_n_others() -> None:
    rng = np.random.default_rng(1)
    table = screen_densities(rng.normal(0, 1, (9, 500)), rng.normal(0, 1, 500), 4)
    assert sorted(table["screen"].unique()) == [0, 1, 2, 3, 4]
    assert set(table.loc[table["screen"] == 0, "kind"]) == {"measured"}
    areas = [np.trapezoid(t["density"], t["value"]) for _, t in table.groupby("screen")]
    assert areas == pytest.approx(np.ones(5), abs=0.05)


def test_equal_measurements_have_finite_densities(equal_values: pd.DataFrame) -> None:
    curves = screen_densities(np.full((3, 100), 0.3), equal_values["value"], 2)
    assert np.isfinite(curves[["value", "density"]]).all(axis=None)


def test_the_caption_says_how_many_screens_are_shown(drawn: Callable[..., Any]) -> None:
    figure = drawn(FIGURE)
    assert "4 screens that the fitted model simulates" in figure.labels.caption
    assert set(figure.data["kind"]) == {"4 screens simulated by the model", "the measured screen"}
