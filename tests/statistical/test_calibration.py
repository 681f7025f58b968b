"""Simulation-based calibration: draws of the prior, their data, and where they rank in the fit.

Talts, Betancourt, Simpson, Vehtari and Gelman, arXiv:1804.06788: over data sets drawn from the
model, the rank of the true value among independent posterior draws is uniform. Prior, predictor,
likelihood and sampler must all be right for it.
"""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from partialpool.models.predictor import LinearPredictor
from partialpool.models.statistics import SufficientStatistics, gather
from scipy import stats

from partialpool.models import MODELS
from partialpool.models.terms import predict
from partialpool.screen import Screen

N_SCREENS = 96
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
MODELS_AND_PRIORS = {"sgrna_in_gene": PRIORS, "mutation": PRIORS | OF_MUTATION}


def draw_truth(name: str, screen: Screen, rng: np.random.Generator) -> dict:
    """Draw every variable from its prior, as the equations say and without the model's code."""
    mu_gene, sigma_gene, sigma_sgrna = rng.normal(-1, 0.5), rng.exponential(), rng.exponential()
    gene_effect = rng.normal(mu_gene, sigma_gene, screen.size(["gene"]))
    truth = {
        "mu_gene": mu_gene,
        "sigma_gene": sigma_gene,
        "gene_effect": gene_effect,
        "sigma_sgrna": sigma_sgrna,
        "sgrna_effect": rng.normal(gene_effect[screen.gene_of_sgrna], sigma_sgrna),
        "sigma": abs(rng.normal()),
    }
    if name == "mutation":
        mu, sigma = rng.normal(1, 0.5), rng.exponential()
        effect = rng.normal(mu, sigma, screen.size(["gene"]))
        truth |= {"mu_mutation": mu, "sigma_mutation": sigma, "mutation_effect": effect}
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


def numbers(statistics: SufficientStatistics) -> dict:
    """What changes with the log fold changes."""
    return {
        "reference": statistics.reference,
        "score": statistics.score,
        "residual_ss": np.float64(statistics.residual_ss),
    }


@pytest.fixture
def model_of_any_data(monkeypatch):
    """Build a model whose statistics can be exchanged, so that it is compiled only once."""
    import pytensor

    def build(name: str, screen: Screen):
        spec = MODELS[name]
        statistics = gather(screen, spec.terms)
        exchangeable = {k: pytensor.shared(v, name=k) for k, v in numbers(statistics).items()}
        shared = dataclasses.replace(statistics, **exchangeable)
        monkeypatch.setattr(LinearPredictor, "statistics", shared)
        # How effects are centred follows the data, too, and is the same model whatever it is.
        half = lambda self, effect: np.full(self.screen.size(self.dims(effect)), 0.5)  # noqa: E731
        monkeypatch.setattr(LinearPredictor, "pooling", half)
        priors = spec.Priors.model_validate(MODELS_AND_PRIORS[name])
        return spec.build(screen, priors, "identified", "sufficient")

    return build


def ranks(name: str, screen: Screen, model) -> pd.DataFrame:
    """Rank of every true value among its posterior draws; a row per simulated screen."""
    import nutpie

    terms, rng = MODELS[name].terms, np.random.default_rng(10)
    compiled = nutpie.compile_pymc_model(model)
    found = []
    for i in range(N_SCREENS):
        values = {v: np.asarray(value) for v, value in draw_truth(name, screen, rng).items()}
        mu = predict(screen, terms, {term.effect: values[term.effect] for term in terms})
        lfc = mu + values["sigma"] * rng.normal(size=screen.n_rows)
        statistics = gather(dataclasses.replace(screen, lfc=lfc), terms)
        fit = nutpie.sample(
            compiled.with_data(**numbers(statistics)),
            draws=DRAWS,
            tune=300,
            chains=2,
            cores=2,
            target_accept=0.95,
            seed=i,
            progress_bar=False,
        )
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
def test_true_values_rank_uniformly_among_their_draws(name: str, model_of_any_data) -> None:
    """Chi-square on 8 bins for each parameter; one in 1,000 correct runs would fail."""
    screen = Screen.from_table(tiny_screen(), MODELS[name].covariates)
    found = ranks(name, screen, model_of_any_data(name, screen))

    n_ranks = 2 * DRAWS // THIN + 1
    counts = found.apply(lambda column: np.histogram(column, BINS, (0, n_ranks))[0])
    p = counts.apply(lambda column: stats.chisquare(column).pvalue)
    assert p.min() > 1e-3 / len(p), p.sort_values().head()
    # The populations' parameters one by one, whose errors would repeat in every data set.
    scalars = [column for column in p.index if column.startswith(("mu_", "sigma"))]
    assert p[scalars].min() > 1e-3, p[scalars].sort_values()
