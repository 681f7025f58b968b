r"""Model ``gene``: one effect per gene, and nothing else.

$$
y_i &\sim \mathcal N(\mu_i, \sigma), \qquad \mu_i = \alpha_{g[i]} \\
\alpha_g &\sim \mathcal N(\mu_\alpha, \sigma_\alpha)
$$

Source: Model 1 of the notebook ``hierarchical-model-subsample``.
"""

from partialpool.models.effects import Effect
from partialpool.models.model import Model
from partialpool.models.priors import HalfNormal, Normal

GENE = Effect(
    "gene_effect",
    over="gene",
    mean=Normal("mu_gene"),
    sd=HalfNormal("sigma_gene"),
    symbol=r"\alpha_g",
    meaning="effect of losing the gene",
    reading="Left of 0: cells that lost the gene grew worse.",
)

MODEL = Model(
    "gene",
    doc=__doc__,
    summary="Every gene has one effect, which is the same for all guides and cell lines. The "
    "effects of all genes are drawn from one population.",
    mean=GENE,
    sd=HalfNormal("sigma"),
    published=GENE,
)
