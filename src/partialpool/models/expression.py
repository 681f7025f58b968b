r"""Model ``expression``: gene, cell line and RNA.

$$
y_i &\sim \mathcal N(\mu_i, \sigma),
    \qquad \mu_i = \alpha_{g[i]} + \gamma_{c[i]} + \beta_{g[i]} R_i \\
\alpha_g &\sim \mathcal N(\mu_\alpha, \sigma_\alpha), \qquad
\beta_g \sim \mathcal N(\mu_\beta, \sigma_\beta) \\
\gamma_c &\sim \mathcal N(\mu_\gamma, \sigma_\gamma)
    &&\text{published} \\
\gamma &\sim \mathrm{ZeroSumNormal}(\sigma_\gamma)
    &&\text{identified}
$$

As published, $\alpha$ and $\gamma$ trade off: each had a posterior sd of 1.5 and 640
effective draws of 8,000. In the identified form the effects of the lines sum to zero, and
$\alpha$ contains the level.

Source: the notebook ``model-experimentation-m4``.
"""

from dataclasses import replace

from partialpool.models import cell_line, gene
from partialpool.models.effects import Effect
from partialpool.models.model import Model
from partialpool.models.priors import Exponential, Normal

GENE = replace(gene.GENE, sd=Exponential("sigma_gene"))

LINE = replace(cell_line.LINE, symbol=r"\gamma_c")

RNA = Effect(
    "rna_effect",
    over="gene",
    along="rna_expr_z",
    mean=Normal("mu_rna"),
    sd=Exponential("sigma_rna"),
    symbol=r"\beta_g",
    meaning="additional effect of higher expression of the gene",
    reading="Left of 0: the more RNA of the gene, the worse cells without the gene grew.",
)

MODEL = Model(
    "expression",
    doc=__doc__,
    summary="Each gene has an effect, each cell line may lie above or below the others, and "
    "a gene may matter more or less in lines that express it more.",
    mean=GENE + LINE + RNA,
    sd=Exponential("sigma"),
    published=GENE + LINE.around(Normal("mu_cell_line")) + RNA,
)
