r"""Model ``copy_number``: ``cell_line`` plus a slope per gene along copy number.

Cutting itself is toxic. The more often a guide cuts, the more toxic it is.

$$
y_i &\sim \mathcal N(\mu_i, \sigma),
    \qquad \mu_i = \alpha_{s[i]} + \beta_{c[i]} + \kappa_{g[i]} z_i \\
\alpha_s &\sim \mathcal N(g_{\mathrm{gene}(s)}, \sigma_\alpha), \qquad
    g \sim \mathcal N(\mu_g, \sigma_g) \\
\beta &\sim \mathrm{ZeroSumNormal}(\sigma_\beta) \\
\kappa_g &\sim \mathcal N(\mu_\kappa, \sigma_\kappa)
$$

$z_i$ is 0 at the gene's mean copy number over all measurements.

Source: the notebook ``hierarchical-model-subsample``, which shows this trend, and that it differs
between genes.
"""

from partialpool.models.cell_line import LINE
from partialpool.models.effects import Effect
from partialpool.models.model import Model
from partialpool.models.priors import Exponential, HalfNormal, Normal
from partialpool.models.sgrna_in_gene import GUIDE

COPY_NUMBER = Effect(
    "copy_number_effect",
    over="gene",
    along="gene_cn_z",
    mean=Normal("mu_copy_number"),
    sd=Exponential("sigma_copy_number"),
    symbol=r"\kappa_g",
    meaning="additional effect of more copies of the gene",
    reading="Left of 0: the more copies of the gene, the worse cells grew after cutting.",
)

MODEL = Model(
    "copy_number",
    doc=__doc__,
    summary="Like cell_line, but a gene may matter more in lines with more copies of it.",
    mean=GUIDE + LINE + COPY_NUMBER,
    sd=HalfNormal("sigma"),
)
