r"""Model ``expression``: gene, cell line and RNA.

.. math::

    y_i &\sim \mathcal N(\mu_i, \sigma),
        \qquad \mu_i = \alpha_{g[i]} + \gamma_{c[i]} + \beta_{g[i]} R_i \\
    \alpha_g &\sim \mathcal N(\mu_\alpha, \sigma_\alpha), \qquad
    \beta_g \sim \mathcal N(\mu_\beta, \sigma_\beta) \\
    \gamma_c &\sim \mathcal N(\mu_\gamma, \sigma_\gamma)
        &&\text{published} \\
    \gamma &\sim \mathrm{ZeroSumNormal}(\sigma_\gamma)
        &&\text{identified}

As published :math:`\alpha` and :math:`\gamma` trade off: each had a posterior sd of 1.5 and 640
effective draws of 8,000. Identified, the lines' effects sum to zero and :math:`\alpha` carries
the level.

======================  ============================  ===========  =======================
symbol                  name                          dims         unit
======================  ============================  ===========  =======================
:math:`R`               ``rna_expr_z``                measurement  sd of the gene's RNA
:math:`\alpha_g`        ``gene_effect``               gene         log2 fold change
:math:`\gamma_c`        ``cell_line_effect``          cell_line    log2 fold change
:math:`\beta_g`         ``rna_effect``                gene         log2 fold change per sd
:math:`\mu_\alpha`      ``mu_gene``                                log2 fold change
:math:`\sigma_\alpha`   ``sigma_gene``                             log2 fold change
:math:`\mu_\gamma`      ``mu_cell_line`` (published)               log2 fold change
:math:`\sigma_\gamma`   ``sigma_cell_line``                        log2 fold change
:math:`\mu_\beta`       ``mu_rna``                                 log2 fold change per sd
:math:`\sigma_\beta`    ``sigma_rna``                              log2 fold change per sd
:math:`\sigma`          ``sigma``                                  log2 fold change
======================  ============================  ===========  =======================

Source: the notebook ``model-experimentation-m4``.
"""

from __future__ import annotations

from typing import Any

from partialpool.models import cell_line, effects
from partialpool.models.contract import Model, Parametrization
from partialpool.models.likelihood import Likelihood, observe_lfc
from partialpool.models.predictor import LinearPredictor
from partialpool.models.priors import Exponential, Normal
from partialpool.models.terms import Term
from partialpool.parameters import Parameters
from partialpool.screen import Screen

RNA = Term("rna_effect", ("gene",), covariate="rna_expr_z")
TERMS = (Term("gene_effect", ("gene",)), Term("cell_line_effect", ("cell_line",)), RNA)


class Priors(Parameters):
    """Priors of model ``expression``; ``mu_cell_line`` is in the published model only."""

    mu_gene: Normal
    sigma_gene: Exponential
    mu_cell_line: Normal
    sigma_cell_line: Exponential
    mu_rna: Normal
    sigma_rna: Exponential
    sigma: Exponential


def rna_effects(predictor: LinearPredictor, priors: Any, parametrization: Parametrization) -> None:
    """Declare slopes along RNA around their population, in the model in context."""
    import pymc as pm

    mu_rna = priors.mu_rna.rv("mu_rna")
    sigma_rna = priors.sigma_rna.rv("sigma_rna")
    if parametrization == "published":
        pm.Normal("rna_effect", mu_rna, sigma_rna, dims="gene")
    else:
        effects.normal("rna_effect", mu_rna, sigma_rna, predictor)


def build(
    screen: Screen, priors: Priors, parametrization: Parametrization, likelihood: Likelihood
) -> Any:
    """Build the PyMC model."""
    import pymc as pm

    predictor = LinearPredictor(screen, TERMS)
    with pm.Model(coords=screen.coords) as model:
        mu_gene = priors.mu_gene.rv("mu_gene")
        sigma_gene = priors.sigma_gene.rv("sigma_gene")
        pm.Normal("gene_effect", mu_gene, sigma_gene, dims="gene")
        cell_line.cell_line_effects(predictor, priors, parametrization)
        rna_effects(predictor, priors, parametrization)

        sigma = priors.sigma.rv("sigma")
        observe_lfc(predictor, sigma, likelihood)
    return model


MODEL = Model("expression", TERMS, Priors, build, zero_sum={"cell_line_effect": "gene_effect"})
