r"""Model ``cell_line``: ``sgrna_in_gene`` plus an effect per cell line.

.. math::

    y_i &\sim \mathcal N(\mu_i, \sigma), \qquad \mu_i = \alpha_{s[i]} + \beta_{c[i]} \\
    \alpha_s &\sim \mathcal N(g_{\mathrm{gene}(s)}, \sigma_\alpha), \qquad
        g \sim \mathcal N(\mu_g, \sigma_g) \\
    \beta_c &\sim \mathcal N(\mu_\beta, \sigma_\beta)
        &&\text{published} \\
    \beta &\sim \mathrm{ZeroSumNormal}(\sigma_\beta)
        &&\text{identified}

As published :math:`\mu_\beta` and
:math:`\mu_g` can trade off without changing any prediction, and the sampler never converged.
Identified, the lines' effects sum to zero and :math:`\mu_g` carries the level.

======================  ============================  ===========  =================
symbol                  name                          dims         unit
======================  ============================  ===========  =================
:math:`\alpha_s`        ``sgrna_effect``              sgrna        log2 fold change
:math:`g`               ``gene_effect``               gene         log2 fold change
:math:`\mu_g`           ``mu_gene``                                log2 fold change
:math:`\sigma_g`        ``sigma_gene``                             log2 fold change
:math:`\sigma_\alpha`   ``sigma_sgrna``                            log2 fold change
:math:`\beta_c`         ``cell_line_effect``          cell_line    log2 fold change
:math:`\mu_\beta`       ``mu_cell_line`` (published)               log2 fold change
:math:`\sigma_\beta`    ``sigma_cell_line``                        log2 fold change
:math:`\sigma`          ``sigma``                                  log2 fold change
======================  ============================  ===========  =================

Source: Model 3 of the notebook ``hierarchical-model-subsample``.
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

TERMS = (*sgrna_in_gene.TERMS, Term("cell_line_effect", ("cell_line",)))


class Priors(sgrna_in_gene.Priors):
    """Priors of model ``cell_line``; ``mu_cell_line`` is in the published model only."""

    mu_cell_line: Normal
    sigma_cell_line: Exponential


def cell_line_effects(
    predictor: LinearPredictor, priors: Any, parametrization: Parametrization
) -> None:
    """Declare lines around their population, or around zero, in the model in context."""
    import pymc as pm

    sigma_cell_line = priors.sigma_cell_line.rv("sigma_cell_line")
    if parametrization == "published":
        mu_cell_line = priors.mu_cell_line.rv("mu_cell_line")
        pm.Normal("cell_line_effect", mu_cell_line, sigma_cell_line, dims="cell_line")
    else:
        effects.zero_sum_normal("cell_line_effect", sigma_cell_line, predictor)


def build(
    screen: Screen, priors: Priors, parametrization: Parametrization, likelihood: Likelihood
) -> Any:
    """Build the PyMC model."""
    import pymc as pm

    predictor = LinearPredictor(screen, TERMS, sgrna_in_gene.LEVELS)
    with pm.Model(coords=screen.coords) as model:
        sgrna_in_gene.sgrna_effects(predictor, priors, parametrization)
        cell_line_effects(predictor, priors, parametrization)

        sigma = priors.sigma.rv("sigma")
        observe_lfc(predictor, sigma, likelihood)
    return model


MODEL = Model(
    "cell_line",
    TERMS,
    Priors,
    build,
    levels=sgrna_in_gene.LEVELS,
    zero_sum={"cell_line_effect": "sgrna_effect"},
)
