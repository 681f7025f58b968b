"""Means and spreads."""

import pandas as pd

from partialpool.figures.fit.population_parameters import population_table


def test_population_estimates_are_those_without_labels() -> None:
    names = ["sigma", "gene_effect[KRAS]", "mu_gene"]
    table = population_table(pd.DataFrame({"parameter": names, "mean": [1.0, 2.0, 3.0]}))
    assert table["label"].tolist() == ["mu_gene", "sigma"]
    assert table["kind"].tolist() == ["means", "standard deviations"]
