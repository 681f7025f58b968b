"""What a fit predicts, against sums over every draw and every row."""

import warnings

import numpy as np
import pandas as pd
import pytest

from partialpool.inference import prediction
from partialpool.inference.prediction import (
    distinct_rows,
    hdi,
    prediction_table,
    replicated_screens,
)
from partialpool.inference.prior import prior_draws
from partialpool.inference.settings import PredictionSettings
from partialpool.models import MODELS
from partialpool.screen import KEYS

PROB = 0.89


def settings(seed: int = 3, interval_draws: int = 1_000_000) -> PredictionSettings:
    return PredictionSettings(
        hdi_prob=PROB,
        coverage_tolerance=0.1,
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


@pytest.mark.parametrize("prob", [0.5, 0.89, 0.94])
@pytest.mark.parametrize("n_draws", [11, 400, 1001])
def test_the_interval_is_that_of_arviz(prob: float, n_draws: int) -> None:
    import arviz as az

    rng = np.random.default_rng(1)
    draws = np.stack([rng.normal(size=n_draws), rng.gamma(1.5, size=n_draws)])
    expected = np.stack([az.hdi(row, hdi_prob=prob) for row in draws], axis=1)
    assert np.array_equal(np.stack(hdi(draws, prob)), expected)


def test_the_interval_by_hand() -> None:
    """Of 0, 1, 2, 3, 10 the narrowest that spans three steps is 0 to 3; of the mirror, 7 to 10."""
    draws = np.array([[10.0, 2.0, 0.0, 1.0, 3.0], [0.0, 8.0, 10.0, 9.0, 7.0]])
    lower, upper = hdi(draws, 0.7)
    assert lower.tolist() == [0.0, 7.0]
    assert upper.tolist() == [3.0, 10.0]


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
    lower, upper = hdi(mu.T, PROB)
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
    assert np.allclose(found["mu_hdi_lower"], hdi(some.T, PROB)[0], rtol=0, atol=4e-6)


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

    An interval from n = 4,000 draws holds 89 % but for the binomial's 0.5 % and a little less
    than that for being the narrowest. Averaged over 18 guides: 0.3 % is 2 to 3 times the error.
    Without noise in the intervals the share would be far below.
    """
    screen = screen_for("sgrna_in_gene")
    posterior = made_up_posterior(screen, "sgrna_in_gene", chains=2, draws=2000, sd=0.3)
    terms = MODELS["sgrna_in_gene"].terms
    found = prediction_table(screen, posterior, terms, settings())

    mu, sigma = every_predictor(screen, posterior, "sgrna_in_gene")
    noise = np.random.default_rng(99).normal(size=mu.shape)
    new = mu + sigma[:, None] * noise
    inside = (new >= found["hdi_lower"].to_numpy()) & (new <= found["hdi_upper"].to_numpy())
    assert inside.mean() == pytest.approx(PROB, abs=0.006)
    width = (found["hdi_upper"] - found["hdi_lower"]).mean()
    sd = np.sqrt(0.3**2 + np.mean(sigma**2))
    assert width == pytest.approx(2 * 1.5982 * sd, rel=0.02)  # 1.5982: N's 94.5 % quantile


def test_the_size_of_chunks_changes_no_number_that_is_not_random(
    screen_for, made_up_posterior, monkeypatch
) -> None:
    screen = screen_for("expression", "unbalanced")
    posterior = made_up_posterior(screen, "expression", chains=2, draws=100)
    terms = MODELS["expression"].terms
    whole = prediction_table(screen, posterior, terms, settings())
    monkeypatch.setattr(prediction, "CHUNK_VALUES", 700)  # 3 rows of 200 draws
    pieces = prediction_table(screen, posterior, terms, settings())

    random = ["hdi_lower", "hdi_upper"]
    pd.testing.assert_frame_equal(pieces.drop(columns=random), whole.drop(columns=random))


def test_never_more_values_than_a_chunk_are_held(
    screen_for, made_up_posterior, monkeypatch
) -> None:
    screen = screen_for("gene")
    sizes = []

    def spy(screen, terms, effects, rows=slice(None)):
        draws = next(iter(effects.values()))
        if draws.ndim > 1:  # not the means, which are one number for each row
            sizes.append(len(rows) * draws.shape[1])
        return original(screen, terms, effects, rows)

    original = prediction.predict
    monkeypatch.setattr(prediction, "predict", spy)
    monkeypatch.setattr(prediction, "CHUNK_VALUES", 1000)
    posterior = made_up_posterior(screen, "gene", chains=2, draws=100)
    prediction_table(screen, posterior, MODELS["gene"].terms, settings())
    replicated_screens(screen, posterior, MODELS["gene"].terms, 30, SEED)
    assert max(sizes) <= 1000
    assert sum(sizes) == 200 * 6 + 30 * screen.n_rows  # six genes once, then every row


def test_one_seed_gives_one_table(screen_for, made_up_posterior) -> None:
    screen = screen_for("gene")
    posterior = made_up_posterior(screen, "gene", chains=2, draws=100)
    one, same, other = (
        prediction_table(screen, posterior, MODELS["gene"].terms, settings(seed))["hdi_lower"]
        for seed in (1, 1, 2)
    )
    assert one.equals(same)
    assert not one.equals(other)


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
    first, group = distinct_rows(screen, terms)

    seen = [
        tuple(part for t in terms for part in (*labels(screen, t, row), covariate(screen, t, row)))
        for row in range(screen.n_rows)
    ]
    position = {what: number for number, what in enumerate(dict.fromkeys(seen))}
    assert group.tolist() == [position[what] for what in seen]
    assert first.tolist() == [seen.index(what) for what in position]


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
