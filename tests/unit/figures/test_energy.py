"""Energy of the sampler."""

from typing import Any

import arviz as az
import numpy as np
import pytest
import xarray as xr

from partialpool.figures.fit.energy import e_bfmi, energy_table


def test_e_bfmi_is_that_of_arviz() -> None:
    energy = np.random.default_rng(4).normal(0, 3, (3, 200)).cumsum(axis=1)
    sample_stats = xr.Dataset({"energy": (("chain", "draw"), energy)})
    idata = az.InferenceData(sample_stats=sample_stats)
    assert e_bfmi(sample_stats) == pytest.approx(az.bfmi(idata), rel=0.01)


def test_energy_is_centred_and_beside_its_changes() -> None:
    energy = 1000 + np.random.default_rng(5).normal(0, 3, (2, 500))
    table = energy_table(xr.Dataset({"energy": (("chain", "draw"), energy)}))
    mass = table.assign(moment=table["energy"] * table["density"])
    centre = mass.groupby("kind")["moment"].sum() / mass.groupby("kind")["density"].sum()
    assert centre["marginal"] == pytest.approx(0, abs=0.1)
    assert set(table["kind"]) == {"marginal", "transition"}


def test_energy_says_whether_it_passes(plots: dict[str, Any]) -> None:
    assert "passes at 0.3" in plots["energy"].labels.title
