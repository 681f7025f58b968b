r"""Model ``full``: guides, lines, copy number, mutation and RNA expression together.

.. math::

    y_i &\sim \mathcal N(\mu_i, \sigma), \qquad
        \mu_i = \alpha_{s[i]} + \beta_{c[i]} + \kappa_{g[i]} z_i + \delta_{g[i]} m_i
        + \rho_{g[i]} R_i \\
    \alpha_s &\sim \mathcal N(g_{\mathrm{gene}(s)}, \sigma_\alpha), \qquad
        g \sim \mathcal N(\mu_g, \sigma_g) \\
    \beta &\sim \mathrm{ZeroSumNormal}(\sigma_\beta) \\
    \kappa_g &\sim \mathcal N(\mu_\kappa, \sigma_\kappa), \qquad
        \delta_g \sim \mathcal N(\mu_\delta, \sigma_\delta), \qquad
        \rho_g \sim \mathcal N(\mu_\rho, \sigma_\rho)

Only measurements whose three covariates are known count.

======================  ============================  ===========  =======================
symbol                  name                          dims         unit
======================  ============================  ===========  =======================
:math:`z`               ``gene_cn_z``                 measurement  sd of the gene's copies
:math:`m`               ``is_mutated``                measurement  0 or 1
:math:`R`               ``rna_expr_z``                measurement  sd of the gene's RNA
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
:math:`\delta_g`        ``mutation_effect``           gene         log2 fold change
:math:`\mu_\delta`      ``mu_mutation``                            log2 fold change
:math:`\sigma_\delta`   ``sigma_mutation``                         log2 fold change
:math:`\rho_g`          ``rna_effect``                gene         log2 fold change per sd
:math:`\mu_\rho`        ``mu_rna``                                 log2 fold change per sd
:math:`\sigma_\rho`     ``sigma_rna``                              log2 fold change per sd
:math:`\sigma`          ``sigma``                                  log2 fold change
======================  ============================  ===========  =======================
"""

from __future__ import annotations

from typing import Any

from partialpool.models import cell_line, copy_number, expression, mutation, sgrna_in_gene
from partialpool.models.contract import Model, Parametrization
from partialpool.models.likelihood import Likelihood, observe_lfc
from partialpool.models.predictor import LinearPredictor
from partialpool.models.priors import Exponential, Normal
from partialpool.screen import Screen

TERMS = (*copy_number.TERMS, mutation.MUTATION, expression.RNA)


class Priors(copy_number.Priors):
    """Priors of model ``full``."""

    mu_mutation: Normal
    sigma_mutation: Exponential
    mu_rna: Normal
    sigma_rna: Exponential


def build(
    screen: Screen, priors: Priors, parametrization: Parametrization, likelihood: Likelihood
) -> Any:
    """Build the PyMC model."""
    import pymc as pm

    predictor = LinearPredictor(screen, TERMS, sgrna_in_gene.LEVELS)
    with pm.Model(coords=screen.coords) as model:
        sgrna_in_gene.sgrna_effects(predictor, priors, parametrization)
        cell_line.cell_line_effects(predictor, priors, parametrization)
        copy_number.copy_number_effects(predictor, priors)
        mutation.mutation_effects(predictor, priors)
        expression.rna_effects(predictor, priors, parametrization)

        sigma = priors.sigma.rv("sigma")
        observe_lfc(predictor, sigma, likelihood)
    return model


MODEL = Model(
    "full",
    TERMS,
    Priors,
    build,
    parametrizations=("identified",),
    levels=sgrna_in_gene.LEVELS,
    zero_sum={"cell_line_effect": "sgrna_effect"},
)
