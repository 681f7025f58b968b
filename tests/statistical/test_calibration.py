"""Simulation-based calibration: draws of the prior, their data, and where they rank in the fit.

Talts, Betancourt, Simpson, Vehtari and Gelman, arXiv:1804.06788: over data sets drawn from the
model, the rank of the true value among independent posterior draws is uniform. Prior, predictor,
likelihood, centring and sampler must all be right for it.
"""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from partialpool.inference import sampling
from partialpool.inference.fit_settings import FitSettings
from partialpool.models.terms import predict
from partialpool.screen import Screen

N_SCREENS = 200
BINS = 8
THIN = 10
DRAWS = 320  # of each of two chains: 64 after thinning, so 65 possible ranks

#: Wide enough to matter and narrow enough that no fit is degenerate; means are not 0, so that an
#: error in a mean or a scale pushes all ranks to one side.
PRIORS = {
    "mu_gene": {"mu": -1.0, "sigma": 0.5},
    "sigma_gene": {"rate": 1.0},
    "sigma_sgrna": {"rate": 1.0},
    "sigma": {"sigma": 1.0},
}
OF_MUTATION = {"mu_mutation": {"mu": 1.0, "sigma": 0.5}, "sigma_mutation": {"rate": 1.0}}
OF_LINES = {"sigma_cell_line": {"rate": 1.0}}
MODELS_AND_PRIORS = {
    "sgrna_in_gene": PRIORS,
    "mutation": PRIORS | OF_MUTATION,
    "cell_line": PRIORS | OF_LINES,
}


def draw_truth(name: str, screen: Screen, rng: np.random.Generator) -> dict:
    """Draw every variable from its prior, as the equations say and without the model's code."""
    mu_gene, sigma_gene, sigma_sgrna = rng.normal(-1, 0.5), rng.exponential(), rng.exponential()
    gene_effect = rng.normal(mu_gene, sigma_gene, screen.size(["gene"]))
    gene_of_sgrna = [screen.labels["gene"].index(f"gene{s[5]}") for s in screen.labels["sgrna"]]
    truth = {
        "mu_gene": mu_gene,
        "sigma_gene": sigma_gene,
        "gene_effect": gene_effect,
        "sigma_sgrna": sigma_sgrna,
        "sgrna_effect": rng.normal(gene_effect[gene_of_sgrna], sigma_sgrna),
        "sigma": abs(rng.normal()),
    }
    if name == "mutation":
        mu, sigma = rng.normal(1, 0.5), rng.exponential()
        effect = rng.normal(mu, sigma, screen.size(["gene"]))
        truth |= {"mu_mutation": mu, "sigma_mutation": sigma, "mutation_effect": effect}
    if name == "cell_line":
        sigma = rng.exponential()
        effect = rng.normal(0, sigma, screen.size(["cell_line"]))
        truth |= {"sigma_cell_line": sigma, "cell_line_effect": effect - effect.mean()}
    return truth


def tiny_screen() -> pd.DataFrame:
    """5 genes of 3 guides in 6 lines; a gene is mutated in 0 to 4 of them."""
    rows = [
        (f"gene{g}", f"guide{g}{s}", f"line{c}", f"line{c}_1", 0.0, c < g)
        for g in range(5)
        for s in range(3)
        for c in range(6)
    ]
    columns = ["hugo_symbol", "sgrna", "depmap_id", "replicate_id", "lfc", "is_mutated"]
    return pd.DataFrame(rows, columns=columns)


@pytest.fixture
def settings(parameters):
    """Settings of short fits of a model with the priors above."""

    def of(name: str, seed: int) -> FitSettings:
        values = parameters.modeling[name].model_dump() | {"seed": seed}
        values["priors"] |= MODELS_AND_PRIORS[name]
        values["sampler"] |= {"chains": 2, "draws": DRAWS, "tune": 300, "target_accept": 0.95}
        return FitSettings.model_validate(values)

    return of


def ranks(name: str, settings) -> pd.DataFrame:
    """Rank of every true value among its posterior draws; a row per simulated screen."""
    spec, rng, found = settings(name, 0).spec, np.random.default_rng(10), []
    screen = spec.view(tiny_screen())
    for i in range(N_SCREENS):
        values = {v: np.asarray(value) for v, value in draw_truth(name, screen, rng).items()}
        mu = predict(screen, spec.terms, {term.effect: values[term.effect] for term in spec.terms})
        lfc = mu + values["sigma"] * rng.normal(size=screen.n_rows)
        fit = sampling.fit(dataclasses.replace(screen, lfc=lfc), settings(name, i), name)
        kept = fit.posterior.isel(draw=slice(None, None, THIN))
        below = {v: (kept[v] < value).sum(("chain", "draw")) for v, value in values.items()}
        found.append(
            {
                f"{v}[{element}]": int(n)
                for v, counts in below.items()
                for element, n in enumerate(counts.to_numpy().flat)
            }
        )
    return pd.DataFrame(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS_AND_PRIORS)
def test_true_values_rank_uniformly_among_their_draws(name: str, settings) -> None:
    """Chi-square on 8 bins for each parameter; one in 1,000 correct runs would fail."""
    found = ranks(name, settings)

    n_ranks = 2 * DRAWS // THIN + 1
    counts = found.apply(lambda column: np.histogram(column, BINS, (0, n_ranks))[0])
    p = counts.apply(lambda column: stats.chisquare(column).pvalue)
    assert p.min() > 1e-3 / len(p), p.sort_values().head()
    # The populations' parameters one by one, whose errors would repeat in every data set.
    scalars = [column for column in p.index if column.startswith(("mu_", "sigma"))]
    assert p[scalars].min() > 1e-3, p[scalars].sort_values()
