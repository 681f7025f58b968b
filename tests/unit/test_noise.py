"""Gaussian and Student-t noise: against SciPy, and in the models that they belong to."""

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from partialpool.inference.prediction import replicated_screens
from partialpool.models import MODELS
from partialpool.models.build import build
from partialpool.models.noise import GAUSSIAN, Noise

AGAINST = [(GAUSSIAN, stats.norm), (Noise(3.0), stats.t(3)), (Noise(12.0), stats.t(12))]


@pytest.mark.parametrize(("noise", "reference"), AGAINST)
def test_it_is_the_distribution_that_it_says(noise: Noise, reference) -> None:
    at = np.linspace(-4, 4, 17)
    assert noise.density(at) == pytest.approx(reference.pdf(at), rel=1e-12)
    assert noise.cdf(at) == pytest.approx(reference.cdf(at), rel=1e-10)
    assert noise.quantile([0.1, 0.89]) == pytest.approx(reference.ppf([0.1, 0.89]), rel=1e-8)
    assert np.exp(noise.log_peak) == pytest.approx(reference.pdf(0))
    assert reference.sf(noise.reach) < 1.01e-4


@pytest.mark.parametrize(("noise", "reference"), AGAINST)
def test_the_pymc_model_has_this_noise(screen_for, fit_settings, noise: Noise, reference) -> None:
    """The log density of all measurements at one point."""
    screen, model = screen_for("gene"), MODELS["gene"]
    built = build(model, screen, fit_settings("gene").priors, noise=noise)
    point = built.initial_point()
    found = built.point_logps(point, round_vals=10)["lfc"]
    mean = point["gene_effect"][screen.codes["gene"]]
    sigma = np.exp(point["sigma_log__"])
    expected = (reference.logpdf((screen.lfc - mean) / sigma) - np.log(sigma)).sum()
    assert found == pytest.approx(expected, rel=1e-6)


def test_replicated_screens_have_heavy_tails(screen_for, made_up_posterior) -> None:
    """The share beyond 4 sigma is that of Student-t; a Gaussian has 0.00006."""
    screen = screen_for("gene")
    posterior = made_up_posterior(screen, "gene", chains=2, draws=20)
    terms = MODELS["gene"].terms
    found = replicated_screens(screen, posterior, terms, 40, 1, Noise(3.0))
    effects = posterior["gene_effect"].stack(sample=("chain", "draw")).transpose("sample", ...)
    mu = effects.to_numpy()[:, screen.codes["gene"]]
    sigma = posterior["sigma"].to_numpy().reshape(-1, 1)
    far = np.abs(found.posterior_predictive["lfc"].to_numpy()[0] - mu) > 4 * sigma
    share = 2 * stats.t.sf(4, 3)
    assert far.mean() == pytest.approx(share, abs=5 * np.sqrt(share / far.size))


def test_noise_without_a_variance_is_refused(fit_settings) -> None:
    with pytest.raises(ValidationError, match="greater than 2"):
        fit_settings("gene", noise_df=2.0)


def test_student_t_noise_is_sampled_row_by_row(fit_settings) -> None:
    assert fit_settings("gene").evaluated == "sufficient"
    assert fit_settings("gene", noise_df=5.0).evaluated == "rowwise"
