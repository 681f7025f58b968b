"""The verdict on fits that were made up to pass or to fail in one way each."""

import json
import logging
import re

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from partialpool.inference.convergence import (
    ConvergenceError,
    convergence_table,
    describe,
    r_hat_limit,
    verdict,
)
from partialpool.inference.fit_settings import ConvergenceSettings
from partialpool.inference.r_hat import chance_limit
from partialpool.inference.summary import summarize
from partialpool.pipelines.modeling.nodes import enforce_verdict

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
    assert record["advice"] == []
    assert record["thresholds"]["max_r_hat"] == settings.max_r_hat
    assert record["r_hat_rule"].startswith("max_r_hat 1.01")
    assert json.loads(json.dumps(record)) == record


def test_chains_that_disagree_fail_and_the_parameter_is_named(settings) -> None:
    effect = np.random.default_rng(5).normal(size=(CHAINS, DRAWS, 3))
    effect[0, :, 1] += 3  # of MDM2, in one chain
    record = judge(make_fit({"gene_effect": effect}), settings)

    assert not record["passed"]
    assert record["max_r_hat"] > 1.1
    reasons = "\n".join(record["reasons"])
    limit = record["thresholds"]["max_r_hat"]
    assert f"R-hat > {limit:g} for 1 of 5 parameters: gene_effect[MDM2]" in reasons
    assert limit <= settings.r_hat_cap
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
    draws = np.random.default_rng(9).normal(size=(CHAINS, DRAWS, 10))
    draws[0] += 1 + np.array([3, 1, 9, 5, 2, 8, 0, 7, 6, 4]) / 3
    record = judge(make_fit({"p": draws}), settings)
    named = record["reasons"][0].removeprefix(f"R-hat > {record['thresholds']['max_r_hat']:g} for ")
    assert named == "10 of 15 parameters: p[2], p[5], p[7], p[8], p[3] and 5 more"


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


# ---- the limit of R-hat ----


def few_draws(shape: tuple[int, ...], seed: int) -> xr.Dataset:
    """Independent draws of a fit that has converged beyond doubt."""
    draws = np.random.default_rng(seed).normal(size=shape)
    return xr.Dataset({"x": (("chain", "draw", "i"), draws)})


def test_the_limit_is_the_quantile_of_an_analysis_of_variance() -> None:
    """One parameter, of whose bulk alone is asked: R-hat^2 = (n - 1) / n + F / n, n to a half.

    ESS is the number of draws, as they are independent.
    """
    chains, draws = 4, 100
    f = stats.f.isf(0.01, 7, chains * draws - 8)
    expected = np.sqrt((50 - 1 + f) / 50)
    found = chance_limit(np.array([400.0]), chains, draws, rate=0.01, least=1.001, cap=2)
    assert found == pytest.approx(expected, abs=1e-4)
    assert found >= expected


def test_the_limit_is_exceeded_at_the_stated_rate() -> None:
    """Of one-way analyses of variance of independent normal draws, without ranks."""
    draws = np.random.default_rng(12).normal(size=(20_000, 8, 50))
    between, within = 50 * draws.mean(2).var(1, ddof=1), draws.var(2, ddof=1).mean(1)
    r_hat = np.sqrt((between / within + 49) / 50)
    limit = chance_limit(np.array([400.0]), 4, 100, rate=0.05, least=1.001, cap=2)
    # 5 standard errors of a share of 0.05 among 20,000.
    assert np.mean(r_hat > limit) == pytest.approx(0.05, abs=5 * np.sqrt(0.05 * 0.95 / 20_000))


def test_the_limit_rises_with_parameters_and_falls_with_draws() -> None:
    def limit(parameters: int, ess: float) -> float:
        return chance_limit(np.full(parameters, ess), 4, 1000, rate=0.01, least=1.01, cap=1.05)

    assert limit(10, 4000) == 1.01
    assert 1.01 < limit(100, 800) < limit(10_000, 800) < limit(10_000, 600) < 1.05
    assert limit(10_000, 400) == 1.05
    assert limit(10_000, 8000) == 1.01


def test_a_good_fit_of_few_draws_passes_where_the_usual_limit_fails_it(settings) -> None:
    draws = few_draws((4, 250, 1000), seed=13)
    table = summarize(draws, settings.hdi_prob)
    limit = r_hat_limit(table, 4, 250, settings)
    assert settings.max_r_hat < table["r_hat"].max() < limit < settings.r_hat_cap


def test_a_bad_parameter_excuses_others_no_more_than_a_passable_one(settings) -> None:
    """Its few effective draws say that its own R-hat may be large by chance."""
    table = summarize(few_draws((4, 1000, 50), seed=14), settings.hdi_prob)
    bad = table.assign(ess_bulk=table["ess_bulk"].where(table.index > 0, 5.0))
    least = table.assign(ess_bulk=table["ess_bulk"].where(table.index > 0, 400.0))
    assert r_hat_limit(bad, 4, 1000, settings) == r_hat_limit(least, 4, 1000, settings)


def test_the_record_says_where_the_limit_comes_from(settings) -> None:
    rng = np.random.default_rng(15)
    fit = make_fit({"p": rng.normal(size=(CHAINS, DRAWS, 10))})
    table = convergence_table(fit, 0.89)
    table[["ess_bulk", "ess_folded"]] = 800.0
    record = verdict(fit, table, settings)
    limit = record["thresholds"]["max_r_hat"]

    assert record["passed"]
    assert 1.01 < limit < 1.05
    assert f"chance explains up to {limit:g}" in record["r_hat_rule"]
    assert "15 parameters" in record["r_hat_rule"]
    capped = settings.model_copy(update={"r_hat_cap": 1.015})
    record = verdict(fit, table, capped)
    assert record["thresholds"]["max_r_hat"] == 1.015
    assert record["r_hat_rule"].startswith("r_hat_cap 1.015")


def test_a_cap_below_the_limit_is_refused(settings) -> None:
    with pytest.raises(ValueError, match="r_hat_cap must be at least max_r_hat"):
        ConvergenceSettings.model_validate(settings.model_dump() | {"r_hat_cap": 1.005})


# ---- advice ----


def ridge() -> dict[str, np.ndarray]:
    """Two levels of which the data know the sum: chains walk along it."""
    rng = np.random.default_rng(16)
    level = random_walk() / 10
    effects = rng.normal(0, 0.1, (CHAINS, DRAWS, 3)) - level[..., None]
    return {"mu_gene": level, "gene_effect": effects}


def only_advice(fit, settings) -> str:
    record = judge(fit, settings)
    assert not record["passed"]
    assert len(record["advice"]) == 1, record["advice"]
    assert record["advice"][0] in describe(record)
    return record["advice"][0]


def test_advice_on_levels_that_trade_off(settings) -> None:
    advice = only_advice(make_fit(ridge()), settings)
    assert advice.startswith("The levels of mu_gene and gene_effect trade off (correlation -1.00)")
    assert "parametrization=identified" in advice


@pytest.mark.parametrize("kind", ["stuck", "another mode"])
def test_advice_on_one_chain_that_differs(settings, kind: str) -> None:
    draws = np.random.default_rng(17).normal(size=(CHAINS, DRAWS))
    draws[2] = 0.3 if kind == "stuck" else draws[2] + 3
    advice = only_advice(make_fit({"mu_gene": draws}), settings)
    assert advice.startswith("Chain 2 (of 0 to 3) is stuck or in another mode")
    assert "agree about mu_gene" in advice


def test_advice_on_chains_in_different_places(settings) -> None:
    advice = only_advice(make_fit({"mu_gene": random_walk()}), settings)
    assert advice.startswith("The chains have different values of mu_gene.")
    assert "draws=" not in advice


def test_advice_on_the_number_of_draws_is_enough(settings) -> None:
    """The same chain with as many draws as advised passes."""
    fit = make_fit({"mu_gene": slow()})
    bulk = judge(fit, settings)["min_ess_bulk"]
    advice = only_advice(fit, settings)
    needed = int(re.search(r"draws=(\d+) \(now 1000\)\. This is enough for mu_gene", advice)[1])
    assert bulk * needed / DRAWS >= 400 * 1.2
    assert bulk * (needed - 100) / DRAWS <= 400 * 1.2


def test_advice_on_draws_that_are_too_few_by_far(settings) -> None:
    demanding = settings.model_copy(update={"min_ess_bulk": 100_000})
    advice = only_advice(make_fit(), demanding)
    assert "more draws do not help" in advice
    assert "mu_gene" in advice


@pytest.mark.parametrize(
    ("name", "statistic", "words"),
    [
        ("diverging", some(3), "target_accept=0.95"),
        ("reached_max_treedepth", some(7), "tree depth: double tune"),
        ("energy", random_walk(), "Low E-BFMI: double tune"),
    ],
)
def test_advice_on_the_sampler(settings, name: str, statistic, words: str) -> None:
    assert words in only_advice(make_fit(**{name: statistic}), settings)


def test_advice_on_what_is_not_a_number(settings) -> None:
    constant = make_fit({"sigma": np.ones((CHAINS, DRAWS))})
    assert only_advice(constant, settings).startswith("sigma: all draws are equal")
    assert "chains=4" in only_advice(make_fit().isel(chain=[0]), settings)


def test_chains_that_never_move_have_no_finite_r_hat_and_the_record_is_json(settings) -> None:
    apart = np.repeat(np.arange(4.0)[:, None], DRAWS, axis=1)
    record = judge(make_fit({"mu_gene": apart}), settings)
    assert record["max_r_hat"] is None
    assert any("mu_gene" in reason for reason in record["reasons"])
    json.dumps(record, allow_nan=False)


# ---- what happens then ----


def test_the_line_tells_what_was_found() -> None:
    record = {
        "model": "cell_line",
        "passed": False,
        "reasons": ["2 divergences > 0", "E-BFMI 0.25 < 0.3"],
        "max_r_hat": 1.00449,
        "min_ess_bulk": 1234.5,
        "min_ess_tail": 999.9,
        "divergences": 2,
        "treedepth_hits": 1,
        "min_e_bfmi": 0.876,
        "seconds": 12.34,
        "thresholds": {"max_r_hat": 1.0183},
        "advice": ["Double tune.", "Look at sigma."],
    }
    line = (
        "max R-hat 1.0045 (limit 1.0183), min ESS bulk 1,234 tail 1,000, 2 divergences, "
        "1 tree-depth hits, "
        "E-BFMI 0.88, 12.3 s"
    )
    assert describe(record).splitlines() == (
        [
            f"cell_line: FAILED; {line}",
            "  Failed: 2 divergences > 0",
            "  Failed: E-BFMI 0.25 < 0.3",
            "  Advice: Double tune.",
            "  Advice: Look at sigma.",
        ]
    )
    assert describe(record | {"passed": True}) == f"cell_line: passed; {line}"


def judged(fit, settings):
    """The verdict on a fit, as the node of a model gives it."""
    return verdict(fit, convergence_table(fit, settings.hdi_prob), settings)


def test_a_failed_verdict_stops_the_run_if_so_set(settings) -> None:
    record = judged(make_fit(diverging=some(1)), settings)
    with pytest.raises(ConvergenceError, match=r"made up: FAILED; .*\n  Failed: 1 divergences > 0"):
        enforce_verdict(record, settings.model_copy(update={"on_failure": "raise"}))


def test_a_failed_verdict_is_a_warning_if_so_set(settings, caplog) -> None:
    record = judged(make_fit(diverging=some(1)), settings)
    with caplog.at_level(logging.INFO):
        enforce_verdict(record, settings.model_copy(update={"on_failure": "warn"}))

    assert {entry.levelname for entry in caplog.records} == {"WARNING"}
    lines = [entry.getMessage() for entry in caplog.records]
    assert lines == describe(record).splitlines()
    assert "FAILED" in lines[0]


def test_a_passed_verdict_is_a_plain_line(settings, caplog) -> None:
    record = judged(make_fit(), settings)
    with caplog.at_level(logging.INFO):
        enforce_verdict(record, settings.model_copy(update={"on_failure": "raise"}))

    assert [entry.levelname for entry in caplog.records] == ["INFO"]
