"""What a fit predicts, against sums over every draw and every row."""

import warnings

import numpy as np
import pandas as pd
import pytest

from partialpool.inference import intervals, prediction, rows
from partialpool.inference.fit_settings import PredictionSettings
from partialpool.inference.prediction import (
    prediction_table,
    replicated_screens,
)
from partialpool.inference.prior import prior_draws
from partialpool.inference.rows import distinct_rows
from partialpool.models import MODELS
from partialpool.screen import KEYS

PROB = 0.89


def settings(seed: int = 3, interval_draws: int = 1_000_000) -> PredictionSettings:
    return PredictionSettings(
        hdi_prob=PROB,
        coverage_tolerance=0.1,
        shape_tolerance=0.1,
        tail_factor=2,
        false_alarms=0.01,
        max_share_off=0.05,
        interval_draws=interval_draws,
        prior_draws=5,
        replicates=5,
        seed=seed,
    )


SEED = settings().seed


def every_predictor(screen, posterior, model: str) -> tuple[np.ndarray, np.ndarray]:
    """(draw, row) predictors and (draw,) sigmas in doubles, by labels and nothing else."""
    stacked = posterior.stack(sample=("chain", "draw"))  # noqa: PD013 (not a pandas table)
    columns = {"gene": "hugo_symbol", "sgrna": "sgrna", "cell_line": "depmap_id"}
    mu = 0.0
    for term in MODELS[model].terms:
        labels = {
            dim: ("row", screen.keys[columns[dim]].astype(str).to_numpy()) for dim in term.dims
        }
        part = stacked[term.effect].sel({dim: _rows(*values) for dim, values in labels.items()})
        part = part.transpose("sample", "row").to_numpy()
        mu = mu + (part * screen.covariates[term.covariate] if term.covariate else part)
    return mu, stacked["sigma"].to_numpy()


def _rows(name: str, values: np.ndarray):
    import xarray as xr

    return xr.DataArray(values, dims=name)


def hdi(draws: np.ndarray) -> np.ndarray:
    """Lower and upper ends of each column's narrowest interval."""
    import arviz as az

    return np.stack([az.hdi(column, hdi_prob=PROB) for column in draws.T], axis=1)


@pytest.mark.parametrize("table", ["balanced", "unbalanced"])
@pytest.mark.parametrize("model", MODELS)
def test_the_table_is_what_every_draw_predicts(
    screen_for, made_up_posterior, model: str, table: str
) -> None:
    """Effects are kept as 32-bit floats, so sums of three of size 3 are off by 1e-6 at most."""
    screen = screen_for(model, table)
    posterior = made_up_posterior(screen, model, chains=2, draws=200)
    found = prediction_table(screen, posterior, MODELS[model].terms, settings())

    mu, _ = every_predictor(screen, posterior, model)
    lower, upper = hdi(mu)
    assert np.allclose(found["mean"], mu.mean(axis=0), rtol=0, atol=1e-6)
    assert np.allclose(found["mu_hdi_lower"], lower, rtol=0, atol=4e-6)
    assert np.allclose(found["mu_hdi_upper"], upper, rtol=0, atol=4e-6)
    assert found["real_value"].tolist() == screen.lfc.tolist()
    assert np.allclose(found["error"], mu.mean(axis=0) - screen.lfc, rtol=0, atol=1e-6)


def test_intervals_are_of_some_draws_and_means_of_all(screen_for, made_up_posterior) -> None:
    screen = screen_for("gene")
    posterior = made_up_posterior(screen, "gene", chains=2, draws=200)
    found = prediction_table(screen, posterior, MODELS["gene"].terms, settings(interval_draws=100))

    mu, _ = every_predictor(screen, posterior, "gene")
    some, _ = every_predictor(screen, posterior.isel(draw=slice(None, None, 4)), "gene")
    assert np.allclose(found["mean"], mu.mean(axis=0))
    assert np.allclose(found["mu_hdi_lower"], hdi(some)[0], rtol=0, atol=4e-6)


def test_rows_stand_in_the_screens_order_with_their_keys(screen_for, made_up_posterior) -> None:
    screen = screen_for("mutation", "unbalanced")
    posterior = made_up_posterior(screen, "mutation", chains=2, draws=50)
    found = prediction_table(screen, posterior, MODELS["mutation"].terms, settings())

    assert found.columns[:4].tolist() == list(KEYS)
    pd.testing.assert_frame_equal(found[list(KEYS)], screen.keys)
    assert not found.isna().any(axis=None)


def test_a_new_measurement_falls_into_its_interval_as_often_as_it_says(
    screen_for, made_up_posterior
) -> None:
    """Draws of a new measurement, made here, against the intervals.

    The interval holds 89 % of the very mixture that the draws are from, so only these err: by
    sqrt(0.89 0.11 / 4000) = 0.5 % for a row. Rows of one guide share mu but not the noise.
    """
    screen = screen_for("sgrna_in_gene")
    posterior = made_up_posterior(screen, "sgrna_in_gene", chains=2, draws=2000, sd=0.3)
    terms = MODELS["sgrna_in_gene"].terms
    found = prediction_table(screen, posterior, terms, settings())

    mu, sigma = every_predictor(screen, posterior, "sgrna_in_gene")
    noise = np.random.default_rng(99).normal(size=mu.shape)
    new = mu + sigma[:, None] * noise
    inside = (new >= found["hdi_lower"].to_numpy()) & (new <= found["hdi_upper"].to_numpy())
    assert inside.mean() == pytest.approx(PROB, abs=0.002)
    assert np.allclose(inside.mean(axis=0), PROB, rtol=0, atol=5 * 0.005)
    width = (found["hdi_upper"] - found["hdi_lower"]).mean()
    sd = np.sqrt(0.3**2 + np.mean(sigma**2))
    assert width == pytest.approx(2 * 1.5982 * sd, rel=0.02)  # 1.5982: N's 94.5 % quantile


@pytest.mark.parametrize("n_cores", [1, 3])
def test_neither_chunks_nor_threads_change_a_number(
    screen_for, made_up_posterior, monkeypatch, n_cores: int
) -> None:
    screen = screen_for("expression", "unbalanced")
    posterior = made_up_posterior(screen, "expression", chains=2, draws=100)
    terms = MODELS["expression"].terms
    whole = prediction_table(screen, posterior, terms, settings())
    monkeypatch.setattr(prediction, "CHUNK_VALUES", 700)  # 3 rows of 200 draws
    monkeypatch.setattr(rows.os, "cpu_count", lambda: n_cores)
    pd.testing.assert_frame_equal(prediction_table(screen, posterior, terms, settings()), whole)


def test_never_more_values_than_a_chunk_are_held(
    screen_for, made_up_posterior, monkeypatch
) -> None:
    screen = screen_for("gene")
    sizes = []

    def spy_on_intervals(theta, pointers, elements, factors, out):
        sizes.append(out.size)
        fill(theta, pointers, elements, factors, out)

    def spy_on_screens(screen, terms, effects, rows):
        draws = next(iter(effects.values()))
        if draws.ndim > 1:  # not the means, which are one number for each row
            sizes.append(len(rows) * draws.shape[1])
        return predict(screen, terms, effects, rows)

    fill, predict = intervals.fill_predictor, prediction.predict
    monkeypatch.setattr(intervals, "fill_predictor", spy_on_intervals)
    monkeypatch.setattr(prediction, "predict", spy_on_screens)
    monkeypatch.setattr(prediction, "CHUNK_VALUES", 1000)
    posterior = made_up_posterior(screen, "gene", chains=2, draws=100)
    prediction_table(screen, posterior, MODELS["gene"].terms, settings())
    replicated_screens(screen, posterior, MODELS["gene"].terms, 30, SEED)
    assert max(sizes) <= 1000
    assert sum(sizes) == 200 * 6 + 30 * screen.n_rows  # six genes once, then every row


def test_one_seed_gives_the_same_screens(screen_for, made_up_posterior) -> None:
    screen = screen_for("gene")
    posterior = made_up_posterior(screen, "gene", chains=2, draws=100)
    one, same, other = (
        replicated_screens(screen, posterior, MODELS["gene"].terms, 5, seed)
        .posterior_predictive["lfc"]
        .to_numpy()
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not (one == other).any()


def test_intervals_are_not_random(screen_for, made_up_posterior) -> None:
    screen = screen_for("gene")
    posterior = made_up_posterior(screen, "gene", chains=2, draws=100)
    one, other = (
        prediction_table(screen, posterior, MODELS["gene"].terms, settings(seed)) for seed in (1, 2)
    )
    pd.testing.assert_frame_equal(one, other)


def test_means_of_draws_kept_as_32_bit_floats_are_sums_in_doubles(screen_for) -> None:
    """Of 20,000 draws around 1,000 a sum in 32 bits is off by far more than their mean may be."""
    import xarray as xr

    screen = screen_for("gene")
    draws = 1000 + np.random.default_rng(5).normal(size=(2, 10_000, 6)).astype("float32")
    posterior = xr.Dataset(
        {
            "gene_effect": (("chain", "draw", "gene"), draws),
            "sigma": (("chain", "draw"), np.ones((2, 10_000), dtype="float32")),
        },
        coords={"gene": list(screen.labels["gene"])},
    )
    found = prediction_table(screen, posterior, MODELS["gene"].terms, settings())
    expected = draws.astype("float64").mean(axis=(0, 1))[screen.codes["gene"]]
    assert np.allclose(found["mean"], expected, rtol=1e-12, atol=0)


def test_a_fit_that_was_saved_as_32_bit_floats_predicts_the_same(
    screen_for, made_up_posterior
) -> None:
    screen, terms = screen_for("expression"), MODELS["expression"].terms
    posterior = made_up_posterior(screen, "expression", chains=2, draws=200)
    whole = prediction_table(screen, posterior, terms, settings())
    saved = prediction_table(screen, posterior.astype("float32"), terms, settings())
    pd.testing.assert_frame_equal(saved, whole, rtol=0, atol=1e-6)


def test_the_order_of_the_posteriors_axes_does_not_matter(screen_for, made_up_posterior) -> None:
    screen = screen_for("gene")
    posterior = made_up_posterior(screen, "gene", chains=2, draws=100)
    turned = posterior.transpose("gene", "draw", "chain", ...)
    one, other = (
        prediction_table(screen, draws, MODELS["gene"].terms, settings())
        for draws in (posterior, turned)
    )
    pd.testing.assert_frame_equal(one, other)


# ---- rows that a model can't tell apart ----


@pytest.mark.parametrize("table", ["balanced", "unbalanced"])
@pytest.mark.parametrize("model", MODELS)
def test_distinct_rows_are_those_with_the_same_labels_and_covariates(
    screen_for, model: str, table: str
) -> None:
    screen, terms = screen_for(model, table), MODELS[model].terms
    found = distinct_rows(screen, terms)

    seen = [
        tuple(part for t in terms for part in (*labels(screen, t, row), covariate(screen, t, row)))
        for row in range(screen.n_rows)
    ]
    position = {what: number for number, what in enumerate(dict.fromkeys(seen))}
    assert found.group.tolist() == [position[what] for what in seen]
    assert found.first.tolist() == [seen.index(what) for what in position]
    members = np.split(found.order, found.starts[1:-1])
    assert [sorted(rows) for rows in members] == [
        [row for row, what in enumerate(seen) if what == this] for this in position
    ]


def test_rows_are_told_apart_however_many_keys_there_could_be(screen_for, monkeypatch) -> None:
    """No more keys than dims have labels: then the keys of each dim are counted again."""
    screen, terms = screen_for("full", "unbalanced"), MODELS["full"].terms
    whole = distinct_rows(screen, terms)
    monkeypatch.setattr(rows, "MAX_KEYS", 10_000)
    packed = distinct_rows(screen, terms)
    assert packed.group.tolist() == whole.group.tolist()


def labels(screen, term, row: int) -> list[int]:
    return [screen.codes[dim][row] for dim in term.dims]


def covariate(screen, term, row: int) -> float:
    return screen.covariates[term.covariate][row] if term.covariate else 1.0


# ---- replicated screens and prior draws ----


def test_replicated_screens_are_new_measurements_of_every_row(
    screen_for, made_up_posterior
) -> None:
    """With sigma known and effects fixed, residuals are N(0, sigma): 40 x 288 of them."""
    screen = screen_for("cell_line")
    posterior = made_up_posterior(screen, "cell_line", chains=2, draws=20)
    found = replicated_screens(screen, posterior, MODELS["cell_line"].terms, 40, SEED)

    lfc = found.posterior_predictive["lfc"]
    assert lfc.dims == ("chain", "draw", "measurement")
    assert lfc.shape == (1, 40, screen.n_rows)
    mu, sigma = every_predictor(screen, posterior, "cell_line")
    z = (lfc.to_numpy()[0] - mu) / sigma[:, None]
    assert z.mean() == pytest.approx(0, abs=5 / np.sqrt(z.size))
    assert z.std() == pytest.approx(1, abs=5 / np.sqrt(2 * z.size))
    assert np.allclose(found.observed_data["lfc"], screen.lfc)


@pytest.mark.parametrize(("wanted", "kept"), [(1, 1), (7, 7), (500, 40)])
def test_no_more_screens_are_replicated_than_there_are_draws(
    screen_for, made_up_posterior, wanted: int, kept: int
) -> None:
    screen = screen_for("gene")
    posterior = made_up_posterior(screen, "gene", chains=2, draws=20)
    found = replicated_screens(screen, posterior, MODELS["gene"].terms, wanted, SEED)
    assert found.posterior_predictive.sizes["draw"] == kept


def test_arviz_plots_the_replicated_screens(screen_for, made_up_posterior) -> None:
    import arviz as az
    import matplotlib.pyplot as plt

    screen = screen_for("gene")
    posterior = made_up_posterior(screen, "gene", chains=2, draws=20)
    found = replicated_screens(screen, posterior, MODELS["gene"].terms, 10, SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what ArviZ's plots warn of is not ours
        axes = az.plot_ppc(found)
    n_lines = len(axes.lines)
    plt.close("all")
    assert n_lines >= 10


@pytest.mark.parametrize("name", MODELS)
def test_prior_draws_have_labels_and_make_screens(screen_for, fit_settings, name: str) -> None:
    screen = screen_for(name)
    found = prior_draws(screen, fit_settings(name), n=12, n_screens=4)

    assert not [variable for variable in found.prior if variable.endswith("_z")]
    for term in MODELS[name].terms:
        effect = found.prior[term.effect]
        assert effect.dims == ("chain", "draw", *term.dims)
        assert effect.coords[term.dims[0]].to_numpy().tolist() == list(screen.labels[term.dims[0]])
        assert effect.sizes["draw"] == 12
    assert found.prior_predictive["lfc"].shape == (1, 4, screen.n_rows)


def test_there_are_no_more_prior_screens_than_draws(screen_for, fit_settings) -> None:
    screen = screen_for("expression")
    found = prior_draws(screen, fit_settings("expression"), n=3, n_screens=5)
    assert found.prior["sigma"].shape == (1, 3)
    assert found.prior_predictive["lfc"].shape == (1, 3, screen.n_rows)


def test_prior_screens_are_made_from_the_priors_own_draws(screen_for, fit_settings) -> None:
    """Within a gene, the spread of a screen is its sigma."""
    screen = screen_for("gene")
    found = prior_draws(screen, fit_settings("gene"), n=5, n_screens=5)
    effects, sigma = (found.prior[name].to_numpy()[0] for name in ("gene_effect", "sigma"))
    lfc = found.prior_predictive["lfc"].to_numpy()[0]
    z = (lfc - effects[:, screen.codes["gene"]]) / sigma[:, None]
    assert z.mean() == pytest.approx(0, abs=5 / np.sqrt(z.size))
    assert z.std(axis=1) == pytest.approx(1, abs=5 / np.sqrt(2 * screen.n_rows))
