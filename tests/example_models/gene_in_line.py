r"""Model ``gene_in_line``: ``cell_line`` plus deviations of a gene in single lines.

$$
y_i &\sim \mathcal N(\mu_i, \sigma),
    \qquad \mu_i = \alpha_{s[i]} + \beta_{c[i]} + \delta_{g[i] c[i]} \\
\alpha_s &\sim \mathcal N(g_{\mathrm{gene}(s)}, \sigma_\alpha), \qquad
    g \sim \mathcal N(\mu_g, \sigma_g) \\
\beta &\sim \mathrm{ZeroSumNormal}(\sigma_\beta) \\
\delta_{gc} &\sim \mathcal N(0, \sigma_\delta)
$$
"""

from partialpool.models.cell_line import LINE
from partialpool.models.effects import ZERO, Effect
from partialpool.models.model import Model
from partialpool.models.priors import Exponential, HalfNormal
from partialpool.models.sgrna_in_gene import GUIDE

DEVIATION = Effect(
    "gene_in_line_effect",
    over="gene cell_line",
    mean=ZERO,
    sd=Exponential("sigma_gene_in_line"),
    symbol=r"\delta_{gc}",
    meaning="difference between the effect of the gene in this line and in all lines",
)

MODEL = Model(
    "gene_in_line",
    doc=__doc__,
    summary="A gene may matter more or less in single cell lines.",
    mean=GUIDE + LINE + DEVIATION,
    sd=HalfNormal("sigma"),
)

#: Numbers that a settings file contains under ``priors``.
PRIORS = {
    "mu_gene": {"mu": 0.0, "sigma": 2.0},
    "sigma_gene": {"rate": 1.0},
    "sigma_sgrna": {"rate": 1.0},
    "sigma_cell_line": {"rate": 0.4},
    "sigma_gene_in_line": {"rate": 1.0},
    "sigma": {"sigma": 5.0},
}
