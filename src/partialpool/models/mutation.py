r"""Model ``mutation``: ``sgrna_in_gene`` plus the effect of a mutation of the gene.

$$
y_i &\sim \mathcal N(\mu_i, \sigma), \qquad \mu_i = \alpha_{s[i]} + \delta_{g[i]} m_i \\
\alpha_s &\sim \mathcal N(g_{\mathrm{gene}(s)}, \sigma_\alpha), \qquad
    g \sim \mathcal N(\mu_g, \sigma_g) \\
\delta_g &\sim \mathcal N(\mu_\delta, \sigma_\delta)
$$

$m_i$ is 1 if the gene is mutated in that line, and 0 otherwise. If a gene has no mutated
line, its mutation effect is drawn from the population of the other genes.

Source: Model 4 of the notebook ``hierarchical-model-subsample``, announced there but left empty.
The errors of KRAS, MDM2, PTK2 and TP53 under ``sgrna_in_gene`` differ by mutation status.
"""

from partialpool.models.effects import Effect
from partialpool.models.model import Model
from partialpool.models.priors import Exponential, HalfNormal, Normal
from partialpool.models.sgrna_in_gene import GUIDE

MUTATION = Effect(
    "mutation_effect",
    over="gene",
    along="is_mutated",
    mean=Normal("mu_mutation"),
    sd=Exponential("sigma_mutation"),
    symbol=r"\delta_g",
    meaning="additional effect in lines where the gene is mutated",
)

MODEL = Model(
    "mutation",
    doc=__doc__,
    summary="Like sgrna_in_gene, but a gene may matter more or less in lines where it is mutated.",
    mean=GUIDE + MUTATION,
    sd=HalfNormal("sigma"),
)
