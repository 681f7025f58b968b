"""Ranks of the chains."""

from typing import Any

import numpy as np
import xarray as xr
from scipy import stats

from partialpool.figures.fit.rank import rank_table


def test_ranks_of_separate_chains_fill_separate_halves() -> None:
    draws = np.arange(40.0).reshape(2, 20)
    table = rank_table(xr.Dataset({"mu": (("chain", "draw"), draws)}), 4, 0.99)
    assert table.loc[table["chain"] == 1, "n"].tolist() == [10, 10, 0, 0]
    assert table.loc[table["chain"] == 2, "n"].tolist() == [0, 0, 10, 10]
    assert table["expected"].unique().tolist() == [5.0]
    band = stats.hypergeom(40, 10, 20).interval(0.99)
    assert (table["lower"].iloc[0], table["upper"].iloc[0]) == band
    assert table["share_upper"].max() == 1


def test_most_ranks_of_independent_draws_are_in_the_band(posterior: xr.Dataset) -> None:
    table = rank_table(posterior, 10, 0.99)
    assert table["n"].between(table["lower"], table["upper"]).mean() > 0.9


def test_ranks_are_drawn_as_steps(plots: dict[str, Any]) -> None:
    segments = plots["rank"].data
    flat = segments[segments["y"] == segments["yend"]]
    assert len(segments) == 4 * 2 * 9
    assert flat["xend"].max() == 1
