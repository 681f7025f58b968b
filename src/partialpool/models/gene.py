r"""Model ``gene``: an effect per gene and nothing else.

.. math::

    y_i &\sim \mathcal N(\mu_i, \sigma), \qquad \mu_i = \alpha_{g[i]} \\
    \alpha_g &\sim \mathcal N(\mu_\alpha, \sigma_\alpha)

======================  ============================  ===========  =================
symbol                  name                          dims         unit
======================  ============================  ===========  =================
:math:`y`               ``lfc``                       measurement  log2 fold change
:math:`\alpha_g`        ``gene_effect``               gene         log2 fold change
:math:`\mu_\alpha`      ``mu_gene``                                log2 fold change
:math:`\sigma_\alpha`   ``sigma_gene``                             log2 fold change
:math:`\sigma`          ``sigma``                                  log2 fold change
======================  ============================  ===========  =================

Source: Model 1 of the notebook ``hierarchical-model-subsample``.
"""

from __future__ import annotations

from typing import Any

from partialpool.models.contract import Model, Parametrization
from partialpool.models.likelihood import Likelihood, observe_lfc
from partialpool.models.predictor import LinearPredictor
from partialpool.models.priors import HalfNormal, Normal
from partialpool.models.terms import Term
from partialpool.parameters import Parameters
from partialpool.screen import Screen

TERMS = (Term("gene_effect", ("gene",)),)


class Priors(Parameters):
    """Priors of model ``gene``."""

    mu_gene: Normal
    sigma_gene: HalfNormal
    sigma: HalfNormal


def build(
    screen: Screen, priors: Priors, parametrization: Parametrization, likelihood: Likelihood
) -> Any:
    """Build the PyMC model; both parametrizations are the same here."""
    import pymc as pm

    predictor = LinearPredictor(screen, TERMS)
    with pm.Model(coords=screen.coords) as model:
        mu_gene = priors.mu_gene.rv("mu_gene")
        sigma_gene = priors.sigma_gene.rv("sigma_gene")
        pm.Normal("gene_effect", mu_gene, sigma_gene, dims="gene")

        sigma = priors.sigma.rv("sigma")
        observe_lfc(predictor, sigma, likelihood)
    return model


MODEL = Model("gene", TERMS, Priors, build)
