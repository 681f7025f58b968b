"""Estimates and calls beside planted effects: values computed by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from partialpool.calls.call_settings import CallSettings
from partialpool.calls.controls import Controls
from partialpool.calls.recovery import dependency_recovery, planted_effects
from partialpool.defaults import default

SETTINGS = CallSettings.model_validate(default("calls"))
LINES = ["L1", "L2", "L3"]
#: Effects of genes in lines, and what copy number adds. Means over lines: 0, -1, 0.5, -2.
PLANTED = {"A": [0.0, 0, 0], "B": [-3.0, 0, 0], "C": [0.5, 0.5, 0.5], "D": [-2.0, -2, -2]}
COPIES = {"A": [0.0, 0, -0.5], "B": [0.0, 0, 0], "C": [0.0, 0, 0], "D": [0.0, 0, 0]}


@pytest.fixture
def truth() -> pd.DataFrame:
    rows = [
        (name, gene, line, value)
        for name, table in (("dependency", PLANTED), ("copies_effect", COPIES))
        for gene, values in table.items()
        for line, value in zip(LINES, values, strict=True)
    ]
    rows += [("line_strength", np.nan, line, 1 + n / 10) for n, line in enumerate(LINES)]
    rows += [("gene_effect", "A", np.nan, 9.0)]
    return pd.DataFrame(rows, columns=["parameter", "hugo_symbol", "depmap_id", "value"])


def genes(fold: dict[str, int] | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {"hugo_symbol": [*PLANTED], "fold": [(fold or {}).get(g, 0) for g in PLANTED]}
    )


def wide(found: pd.DataFrame) -> dict[str, list[float]]:
    table = found.pivot_table("planted", "hugo_symbol", "depmap_id")
    return {gene: row.tolist() for gene, row in table.iterrows()}


def test_zero_is_the_planted_median_gene(truth) -> None:
    """The median of 0, -1, 0.5, -2 is -0.5."""
    found = wide(planted_effects(truth, genes(), copy_number=True))
    assert found["A"] == [0.5, 0.5, 0.5]
    assert found["B"] == [-2.5, 0.5, 0.5]


def test_the_effect_of_copy_number_counts_if_the_fit_does_not_remove_it(truth) -> None:
    """The mean of A is then -1/6, and the median -7/12."""
    found = wide(planted_effects(truth, genes(), copy_number=False))
    np.testing.assert_allclose(found["A"], [7 / 12, 7 / 12, 1 / 12])


def test_control_genes_are_on_the_scale_of_the_other_fold(truth) -> None:
    """Medians: nonessential 0.25, A alone 0, C alone 0.5; essential -2."""
    lists = Controls(["A", "C"], ["D"])
    found = wide(planted_effects(truth, genes({"A": 1, "C": 2, "D": 1}), lists, copy_number=True))
    np.testing.assert_allclose(found["B"], np.array([-3.25, -0.25, -0.25]) / 2.25)
    np.testing.assert_allclose(found["A"], np.full(3, -0.5) / 2.5)
    np.testing.assert_allclose(found["C"], np.full(3, 0.5) / 2.0)


def test_calls_are_counted_against_what_was_planted(truth) -> None:
    """True dependencies: B in L1, and D everywhere. Called: B in L1 and in L2 (false)."""
    called = planted_effects(truth, genes(), copy_number=True)
    called["mean"] = called["planted"] + 0.1
    called = called.assign(lower=called["mean"] - 0.2, upper=called["mean"] + 0.2)
    called.loc[called["hugo_symbol"] == "C", ["lower", "upper"]] = 9.0
    hit = (called["hugo_symbol"] == "B") & called["depmap_id"].isin(["L1", "L2"])
    called["call"] = np.where(hit, "dependent", "not called")
    called.loc[(called["hugo_symbol"] == "D") & (called["depmap_id"] == "L3"), "call"] = (
        "not measured"
    )
    called["p_dependent"] = np.where(called["depmap_id"] == "L1", 1.0, 0.8)
    found = dependency_recovery(
        called.drop(columns="planted"), genes(), truth, SETTINGS, copy_number=True
    ).set_index("group")
    every = found.loc["all"]
    assert every["n"] == 11
    assert every["coverage"] == pytest.approx(8 / 11)
    assert every["bias"] == pytest.approx(0.1)
    assert list(every[["n_dependent", "n_called", "n_found", "n_missed", "n_false"]]) == [
        *(3, 2, 1, 2, 1),
    ]
    assert (every["realised_fdr"], every["expected_fdr"]) == (0.5, pytest.approx(0.1))
    assert [*found.index] == [
        *("all", "true dependencies", "other effects"),
        *("weak lines", "medium lines", "strong lines", "B", "D"),
    ]
    assert found.loc["weak lines", "n"] == 4
    assert found.loc["D", ["n", "n_missed"]].tolist() == [2, 2]
