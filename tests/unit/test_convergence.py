"""The verdict on fits that were made up to pass or to fail in one way each."""

import json
import logging

import numpy as np
import pandas as pd
import pytest

from partialpool.inference.convergence import (
    ConvergenceError,
    convergence_table,
    describe,
    verdict,
)
from partialpool.pipelines.modeling.nodes import check_convergence, enforce_verdict

CHAINS, DRAWS = 4, 1000


@pytest.fixture
def settings(parameters):
    """The default thresholds."""
    return parameters.convergence


def make_fit(posterior=None, **statistics):
    """Make a fit of independent normal draws, but for what is given."""
    import arviz as az

    rng = np.random.default_rng(2)
    shape = CHAINS, DRAWS
    draws = {
        "mu_gene": rng.normal(-0.1, 1, shape),
        "gene_effect": rng.normal(0, 2, (*shape, 3)),
        "sigma": rng.gamma(50, 0.01, shape),
    }
    never = np.zeros(shape, dtype=bool)
    stats = {
        "diverging": never,
        "reached_max_treedepth": never,
        "energy": rng.normal(size=shape),
    }
    fit = az.from_dict(
        posterior=draws | (posterior or {}),
        sample_stats=stats | statistics,
        coords={"gene": ["KRAS", "MDM2", "TP53"]},
        dims={"gene_effect": ["gene"]},
    )
    fit.attrs.update(
        label="made up", fit_id="f1", data_hash="d1", seconds=1.25, compile_seconds=0.5
    )
    return fit


def judge(fit, settings):
    return verdict(fit, convergence_table(fit, settings.hdi_prob), settings)


def some(n: int) -> np.ndarray:
    """Flags of which n are set."""
    flags = np.zeros((CHAINS, DRAWS), dtype=bool)
    flags.flat[:n] = True
    return flags


def random_walk() -> np.ndarray:
    """Draws that hardly move: each chain a random walk of its own."""
    return np.random.default_rng(3).normal(size=(CHAINS, DRAWS)).cumsum(axis=1)


def slow() -> np.ndarray:
    """Autoregressive draws, x' = 0.9 x + noise: about one effective draw in 19."""
    noise = np.random.default_rng(4).normal(size=(CHAINS, DRAWS + 200))
    x = np.zeros_like(noise)
    for i in range(1, x.shape[1]):
        x[:, i] = 0.9 * x[:, i - 1] + noise[:, i]
    return x[:, 200:]


def test_a_good_fit_passes(settings) -> None:
    record = judge(make_fit(), settings)

    assert record["passed"]
    assert record["reasons"] == []
    assert record["model"] == "made up"
    assert (record["fit_id"], record["data_hash"]) == ("f1", "d1")
    assert (record["chains"], record["draws"], record["n_parameters"]) == (CHAINS, DRAWS, 5)
    assert (record["seconds"], record["compile_seconds"]) == (1.25, 0.5)
    assert record["thresholds"]["max_r_hat"] == settings.max_r_hat
    assert json.loads(json.dumps(record)) == record


def test_chains_that_disagree_fail_and_the_parameter_is_named(settings) -> None:
    effect = np.random.default_rng(5).normal(size=(CHAINS, DRAWS, 3))
    effect[0, :, 1] += 3  # of MDM2, in one chain
    record = judge(make_fit({"gene_effect": effect}), settings)

    assert not record["passed"]
    assert record["max_r_hat"] > 1.1
    reasons = "\n".join(record["reasons"])
    assert "R-hat > 1.01 for 1 of 5 parameters: gene_effect[MDM2]" in reasons
    assert "KRAS" not in reasons


def test_few_effective_draws_fail(settings) -> None:
    """4,000 / 19 = 210 effective draws of the mean, where 400 are needed."""
    record = judge(make_fit({"mu_gene": slow()}), settings)
    assert "bulk ESS < 400 for 1 of 5 parameters: mu_gene" in record["reasons"]
    assert 100 < record["min_ess_bulk"] < 350


def test_few_effective_draws_in_the_tails_fail(settings) -> None:
    """A tenth of each chain, in one stretch, has ten times the scale: it holds both tails.

    Signs are independent throughout, so that the centre mixes.
    """
    draws = np.random.default_rng(6).normal(size=(CHAINS, DRAWS))
    draws[:, 450:550] *= 10
    record = judge(make_fit({"mu_gene": draws}), settings)

    assert any(r.startswith("tail ESS < 400 for 1 of 5") for r in record["reasons"])
    assert not any(r.startswith("bulk ESS") for r in record["reasons"])


@pytest.mark.parametrize(
    ("name", "statistic", "reason"),
    [
        ("diverging", some(3), "3 divergences > 0"),
        ("reached_max_treedepth", some(7), "7 draws at the maximum tree depth > 0"),
    ],
)
def test_a_flagged_draw_fails(settings, name: str, statistic, reason: str) -> None:
    record = judge(make_fit(**{name: statistic}), settings)
    assert record["reasons"] == [reason]


def test_low_energy_mixing_fails(settings) -> None:
    """E-BFMI is E[(dE)^2] / Var(E): 2 of independent energies, near 0 of a random walk."""
    record = judge(make_fit(energy=random_walk()), settings)

    assert record["min_e_bfmi"] < 0.1
    assert record["reasons"] == [f"E-BFMI {record['min_e_bfmi']:.2f} < 0.3"]
    assert judge(make_fit(), settings)["min_e_bfmi"] == pytest.approx(2, rel=0.1)


def test_e_bfmi_is_that_of_arviz(settings) -> None:
    import arviz as az

    fit = make_fit(energy=random_walk() + np.random.default_rng(8).normal(size=(CHAINS, DRAWS)))
    assert judge(fit, settings)["min_e_bfmi"] == pytest.approx(min(az.bfmi(fit)))


def test_one_chain_of_low_energy_mixing_is_enough(settings) -> None:
    energy = np.random.default_rng(7).normal(size=(CHAINS, DRAWS))
    energy[2] = random_walk()[2]
    assert not judge(make_fit(energy=energy), settings)["passed"]


@pytest.mark.parametrize("column", ["r_hat", "ess_bulk", "ess_tail"])
def test_a_diagnostic_that_is_not_a_number_fails(settings, column: str) -> None:
    fit = make_fit()
    table = convergence_table(fit, settings.hdi_prob)
    table.loc[0, column] = np.nan
    record = verdict(fit, table, settings)

    assert not record["passed"]
    assert record["reasons"][0].endswith("is not a number for 1 of 5 parameters: mu_gene")


def test_an_energy_that_is_not_a_number_fails(settings) -> None:
    record = judge(make_fit(energy=np.full((CHAINS, DRAWS), np.nan)), settings)
    assert record["reasons"] == ["E-BFMI is not a number"]
    assert record["min_e_bfmi"] is None


def test_one_chain_says_so_in_json_that_any_tool_reads(settings) -> None:
    record = judge(make_fit().isel(chain=[0]), settings)
    assert record["max_r_hat"] is None
    assert record["reasons"][0].startswith("R-hat is not a number for 5 of 5 parameters: mu_gene")
    json.dumps(record, allow_nan=False)
    assert "max R-hat nan" in describe(record)


def test_the_worst_five_are_named_first(settings) -> None:
    fit = make_fit()
    table = pd.concat([convergence_table(fit, 0.89)] * 2, ignore_index=True)
    table["parameter"] = [f"p{i}" for i in range(10)]
    table["r_hat"] = 1.02 + np.array([3, 1, 9, 5, 2, 8, 0, 7, 6, 4]) / 100
    reason = verdict(fit, table, settings)["reasons"][0]
    assert reason == "R-hat > 1.01 for 10 of 10 parameters: p2, p5, p7, p8, p3 and 5 more"


@pytest.mark.parametrize("name", ["max_divergences", "max_treedepth_hits"])
def test_thresholds_are_the_settings(settings, name: str) -> None:
    statistic = {"max_divergences": "diverging", "max_treedepth_hits": "reached_max_treedepth"}
    fit = make_fit(**{statistic[name]: some(3)})
    assert judge(fit, settings.model_copy(update={name: 3}))["passed"]
    assert not judge(fit, settings.model_copy(update={name: 2}))["passed"]


def test_the_table_has_a_row_per_parameter_by_its_label(settings) -> None:
    fit = make_fit()
    table = convergence_table(fit, 0.5).set_index("parameter")

    effects = [f"gene_effect[{gene}]" for gene in ("KRAS", "MDM2", "TP53")]
    assert table.index.tolist() == ["mu_gene", *effects, "sigma"]
    of_tp53 = fit.posterior["gene_effect"].sel(gene="TP53").to_numpy()
    found = table.loc["gene_effect[TP53]"]
    assert found["mean"] == pytest.approx(of_tp53.mean())
    assert found["sd"] == pytest.approx(of_tp53.std(ddof=1))
    # Half of a normal lies within 0.674 sd; the interval's own error is some 0.1.
    assert found["hdi_lower"] == pytest.approx(-0.674 * 2, abs=0.3)
    assert found["hdi_upper"] == pytest.approx(0.674 * 2, abs=0.3)
    # Independent draws: every one counts, and the mean's error is sd / sqrt(4,000).
    assert found["ess_bulk"] == pytest.approx(4000, rel=0.15)
    assert found["mcse_mean"] == pytest.approx(2 / np.sqrt(4000), rel=0.1)


# ---- what happens then ----


def test_the_line_tells_what_was_found() -> None:
    record = {
        "model": "cell_line",
        "passed": False,
        "reasons": ["2 divergences > 0"],
        "max_r_hat": 1.00449,
        "min_ess_bulk": 1234.5,
        "min_ess_tail": 999.9,
        "divergences": 2,
        "treedepth_hits": 1,
        "min_e_bfmi": 0.876,
        "seconds": 12.34,
    }
    line = (
        "max R-hat 1.0045, min ESS bulk 1,234 tail 1,000, 2 divergences, 1 tree-depth hits, "
        "E-BFMI 0.88, 12.3 s"
    )
    assert describe(record) == f"cell_line: FAILED; {line}; 2 divergences > 0"
    assert describe(record | {"passed": True}) == f"cell_line: passed; {line}"


def test_a_failed_verdict_stops_the_run_if_so_set(settings) -> None:
    _, record = check_convergence(make_fit(diverging=some(1)), settings)
    with pytest.raises(ConvergenceError, match=r"made up: FAILED; .*; 1 divergences > 0"):
        enforce_verdict(record, settings.model_copy(update={"on_failure": "raise"}))


def test_a_failed_verdict_is_a_warning_if_so_set(settings, caplog) -> None:
    _, record = check_convergence(make_fit(diverging=some(1)), settings)
    with caplog.at_level(logging.INFO):
        enforce_verdict(record, settings.model_copy(update={"on_failure": "warn"}))

    assert [entry.levelname for entry in caplog.records] == ["WARNING"]
    assert "FAILED" in caplog.text


def test_a_passed_verdict_is_a_plain_line(settings, caplog) -> None:
    _, record = check_convergence(make_fit(), settings)
    with caplog.at_level(logging.INFO):
        enforce_verdict(record, settings.model_copy(update={"on_failure": "raise"}))

    assert [entry.levelname for entry in caplog.records] == ["INFO"]
