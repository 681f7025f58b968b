r"""Model ``mutation``: ``sgrna_in_gene`` plus what a mutation of the gene changes.

$$
y_i &\sim \mathcal N(\mu_i, \sigma), \qquad \mu_i = \alpha_{s[i]} + \delta_{g[i]} m_i \\
\alpha_s &\sim \mathcal N(g_{\mathrm{gene}(s)}, \sigma_\alpha), \qquad
    g \sim \mathcal N(\mu_g, \sigma_g) \\
\delta_g &\sim \mathcal N(\mu_\delta, \sigma_\delta)
$$

$m_i$ is 1 where the gene is mutated in that line and 0 elsewhere. The effect of a gene
without a mutated line is drawn from the population of the others.

Source: announced and left empty as Model 4 of the notebook ``hierarchical-model-subsample``, where
the errors of KRAS, MDM2, PTK2 and TP53 under ``sgrna_in_gene`` split by mutation status.
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
    meaning="what a mutation of the gene adds",
)

MODEL = Model(
    "mutation",
    doc=__doc__,
    summary="As sgrna_in_gene, and a gene may matter more, or less, in lines where it is mutated.",
    mean=GUIDE + MUTATION,
    sd=HalfNormal("sigma"),
)
