"""Densities of effects, by chain."""

from typing import Any

import pandas as pd
import xarray as xr

from partialpool.figures.fit import effect_densities
from partialpool.figures.fit.effect_densities import element_densities


def test_of_many_effects_some_are_shown_from_the_lowest_to_the_highest(
    posterior: xr.Dataset,
) -> None:
    moved = posterior.assign(gene_effect=posterior["gene_effect"] + [0.0, 50.0, 100.0])
    effects = pd.DataFrame(
        {
            "effect": "gene_effect",
            "parameter": ["gene_effect[KRAS]", "gene_effect[TP53]", "gene_effect[MYC]"],
            "mean": [0.0, 50.0, 100.0],
        }
    )
    curves = element_densities(moved, effects, 2)
    top = curves.loc[curves.groupby("element")["height"].idxmax()]
    assert top["value"].round(-1).tolist() == [0.0, 100.0]
    assert top["height"].tolist() == [1.0, 1.0]
    assert curves[["n_shown", "n_all"]].drop_duplicates().to_numpy().tolist() == [[2, 3]]
    assert curves.groupby(["element", "chain"]).ngroups == 4


def test_there_is_a_curve_per_effect_and_chain(fit: Any, words_of: Any) -> None:
    plot = effect_densities.draw(**effect_densities.FIGURE.made_of(fit))
    curves = plot.data.dropna(subset=["height"])
    shown = curves.groupby("effect", observed=True)["element"].nunique()
    assert set(shown) == {3}
    assert set(curves["chain"]) == {1, 2}
    assert {"Gene effects: 3 genes", "Guide effects: 3 of 6 guides"} <= words_of(plot)
