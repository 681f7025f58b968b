r"""Model ``copy_number``: ``cell_line`` plus a slope per gene along copy number.

Cutting is toxic by itself, and the more so the more often a guide cuts.

.. math::

    y_i &\sim \mathcal N(\mu_i, \sigma),
        \qquad \mu_i = \alpha_{s[i]} + \beta_{c[i]} + \kappa_{g[i]} z_i \\
    \alpha_s &\sim \mathcal N(g_{\mathrm{gene}(s)}, \sigma_\alpha), \qquad
        g \sim \mathcal N(\mu_g, \sigma_g) \\
    \beta &\sim \mathrm{ZeroSumNormal}(\sigma_\beta) \\
    \kappa_g &\sim \mathcal N(\mu_\kappa, \sigma_\kappa)

:math:`z_i` is 0 at the gene's mean copy number over all measurements.

======================  ============================  ===========  =======================
symbol                  name                          dims         unit
======================  ============================  ===========  =======================
:math:`z`               ``gene_cn_z``                 measurement  sd of the gene's copies
:math:`\alpha_s`        ``sgrna_effect``              sgrna        log2 fold change
:math:`g`               ``gene_effect``               gene         log2 fold change
:math:`\mu_g`           ``mu_gene``                                log2 fold change
:math:`\sigma_g`        ``sigma_gene``                             log2 fold change
:math:`\sigma_\alpha`   ``sigma_sgrna``                            log2 fold change
:math:`\beta_c`         ``cell_line_effect``          cell_line    log2 fold change
:math:`\sigma_\beta`    ``sigma_cell_line``                        log2 fold change
:math:`\kappa_g`        ``copy_number_effect``        gene         log2 fold change per sd
:math:`\mu_\kappa`      ``mu_copy_number``                         log2 fold change per sd
:math:`\sigma_\kappa`   ``sigma_copy_number``                      log2 fold change per sd
:math:`\sigma`          ``sigma``                                  log2 fold change
======================  ============================  ===========  =======================

Source: the notebook ``hierarchical-model-subsample`` shows the trend, and that it differs between
genes.
"""

from __future__ import annotations

from typing import Any

from partialpool.models import cell_line, effects, sgrna_in_gene
from partialpool.models.contract import Model, Parametrization
from partialpool.models.likelihood import Likelihood, observe_lfc
from partialpool.models.predictor import LinearPredictor
from partialpool.models.priors import Exponential, Normal
from partialpool.models.terms import Term
from partialpool.screen import Screen

TERMS = (*cell_line.TERMS, Term("copy_number_effect", ("gene",), covariate="gene_cn_z"))


class Priors(sgrna_in_gene.Priors):
    """Priors of model ``copy_number``."""

    sigma_cell_line: Exponential
    mu_copy_number: Normal
    sigma_copy_number: Exponential


def copy_number_effects(predictor: LinearPredictor, priors: Any) -> None:
    """Declare slopes along copy number around their population, in the model in context."""
    mu_copy_number = priors.mu_copy_number.rv("mu_copy_number")
    sigma_copy_number = priors.sigma_copy_number.rv("sigma_copy_number")
    effects.normal("copy_number_effect", mu_copy_number, sigma_copy_number, predictor)


def build(
    screen: Screen, priors: Priors, parametrization: Parametrization, likelihood: Likelihood
) -> Any:
    """Build the PyMC model."""
    import pymc as pm

    predictor = LinearPredictor(screen, TERMS, sgrna_in_gene.LEVELS)
    with pm.Model(coords=screen.coords) as model:
        sgrna_in_gene.sgrna_effects(predictor, priors, parametrization)
        cell_line.cell_line_effects(predictor, priors, parametrization)
        copy_number_effects(predictor, priors)

        sigma = priors.sigma.rv("sigma")
        observe_lfc(predictor, sigma, likelihood)
    return model


MODEL = Model(
    "copy_number",
    TERMS,
    Priors,
    build,
    parametrizations=("identified",),
    levels=sgrna_in_gene.LEVELS,
    zero_sum={"cell_line_effect": "sgrna_effect"},
)
