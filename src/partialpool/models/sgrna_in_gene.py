r"""Model ``sgrna_in_gene``: guides vary around their gene.

.. math::

    y_i &\sim \mathcal N(\mu_i, \sigma), \qquad \mu_i = \alpha_{s[i]} \\
    \alpha_s &\sim \mathcal N(g_{\mathrm{gene}(s)}, \sigma_\alpha) \\
    g &\sim \mathcal N(\mu_g, \sigma_g)

======================  ============================  ==========  =================
symbol                  name                          dims        unit
======================  ============================  ==========  =================
:math:`\alpha_s`        ``sgrna_effect``              sgrna       log2 fold change
:math:`g`               ``gene_effect``               gene        log2 fold change
:math:`\mu_g`           ``mu_gene``                               log2 fold change
:math:`\sigma_g`        ``sigma_gene``                            log2 fold change
:math:`\sigma_\alpha`   ``sigma_sgrna``                           log2 fold change
:math:`\sigma`          ``sigma``                                 log2 fold change
======================  ============================  ==========  =================

Source: Model 2 of the notebook ``hierarchical-model-subsample``.
"""

from __future__ import annotations

from typing import Any

from partialpool.models import effects
from partialpool.models.contract import Model, Parametrization
from partialpool.models.likelihood import Likelihood, observe_lfc
from partialpool.models.predictor import LinearPredictor
from partialpool.models.priors import Exponential, HalfNormal, Normal
from partialpool.models.terms import Term
from partialpool.parameters import Parameters
from partialpool.screen import Screen

TERMS = (Term("sgrna_effect", ("sgrna",)),)
LEVELS = {"sgrna_effect": "gene_effect"}


class Priors(Parameters):
    """Priors of model ``sgrna_in_gene``."""

    mu_gene: Normal
    sigma_gene: Exponential
    sigma_sgrna: Exponential
    sigma: HalfNormal


def sgrna_effects(
    predictor: LinearPredictor, priors: Priors, parametrization: Parametrization
) -> None:
    """Declare guides around genes around their population, in the model in context."""
    import pymc as pm

    gene_of_sgrna = predictor.screen.gene_of_sgrna
    mu_gene = priors.mu_gene.rv("mu_gene")
    sigma_gene = priors.sigma_gene.rv("sigma_gene")
    sigma_sgrna = priors.sigma_sgrna.rv("sigma_sgrna")

    if parametrization == "published":
        gene_effect = pm.Normal("gene_effect", mu_gene, sigma_gene, dims="gene")
        pm.Normal("sgrna_effect", gene_effect[gene_of_sgrna], sigma_sgrna, dims="sgrna")
    else:
        gene_effect = effects.normal("gene_effect", mu_gene, sigma_gene, predictor)
        effects.normal("sgrna_effect", gene_effect[gene_of_sgrna], sigma_sgrna, predictor)


def build(
    screen: Screen, priors: Priors, parametrization: Parametrization, likelihood: Likelihood
) -> Any:
    """Build the PyMC model; the parametrizations differ in how effects are sampled only."""
    import pymc as pm

    predictor = LinearPredictor(screen, TERMS, LEVELS)
    with pm.Model(coords=screen.coords) as model:
        sgrna_effects(predictor, priors, parametrization)

        sigma = priors.sigma.rv("sigma")
        observe_lfc(predictor, sigma, likelihood)
    return model


MODEL = Model("sgrna_in_gene", TERMS, Priors, build, levels=LEVELS)
