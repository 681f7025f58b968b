"""Scores of a fit: against az.loo, against numbers made by hand, and whatever the chunks."""

import math
import subprocess
import sys
import warnings
from functools import partial

import arviz as az
import numpy as np
import pandas as pd
import pytest
from scipy.stats import genpareto, norm, t

from partialpool.inference import psis, rows, scores
from partialpool.inference.scores import (
    ScoreSettings,
    fit_scores,
    loo_table,
    rank,
)
from partialpool.inference.summary import mean_ess
from partialpool.models import MODELS
from partialpool.models.noise import Noise
from partialpool.models.terms import predict
from partialpool.pipelines.evaluation.nodes import evaluate
from partialpool.screen import KEYS

ALL_DRAWS = ScoreSettings(loo_draws=10_000)
# cell_line has a term for each guide and line; expression multiplies one by a covariate.
NAMES = ("gene", "cell_line", "expression")


@pytest.fixture(params=NAMES)
def case(request, screen_for, made_up_posterior):
    """A screen, a model and draws that fit it badly: the Pareto k go from good to hopeless."""
    screen = screen_for(request.param)
    return screen, made_up_posterior(screen, request.param, 4, 250, sd=0.3), MODELS[request.param]


def arviz_loo(screen, posterior, terms, logpdf=norm.logpdf):
    """What ArviZ makes of the whole matrix of log-likelihoods, constants and all."""
    effects = {t.effect: rows.stack_chains(posterior[t.effect], t.dims) for t in terms}
    sigma = rows.stack_chains(posterior["sigma"], ())
    values = logpdf(screen.lfc, loc=predict(screen, terms, effects).T, scale=sigma[:, None])
    shape = posterior.sizes["chain"], posterior.sizes["draw"], screen.n_rows
    idata = az.from_dict(
        posterior={name: posterior[name].to_numpy() for name in posterior.data_vars},
        log_likelihood={"lfc": values.reshape(shape)},
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Estimated shape parameter", UserWarning)
        return az.loo(idata, pointwise=True)


def test_equals_arviz(case):
    screen, posterior, model = case
    theirs = arviz_loo(screen, posterior, model.terms)

    ours = loo_table(screen, posterior, model.terms, ALL_DRAWS)

    assert theirs.pareto_k.max() > 0.7  # or the comparison says little
    np.testing.assert_allclose(ours["elpd_loo"], theirs.loo_i, rtol=1e-9)
    np.testing.assert_allclose(ours["pareto_k"], theirs.pareto_k, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(ours["p_loo"].sum(), theirs.p_loo, rtol=1e-8)
    assert (ours["is_bad_k"] == (theirs.pareto_k.to_numpy() > theirs.good_k)).all()
    total = fit_scores(pd.DataFrame({c: [0.0] for c in PREDICTED} | {"hugo_symbol": ["A"]}), ours)
    assert total["elpd_loo_se"] == pytest.approx(theirs.se)


def test_equals_arviz_with_student_t_noise(case):
    screen, posterior, model = case
    theirs = arviz_loo(screen, posterior, model.terms, partial(t.logpdf, df=4))

    ours = loo_table(screen, posterior, model.terms, ALL_DRAWS, Noise(4))

    np.testing.assert_allclose(ours["elpd_loo"], theirs.loo_i, rtol=1e-9)
    np.testing.assert_allclose(ours["pareto_k"], theirs.pareto_k, rtol=1e-7, atol=1e-9)


def test_chunks_of_rows_change_nothing(case, monkeypatch):
    screen, posterior, model = case
    whole = loo_table(screen, posterior, model.terms, ALL_DRAWS)

    monkeypatch.setattr(scores, "CHUNK_ROWS", 7)

    chunked = loo_table(screen, posterior, model.terms, ALL_DRAWS)
    pd.testing.assert_frame_equal(chunked, whole)
    pd.testing.assert_frame_equal(chunked[list(KEYS)], screen.keys)


def test_a_fit_that_was_saved_as_32_bit_floats_scores_the_same(case):
    """Draws are off by 1e-7, deviations by that times (y - mu) / sigma^2: at most 1e-5 here."""
    screen, posterior, model = case
    whole = loo_table(screen, posterior, model.terms, ALL_DRAWS)

    saved = loo_table(screen, posterior.astype("float32"), model.terms, ALL_DRAWS)

    np.testing.assert_allclose(saved["elpd_loo"], whole["elpd_loo"], rtol=1e-4)
    np.testing.assert_allclose(saved["pareto_k"], whole["pareto_k"], rtol=0, atol=1e-3)


def test_fewer_draws_are_evenly_spaced_over_the_chains(screen_for, made_up_posterior):
    screen, terms = screen_for("gene"), MODELS["gene"].terms
    posterior = made_up_posterior(screen, "gene", 2, 100)

    thinned = loo_table(screen, posterior, terms, ScoreSettings(loo_draws=100))

    by_hand = posterior.isel(draw=slice(None, None, 2))
    pd.testing.assert_frame_equal(thinned, loo_table(screen, by_hand, terms, ALL_DRAWS))


def test_too_few_draws_are_refused(screen_for, made_up_posterior):
    """100 draws of 50 chains of 30 are 2 of each, since all chains give as many."""
    with pytest.raises(ValueError, match="greater than or equal to 100"):
        ScoreSettings(loo_draws=99)
    screen = screen_for("gene")
    posterior = made_up_posterior(screen, "gene", 50, 30)
    with pytest.raises(ValueError, match=r"Got: 2 draws of each of 50 chains\n.*loo_draws to 200"):
        loo_table(screen, posterior, MODELS["gene"].terms, ScoreSettings(loo_draws=100))
    loo_table(screen, posterior, MODELS["gene"].terms, ScoreSettings(loo_draws=200))


def psis_loo(deviation: np.ndarray, n_tail: int) -> np.ndarray:
    """elpd_loo, lppd and Pareto k of (measurement, draw) negative log-likelihoods."""
    log_survival = np.log1p(-(np.arange(n_tail) + 0.5) / n_tail)
    return np.transpose([psis.smoothed(row, log_survival) for row in deviation])


def test_draws_that_are_all_the_same_have_no_tail_to_smooth():
    deviation = np.ones((2, 40))

    elpd, lppd, k = psis_loo(deviation, n_tail=8)

    np.testing.assert_allclose(elpd, -1)
    np.testing.assert_allclose(lppd, -1)
    assert np.isinf(k).all()


def test_a_hopeless_measurement_stays_finite():
    deviation = np.linspace(0, 5_000, 400)[None].copy()

    elpd, lppd, k = psis_loo(deviation, n_tail=60)

    assert np.isfinite([elpd, lppd]).all()
    assert (k > 0.7).all()


def test_pareto_fit_finds_the_shape_that_made_the_excesses():
    excess = np.sort(genpareto.rvs(0.4, scale=2, size=(5, 20_000), random_state=1), axis=1)

    shape, scale = np.transpose([psis.fit_pareto(row) for row in excess])

    np.testing.assert_allclose(shape, 0.4, atol=0.04)
    np.testing.assert_allclose(scale, 2, atol=0.1)


@pytest.mark.parametrize("correlation", [-0.9, -0.5, 0.0, 0.5, 0.9, 0.99, 1.0])
@pytest.mark.parametrize(("chains", "draws"), [(4, 4), (4, 5), (2, 7), (3, 31), (4, 250)])
def test_effective_draws_are_those_of_arviz(chains: int, draws: int, correlation: float):
    """Of autoregressive chains, which may not have mixed at all; the last parameter is fixed."""
    values = np.random.default_rng(3).standard_normal((20, chains, draws))
    for s in range(1, draws):
        values[:, :, s] += correlation * values[:, :, s - 1]
    values[-1] = 2.5

    found = mean_ess(values)

    expected = [float(az.ess(parameter, method="mean")) for parameter in values]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_efficiency_is_that_of_all_parameters(screen_for, made_up_posterior):
    posterior = made_up_posterior(screen_for("expression"), "expression", 3, 60)
    ess = az.ess(posterior, method="mean")
    every = np.concatenate([ess[name].to_numpy().ravel() for name in ess.data_vars])

    assert scores.relative_efficiency(posterior) == pytest.approx(every.mean() / 180, rel=1e-9)
    assert scores.relative_efficiency(posterior.isel(chain=[0])) == 1


@pytest.mark.parametrize("x", [-690.0, -50.0, -1.5, -1e-3, -1e-12, 0.0])
def test_exponentials_by_squaring(x: float):
    assert psis.exp(x) == pytest.approx(math.exp(x), rel=1e-11)
    assert psis.expm1(x) == pytest.approx(math.expm1(x), rel=1e-11)
    assert psis.expm1(-x / 10) == pytest.approx(math.expm1(-x / 10), rel=1e-11)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("kind", ["normal", "skewed", "tied", "one far away"])
def test_the_tail_is_the_largest_ratios_in_order(kind: str, seed: int):
    rng = np.random.default_rng(seed)
    n, n_tail = 300, int(rng.integers(5, 60))
    logs = {
        "normal": rng.normal(size=n),
        "skewed": rng.chisquare(1, n),
        "tied": rng.integers(0, 9, n).astype(float),
        "one far away": np.append(rng.normal(size=n - 1), 600.0),
    }[kind]
    ratios = np.exp(logs - logs.max())

    tail, cutoff = psis.largest(
        ratios, psis.bins(logs, logs.max(), logs.min() - logs.max()), n_tail
    )

    assert tail.tolist() == np.sort(ratios)[-n_tail:].tolist()
    assert cutoff == np.sort(ratios)[-n_tail - 1]


def test_draws_that_are_not_numbers_give_none():
    deviation = np.ones((3, 40))
    deviation[0, 3], deviation[1, 5] = np.nan, np.inf
    found = psis_loo(deviation, n_tail=8)
    assert np.isnan(found[:, :2]).all()
    assert found[:2, 2] == pytest.approx(-1)


PREDICTED = ("real_value", "error", "hdi_lower", "hdi_upper")


def test_error_and_coverage_by_hand():
    predictions = pd.DataFrame(
        {
            "real_value": [0.0, 1.0, -1.0, 2.0],
            "error": [3.0, 0.0, 4.0, 0.0],
            "hdi_lower": [-1.0, 0.0, 0.0, 2.0],
            "hdi_upper": [1.0, 0.5, 1.0, 3.0],
            "hugo_symbol": ["A", "A", "B", "C"],
        }
    )
    loo = pd.DataFrame(
        {
            "elpd_loo": [-1.0, -2.0, -3.0, -2.0],
            "p_loo": [0.1, 0.2, 0.3, 0.4],
            "pareto_k": [0.1, 0.2, 0.9, 0.0],
            "is_bad_k": [False, False, True, False],
        }
    )

    found = fit_scores(predictions, loo)

    assert found == pytest.approx(
        {
            "n_measurements": 4,
            "n_genes": 3,
            "rmse": 2.5,
            "coverage": 0.5,
            "elpd_loo": -8.0,
            "elpd_loo_se": np.sqrt(4 * 0.5),
            "p_loo": 1.0,
            "n_bad_k": 1,
            "max_k": 0.9,
        }
    )


def test_scores_tell_the_fit_and_the_data_that_it_was_held_to(
    balanced_table, screen_for, made_up_posterior, fit_settings, tiny
):
    """Of another screen than the fit's own they tell that screen."""
    screen, settings = screen_for("expression"), fit_settings("expression")
    fit = az.InferenceData(posterior=made_up_posterior(screen, "expression", 2, 50))
    fit.attrs.update(fit_id="f1", data_hash=screen.content_hash)
    changed = balanced_table.assign(lfc=balanced_table["lfc"] + 1)

    found, other = (
        evaluate(table, fit, settings, tiny.prediction, ALL_DRAWS)[1]
        for table in (balanced_table, changed)
    )

    assert (found["fit_id"], found["data_hash"]) == ("f1", fit.attrs["data_hash"])
    assert (other["fit_id"], other["data_hash"] != found["data_hash"]) == ("f1", True)


def pointwise(elpd: list[float], first: int = 0) -> pd.DataFrame:
    """A table of as many measurements as values, counted from ``first``."""
    names = [f"m{number}" for number in range(first, first + len(elpd))]
    return pd.DataFrame(
        dict.fromkeys(KEYS, names)
        | {"elpd_loo": elpd, "p_loo": 0.1, "pareto_k": 0.0, "is_bad_k": False}
    )


def test_models_are_ranked_by_paired_differences_of_what_they_share():
    worse = pointwise([-9.0, -3.0, -4.0, -2.0])
    better = pointwise([-1.0, -2.0, -2.0], first=1)  # lacks the first measurement

    alone, *shared = (
        rows
        for _, rows in rank({"worse": worse, "better": better}).groupby(
            "n_measurements", sort=False
        )
    )

    assert alone[["model", "n_measurements", "elpd_loo"]].to_numpy().tolist() == [
        ["worse", 4, -18.0]
    ]
    (table,) = (rows.set_index("model") for rows in shared)
    assert list(table.index) == ["better", "worse"]
    assert (table["n_measurements"] == 3).all()
    assert table["elpd_loo"].to_dict() == {"better": -5.0, "worse": -9.0}
    assert table["elpd_diff"].to_dict() == {"better": 0.0, "worse": -4.0}
    assert table.loc["worse", "elpd_diff_se"] == pytest.approx(
        np.sqrt(3 * np.var([-2.0, -2.0, 0.0]))
    )


def test_a_model_that_saw_less_does_not_hide_how_the_others_compare():
    """On all four measurements a is best; on the three that c saw, b is."""
    loos = {"a": [-1.0, -2.0, -2.0, -2.0], "b": [-9.0, -1.0, -1.0, -1.0]}
    tables = {name: pointwise(values) for name, values in loos.items()}
    tables["c"] = pointwise([-3.0, -3.0, -3.0], first=1)

    found = rank(tables)

    assert found["model"].tolist() == ["a", "b", "b", "a", "c"]
    assert found["n_measurements"].tolist() == [4, 4, 3, 3, 3]
    assert found["elpd_diff"].tolist() == [0.0, -5.0, 0.0, -3.0, -6.0]


def test_models_without_a_measurement_in_common_stand_alone():
    tables = {"a": pointwise([-1.0] * 10), "b": pointwise([-2.0] * 6)}
    tables["c"] = pointwise([-3.0] * 4, first=6)

    found = rank(tables)

    assert found[["model", "n_measurements"]].to_numpy().tolist() == [
        ["a", 10],
        ["a", 6],
        ["b", 6],
        ["c", 4],
    ]


def test_importing_takes_neither_samplers_nor_compilers() -> None:
    """They take seconds, and whoever asks for help or reads parameters needs none of them."""
    code = (
        "import sys, partialpool.inference.prediction, partialpool.inference.scores,"
        " partialpool.inference.adequacy;"
        "print(sorted({'arviz', 'numba', 'pymc', 'pytensor'} & sys.modules.keys()))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
