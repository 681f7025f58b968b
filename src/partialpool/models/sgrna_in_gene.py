r"""Model ``sgrna_in_gene``: guides vary around their gene.

$$
y_i &\sim \mathcal N(\mu_i, \sigma), \qquad \mu_i = \alpha_{s[i]} \\
\alpha_s &\sim \mathcal N(g_{\mathrm{gene}(s)}, \sigma_\alpha) \\
g &\sim \mathcal N(\mu_g, \sigma_g)
$$

Source: Model 2 of the notebook ``hierarchical-model-subsample``.
"""

from dataclasses import replace

from partialpool.models import gene
from partialpool.models.effects import Effect
from partialpool.models.model import Model
from partialpool.models.priors import Exponential, HalfNormal

GENE = replace(gene.GENE, sd=Exponential("sigma_gene"), symbol="g")

GUIDE = Effect(
    "sgrna_effect",
    over="sgrna",
    mean=GENE,
    sd=Exponential("sigma_sgrna"),
    symbol=r"\alpha_s",
    meaning="effect of a guide, including the effect of its gene",
    reading="Left of 0: cells with the guide grew worse.",
)

MODEL = Model(
    "sgrna_in_gene",
    doc=__doc__,
    summary="Every guide has its own effect. The guides of a gene vary around the effect of the "
    "gene.",
    mean=GUIDE,
    sd=HalfNormal("sigma"),
    published=GUIDE,
)
