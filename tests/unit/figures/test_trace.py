"""Traces of the chains."""

from typing import Any

import pandas as pd
import pytest
import xarray as xr

from partialpool.figures import fit as of_one_fit
from partialpool.figures.fit._paths import population_parameters, with_worst_elements
from partialpool.figures.fit.trace import chain_density_table, trace_table
from partialpool.figures.registry import figures_in


def test_population_parameters_are_means_then_standard_deviations(posterior: xr.Dataset) -> None:
    assert population_parameters(posterior) == ["mu_gene", "sigma"]


def test_a_trace_is_thinned_evenly_with_both_ends(posterior: xr.Dataset) -> None:
    table = trace_table(posterior, max_draws=4)
    mu = table[(table["parameter"] == "mu_gene") & (table["chain"] == 2)]
    assert mu["draw"].tolist() == [1, 34, 67, 100]
    assert mu["value"].tolist() == posterior["mu_gene"].to_numpy()[1, [0, 33, 66, 99]].tolist()
    assert len(table) == 2 * 2 * 4


def test_chain_densities_reach_one_once_per_parameter(posterior: xr.Dataset) -> None:
    table = chain_density_table(posterior)
    assert table.groupby("parameter", observed=True)["height"].max().tolist() == [1.0, 1.0]
    assert set(table["chain"]) == {1, 2}


def test_the_worst_elements_are_those_of_largest_r_hat_and_smallest_ess(
    posterior: xr.Dataset,
) -> None:
    convergence = pd.DataFrame(
        {
            "parameter": [
                "sigma",
                "mutation_effect[KRAS]",
                "mutation_effect[TP53]",
                "mutation_effect[MYC]",
            ],
            "r_hat": [1.5, 1.0, 1.3, 1.1],
            "ess_bulk": [4.0, 10.0, 11.0, 1200.0],
        }
    )
    renamed = posterior.rename(gene_effect="mutation_effect")  # begins as a mean does
    draws, words = with_worst_elements(renamed, convergence, 2)
    assert words == {
        "mutation_effect[TP53]": "R-hat 1.3000, bulk ESS 11",
        "mutation_effect[KRAS]": "R-hat 1.0000, bulk ESS 10",
    }
    assert population_parameters(draws) == ["mu_gene", "sigma", *words]
    wanted = renamed["mutation_effect"].to_numpy()[:, :, 1]
    assert (draws["mutation_effect[TP53]"].to_numpy() == wanted).all()
    _, none = with_worst_elements(renamed, convergence, 0)
    assert none == {}


def test_a_trace_shows_draws_and_their_densities(plots: dict[str, Any]) -> None:
    draws, densities = plots["trace"].layers
    assert plots["trace"].data["x"].max() < 60
    assert densities._data["x"].min() > 60
    worst = {"gene_effect[TP53]", "sgrna_effect[MYC2]"}
    assert set(plots["trace"].data["parameter"]) == {"mu_gene", "sigma", *worst}
    assert len(plots["trace"].data) == 4 * 2 * 49
    assert draws._data is None or not len(draws._data)


@pytest.mark.parametrize("name", ["trace", "rank"])
def test_the_effects_that_converged_worst_are_named(fit: Any, words_of: Any, name: str) -> None:
    (figure,) = [one for one in figures_in(of_one_fit) if one.name == name]
    plot = figure.draw(**figure.made_of(fit))
    panels = words_of(plot)
    assert "gene_effect[TP53]\nR-hat 1.2000, bulk ESS 900" in panels
    assert "sgrna_effect[MYC2]\nR-hat 1.0010, bulk ESS 12" in panels
    assert "worst effects" in plot.labels.title
