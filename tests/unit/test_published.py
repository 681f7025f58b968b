"""Estimates beside the published ones, and only for the screen that was published."""

import pandas as pd
import pytest

from partialpool.tidy.published import COLUMNS, PUBLISHED, estimates_vs_published


@pytest.fixture
def convergence() -> pd.DataFrame:
    names = ["sigma", *PUBLISHED]
    table = pd.DataFrame({"parameter": names, "mean": 0.0, "sd": 0.1})
    return table.assign(mean=table["mean"].mask(table["parameter"] == "mu_rna", -1.223))


def test_distances_are_in_published_sds(convergence) -> None:
    screen = pd.DataFrame({"lfc": [7.5163702, 0.3, -1.0222849]})
    found = estimates_vs_published(screen, convergence).set_index("parameter")
    assert set(found.index) == set(PUBLISHED)
    assert found.loc["mu_rna", "distance"] == pytest.approx((-1.223 + 1.488) / 0.53)
    assert found.loc["sigma_rna", "distance"] == pytest.approx(-1.188 / 0.494)


def test_a_screen_of_other_settings_was_never_published(convergence) -> None:
    screen = pd.DataFrame({"lfc": [7.5163702, 0.3, -1.0]})
    found = estimates_vs_published(screen, convergence)
    assert len(found) == 0
    assert list(found) == list(COLUMNS)  # a file of it can be read again
