r"""Model ``lineage``: cell lines vary around their lineage.

$$
y_i &\sim \mathcal N(\mu_i, \sigma), \qquad \mu_i = \alpha_{s[i]} + \beta_{c[i]} \\
\alpha_s &\sim \mathcal N(g_{\mathrm{gene}(s)}, \sigma_\alpha), \qquad
    g \sim \mathcal N(\mu_g, \sigma_g) \\
\beta_c &\sim \mathcal N(\lambda_{\mathrm{lineage}(c)}, \sigma_\beta), \qquad
    \lambda \sim \mathrm{ZeroSumNormal}(\sigma_\lambda)
$$
"""

from partialpool.models.cell_line import LINE
from partialpool.models.effects import ZERO_SUM, Effect
from partialpool.models.model import Model
from partialpool.models.priors import Exponential, HalfNormal
from partialpool.models.sgrna_in_gene import GUIDE

LINEAGE = Effect(
    "lineage_effect",
    over="lineage",
    mean=ZERO_SUM,
    sd=Exponential("sigma_lineage"),
    symbol=r"\lambda_l",
    meaning="difference between a lineage and the average lineage, over all genes",
)

MODEL = Model(
    "lineage",
    doc=__doc__,
    summary="Like cell_line, but lines vary around the effect of their lineage.",
    mean=GUIDE + LINE.around(LINEAGE),
    sd=HalfNormal("sigma"),
)

#: Numbers that a settings file contains under ``priors``.
PRIORS = {
    "mu_gene": {"mu": 0.0, "sigma": 2.0},
    "sigma_gene": {"rate": 1.0},
    "sigma_sgrna": {"rate": 1.0},
    "sigma_lineage": {"rate": 1.0},
    "sigma_cell_line": {"rate": 0.4},
    "sigma": {"sigma": 5.0},
}
