"""The convergence check of the dependency model, and the record of how a fit was made."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from dependency_screens import SETTINGS, draw_screen
from partialpool.inference.fit_settings import ConvergenceSettings
from partialpool.inference.gibbs.fit import fit_dependency
from partialpool.inference.gibbs.fitting import FittedDependency, fit_table
from partialpool.inference.gibbs.results import DependencyFit
from partialpool.inference.gibbs.settings import DependencySettings
from partialpool.inference.gibbs.verdict import describe, diagnostics, judge

ABOUT = {"label": "dependency", "fit_id": "1", "data_hash": "2"}
SUMMARY = pd.DataFrame({"parameter": ["mu"], "r_hat": [3.0], "ess_bulk": [4.0]})


@pytest.fixture(scope="module")
def fit() -> DependencyFit:
    """A fit whose diagnostics are then replaced."""
    matrix, _ = draw_screen(np.random.default_rng(1), [2, 1, 3], [1, 2])
    weights = {"c": {"L0": 1.0, "L1": -1.0}}
    chosen = DependencySettings.model_validate(SETTINGS | {"tune": 20, "draws": 20})
    return fit_dependency(matrix, chosen, contrasts=weights)


@pytest.fixture
def good(fit) -> DependencyFit:
    """All chains agree, with many effective draws."""
    fine = {"r_hat": 1.0, "ess_bulk": 900.0}
    genes = fit.genes.assign(**fine, tau_r_hat=1.0, tau_ess_bulk=900.0)
    tables = {"effects": fit.effects.assign(**fine), "contrasts": fit.contrasts.assign(**fine)}
    return dataclasses.replace(fit, genes=genes, **tables)


def with_one(fit: DependencyFit, table: str, **values: float) -> DependencyFit:
    """The last row of a table has other diagnostics."""
    changed = getattr(fit, table).copy()
    for name, value in values.items():
        changed.loc[changed.index[-1], name] = value
    return dataclasses.replace(fit, **{table: changed})


@pytest.fixture
def thresholds(parameters) -> ConvergenceSettings:
    return parameters.convergence


def test_spreads_lines_and_replicates_are_shown_but_not_judged(good, thresholds) -> None:
    slow = with_one(good, "genes", tau_r_hat=1.2, tau_ess_bulk=50.0)
    found = judge(slow, SUMMARY, ABOUT, thresholds)
    assert (found["passed"], found["reasons"], found["advice"]) == (True, [], [])
    assert (found["max_r_hat_lines"], found["min_ess_bulk_lines"]) == (3.0, 4.0)
    assert (found["max_r_hat_tau"], found["min_ess_bulk_tau"]) == (1.2, 50.0)
    assert found["n_parameters"] == 3 * 2 + 3 + 3  # effects, means, contrasts
    json.dumps(found)


@pytest.mark.parametrize(
    ("table", "values", "reason"),
    [
        ("effects", {"r_hat": 1.2}, "effect[G2, L1]"),
        ("genes", {"ess_bulk": 100.0}, "gene_mean[G2]"),
        ("contrasts", {"ess_bulk": np.nan}, "contrast[G2, c]"),
    ],
)
def test_effects_means_and_contrasts_are_judged(good, thresholds, table, values, reason) -> None:
    found = judge(with_one(good, table, **values), SUMMARY, ABOUT, thresholds)
    assert not found["passed"]
    assert len(found["reasons"]) == 1
    assert found["reasons"][0].endswith(f"for 1 of 12 parameters: {reason}")
    assert found["advice"]
    assert "FAILED" in describe(found)
    json.dumps(found, allow_nan=False)


def test_more_draws_are_advised_in_proportion(good, thresholds) -> None:
    """100 of 400 effective draws, and a reserve of a fifth: 4.8 times as many draws."""
    few = with_one(good, "effects", ess_bulk=100.0)
    many = {"chains": 2, "draws": 1000, "seconds": 1.0}
    found = judge(dataclasses.replace(few, diagnostics=many), SUMMARY, ABOUT, thresholds)
    assert found["advice"] == ["More draws: set draws=4800 (now 1000)."]


def test_what_is_fixed_by_the_scale_is_not_judged(fit) -> None:
    """The mean of the only nonessential gene is 0, that of the only common-essential one -1."""
    matrix, _ = draw_screen(np.random.default_rng(1), [2, 1, 3], [1, 2])
    chosen = DependencySettings.model_validate(SETTINGS | {"tune": 20, "draws": 20})
    lists = {"nonessential": ["G0"], "common_essential": ["G1"]}
    names = diagnostics(fit_dependency(matrix, chosen, **lists))["parameter"]
    assert [name for name in names if name.startswith("gene_mean")] == ["gene_mean[G2]"]


def test_priors_are_changed_down_to_the_single_number(parameters) -> None:
    values = parameters.dependency.fit.model_dump() | {"priors": {"mu": {"sigma": 0.3}}}
    priors = DependencySettings.model_validate(values).priors
    assert (priors.mu.mu, priors.mu.sigma) == (0.0, 0.3)
    assert priors.level == parameters.dependency.fit.priors.level


@pytest.fixture(scope="module")
def fitted(balanced_table, tiny) -> FittedDependency:
    settings = tiny.dependency.fit.model_copy(update={"draws": 20, "tune": 20})
    return fit_table(balanced_table, settings, tiny.convergence, copy_number=True)


def test_a_fit_records_how_it_was_made(fitted, balanced_table) -> None:
    about = fitted.posterior.attrs
    assert about["fit_id"] == fitted.verdict["fit_id"]
    assert (about["model"], about["label"]) == ("dependency", "dependency")
    assert about["n_measurements"] == len(balanced_table)
    assert about["n_cell_line"] == balanced_table["depmap_id"].nunique()
    assert json.loads(about["settings"])["draws"] == 20
    assert "copy_number" in fitted.posterior.posterior


def test_the_data_are_identified_by_their_content(fitted, balanced_table, tiny) -> None:
    settings = tiny.dependency.fit.model_copy(update={"draws": 4, "tune": 4})

    def hash_of(table: pd.DataFrame, **how) -> str:
        return fit_table(table, settings, tiny.convergence, **how).verdict["data_hash"]

    shuffled = balanced_table.sample(frac=1, random_state=1)
    assert hash_of(shuffled, copy_number=True) == fitted.verdict["data_hash"]
    other = balanced_table.assign(lfc=balanced_table["lfc"] + 1)
    assert hash_of(other, copy_number=True) != fitted.verdict["data_hash"]
    assert hash_of(balanced_table) != fitted.verdict["data_hash"]
