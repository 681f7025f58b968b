r"""Model ``mutation``: ``sgrna_in_gene`` plus what a mutation of the gene changes.

.. math::

    y_i &\sim \mathcal N(\mu_i, \sigma), \qquad \mu_i = \alpha_{s[i]} + \delta_{g[i]} m_i \\
    \alpha_s &\sim \mathcal N(g_{\mathrm{gene}(s)}, \sigma_\alpha), \qquad
        g \sim \mathcal N(\mu_g, \sigma_g) \\
    \delta_g &\sim \mathcal N(\mu_\delta, \sigma_\delta)

:math:`m_i` is 1 where the gene is mutated in that line and 0 elsewhere; a gene without a mutated
line leans on the others.

======================  ============================  ===========  =================
symbol                  name                          dims         unit
======================  ============================  ===========  =================
:math:`m`               ``is_mutated``                measurement  0 or 1
:math:`\alpha_s`        ``sgrna_effect``              sgrna        log2 fold change
:math:`g`               ``gene_effect``               gene         log2 fold change
:math:`\mu_g`           ``mu_gene``                                log2 fold change
:math:`\sigma_g`        ``sigma_gene``                             log2 fold change
:math:`\sigma_\alpha`   ``sigma_sgrna``                            log2 fold change
:math:`\delta_g`        ``mutation_effect``           gene         log2 fold change
:math:`\mu_\delta`      ``mu_mutation``                            log2 fold change
:math:`\sigma_\delta`   ``sigma_mutation``                         log2 fold change
:math:`\sigma`          ``sigma``                                  log2 fold change
======================  ============================  ===========  =================

Source: announced and left empty as Model 4 of the notebook ``hierarchical-model-subsample``, where
the errors of KRAS, MDM2, PTK2 and TP53 under ``sgrna_in_gene`` split by mutation status.
"""

from __future__ import annotations

from typing import Any

from partialpool.models import effects, sgrna_in_gene
from partialpool.models.contract import Model, Parametrization
from partialpool.models.likelihood import Likelihood, observe_lfc
from partialpool.models.predictor import LinearPredictor
from partialpool.models.priors import Exponential, Normal
from partialpool.models.terms import Term
from partialpool.screen import Screen

MUTATION = Term("mutation_effect", ("gene",), covariate="is_mutated")
TERMS = (*sgrna_in_gene.TERMS, MUTATION)


class Priors(sgrna_in_gene.Priors):
    """Priors of model ``mutation``."""

    mu_mutation: Normal
    sigma_mutation: Exponential


def mutation_effects(predictor: LinearPredictor, priors: Any) -> None:
    """Declare what mutations change around their population, in the model in context."""
    mu_mutation = priors.mu_mutation.rv("mu_mutation")
    sigma_mutation = priors.sigma_mutation.rv("sigma_mutation")
    effects.normal("mutation_effect", mu_mutation, sigma_mutation, predictor)


def build(
    screen: Screen, priors: Priors, parametrization: Parametrization, likelihood: Likelihood
) -> Any:
    """Build the PyMC model."""
    import pymc as pm

    predictor = LinearPredictor(screen, TERMS, sgrna_in_gene.LEVELS)
    with pm.Model(coords=screen.coords) as model:
        sgrna_in_gene.sgrna_effects(predictor, priors, parametrization)
        mutation_effects(predictor, priors)

        sigma = priors.sigma.rv("sigma")
        observe_lfc(predictor, sigma, likelihood)
    return model


MODEL = Model(
    "mutation",
    TERMS,
    Priors,
    build,
    parametrizations=("identified",),
    levels=sgrna_in_gene.LEVELS,
)
