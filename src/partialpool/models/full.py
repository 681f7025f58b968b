r"""Model ``full``: guides, lines, copy number, mutation and RNA expression together.

$$
y_i &\sim \mathcal N(\mu_i, \sigma), \qquad
    \mu_i = \alpha_{s[i]} + \beta_{c[i]} + \kappa_{g[i]} z_i + \delta_{g[i]} m_i
    + \rho_{g[i]} R_i \\
\alpha_s &\sim \mathcal N(g_{\mathrm{gene}(s)}, \sigma_\alpha), \qquad
    g \sim \mathcal N(\mu_g, \sigma_g) \\
\beta &\sim \mathrm{ZeroSumNormal}(\sigma_\beta) \\
\kappa_g &\sim \mathcal N(\mu_\kappa, \sigma_\kappa), \qquad
    \delta_g \sim \mathcal N(\mu_\delta, \sigma_\delta), \qquad
    \rho_g \sim \mathcal N(\mu_\rho, \sigma_\rho)
$$

It is fitted only to measurements for which all three covariates are known.
"""

from dataclasses import replace

from partialpool.models import expression
from partialpool.models.cell_line import LINE
from partialpool.models.copy_number import COPY_NUMBER
from partialpool.models.model import Model
from partialpool.models.mutation import MUTATION
from partialpool.models.priors import HalfNormal
from partialpool.models.sgrna_in_gene import GUIDE

RNA = replace(expression.RNA, symbol=r"\rho_g")

MODEL = Model(
    "full",
    doc=__doc__,
    summary="Guides, cell lines, copy number, mutation and RNA expression together.",
    mean=GUIDE + LINE + COPY_NUMBER + MUTATION + RNA,
    sd=HalfNormal("sigma"),
)
