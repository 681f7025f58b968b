"""Amplified genes without effect are not called if copy number is in the model; others stay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import partialpool as pp
from partialpool.calls.call_settings import CallSettings
from partialpool.calls.recovery import dependency_recovery, planted_effects
from partialpool.defaults import default
from partialpool.simulation import DepmapScreenSettings, as_r_table, simulate_depmap_screen

#: Sizes; 1 in 50 genes x lines amplified, most of them four to sixteen times; toxic copies.
SCREEN: dict[str, Any] = {
    **{"n_genes": 120, "n_sgrnas": 480, "n_cell_lines": 30, "n_replicates": 60},
    "copy_number": {"amplified_fraction": 0.02},
    "deviations": {"planted": True, "toxicity": -0.4},
}
AMPLIFIED = 6.0


def screen(parameters) -> tuple[pd.DataFrame, pd.DataFrame]:
    values = parameters.simulation.depmap_screen.model_dump()
    for name, change in SCREEN.items():
        values[name] = values[name] | change if isinstance(change, dict) else change
    raw, truth = simulate_depmap_screen(DepmapScreenSettings.model_validate(values))
    return as_r_table(raw), truth


@pytest.fixture(scope="module")
def fits(parameters) -> tuple[dict[bool, pd.DataFrame], pd.DataFrame]:
    """Effects and calls with and without copy number, beside the planted effects; recovery."""
    table, truth = screen(parameters)
    copies = table.drop_duplicates(["hugo_symbol", "depmap_id"])
    copies = copies[["hugo_symbol", "depmap_id", "gene_cn"]]
    found = {}
    for removed in (True, False):
        fit = pp.fit_dependency(table, copy_number=removed, chains=2, tune=200, draws=400)
        # Without their toxicity: what the gene itself does.
        planted = planted_effects(truth, fit.genes.assign(fold=0), copy_number=True)
        found[removed] = fit.effects.merge(planted).merge(copies)
        if removed:
            settings = CallSettings.model_validate(default("calls"))
            recovery = dependency_recovery(
                fit.effects, fit.genes.assign(fold=0), truth, settings, copy_number=True
            )
    return found, recovery


@pytest.mark.slow
def test_amplified_genes_without_effect_are_not_called(fits) -> None:
    amplified = {}
    for removed, table in fits[0].items():
        rows = table[(table["gene_cn"] > AMPLIFIED) & (table["planted"] > -0.25)]
        amplified[removed] = rows
        print(removed, len(rows), (rows["call"] == "dependent").sum(), rows["mean"].mean())
    assert len(amplified[True]) > 40
    assert (amplified[False]["call"] == "dependent").sum() > 10
    assert (amplified[True]["call"] == "dependent").mean() <= 0.02
    assert (amplified[True]["mean"] - amplified[True]["planted"]).mean() == pytest.approx(
        0, abs=0.1
    )


@pytest.mark.slow
def test_planted_dependencies_stay(fits) -> None:
    """Those of selective genes, also where they are amplified."""
    share = {}
    for removed, table in fits[0].items():
        true = table[table["planted"] < -0.8]
        share[removed] = (true["call"] == "dependent").mean()
        print(removed, len(true), share[removed])
        hit = table[table["call"] == "dependent"]
        print("false calls", (hit["planted"] >= -0.5).sum(), "of", len(hit))
    assert share[True] > share[False] - 0.05
    assert share[True] > 0.7


@pytest.mark.slow
def test_intervals_cover_planted_effects_and_calls_keep_their_rate(fits) -> None:
    total = fits[1].set_index("group").loc["all"]
    print(fits[1].to_string())
    assert abs(total["coverage"] - 0.89) < 3 * total["coverage_se"]
    assert total["realised_fdr"] < 0.05 + 3 * np.sqrt(0.05 / total["n_called"])
