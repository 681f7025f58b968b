"""Priors of standard deviations."""

from types import SimpleNamespace

import numpy as np
import pytest

from partialpool.figures.screen.prior_scales import (
    FIGURE,
    distinct_priors,
    prior_curves,
    scale_priors,
)
from screen_figures import draw, flat, layer, screen

SAMPLER = {
    "name": "nutpie",
    "chains": 2,
    "draws": 10,
    "tune": 10,
    "target_accept": 0.8,
    "cores": 1,
    "init": "adapt_diag",
    "n_init": 10,
}
WIDE = {"sigma": 5.0}
GENE = {
    "model": "gene",
    "parametrization": "identified",
    "likelihood": "sufficient",
    "seed": 1,
    "sampler": SAMPLER,
    "priors": {"mu_gene": {"mu": 0.0, "sigma": 5.0}, "sigma_gene": WIDE, "sigma": WIDE},
}


#: A model whose spreads have exponential priors.
EXPRESSION = GENE | {
    "model": "expression",
    "parametrization": "published",
    "priors": {
        "mu_gene": {"mu": 0.0, "sigma": 5.0},
        "sigma_gene": {"rate": 1.0},
        "mu_cell_line": {"mu": 0.0, "sigma": 5.0},
        "sigma_cell_line": {"rate": 0.4},
        "mu_rna": {"mu": 0.0, "sigma": 5.0},
        "sigma_rna": {"rate": 1.0},
        "sigma": {"rate": 1.0},
    },
}


def test_priors_are_those_of_standard_deviations() -> None:
    listed = scale_priors({"gene": GENE, "rna": EXPRESSION}).set_index(["fit", "parameter"])
    assert listed["prior"].to_dict() == {
        ("gene", "sigma_gene"): "|N(0, 5)|",
        ("gene", "sigma"): "|N(0, 5)|",
        ("rna", "sigma_gene"): "Exp(1)",
        ("rna", "sigma_cell_line"): "Exp(0.4)",
        ("rna", "sigma_rna"): "Exp(1)",
        ("rna", "sigma"): "Exp(1)",
    }
    exponential = listed.loc[("rna", "sigma_cell_line")]
    assert exponential["mean"] == pytest.approx(2.5)
    assert exponential["median"] == pytest.approx(2.5 * np.log(2))
    assert exponential["q95"] == pytest.approx(2.5 * np.log(20))


def test_distinct_priors_are_widest_first() -> None:
    distinct = distinct_priors(scale_priors({"gene": GENE, "rna": EXPRESSION}))
    assert distinct["prior"].tolist() == ["|N(0, 5)|", "Exp(0.4)", "Exp(1)"]
    assert distinct["used_for"].tolist() == [
        "sigma, sigma_gene",
        "sigma_cell_line",
        "sigma, sigma_gene, sigma_rna",
    ]


def test_curves_are_densities() -> None:
    curves = prior_curves(distinct_priors(scale_priors({})))
    for prior, curve in curves.groupby("prior"):
        start = {"|N(0, 5)|": (2 / np.pi) ** 0.5 / 5, "Exp(1)": 1.0}[str(prior)]
        assert curve["density"].iloc[0] == pytest.approx(start)
        assert 0.98 < np.trapezoid(curve["density"], curve["value"]) < 1.001


def test_priors_are_named_with_what_they_are_for() -> None:
    table = screen(2, 3)
    plot = FIGURE.draw(**FIGURE.made_of(SimpleNamespace(screen=table, fits={"gene": GENE})))
    draw(plot)
    curves = layer(plot, "geom_area")
    assert f"all measurements, {np.std(table['lfc']):.2f}" in flat(plot.labels.caption)
    assert list(curves["prior"].cat.categories) == [
        "|N(0, 5)|\nfor sigma, sigma_gene",
        "Exp(1)\nfor no model",
    ]
    assert "log2 fold change" in plot.labels.x
