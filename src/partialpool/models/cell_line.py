r"""Model ``cell_line``: ``sgrna_in_gene`` plus one effect per cell line.

$$
y_i &\sim \mathcal N(\mu_i, \sigma), \qquad \mu_i = \alpha_{s[i]} + \beta_{c[i]} \\
\alpha_s &\sim \mathcal N(g_{\mathrm{gene}(s)}, \sigma_\alpha), \qquad
    g \sim \mathcal N(\mu_g, \sigma_g) \\
\beta_c &\sim \mathcal N(\mu_\beta, \sigma_\beta)
    &&\text{published} \\
\beta &\sim \mathrm{ZeroSumNormal}(\sigma_\beta)
    &&\text{identified}
$$

As published, $\mu_\beta$ and $\mu_g$ can trade off without changing any prediction,
and the sampler never converged. In the identified form the effects of the lines sum to zero, and
$\mu_g$ contains the level.

Source: Model 3 of the notebook ``hierarchical-model-subsample``.
"""

from partialpool.models.effects import ZERO_SUM, Effect
from partialpool.models.model import Model
from partialpool.models.priors import Exponential, HalfNormal, Normal
from partialpool.models.sgrna_in_gene import GUIDE

LINE = Effect(
    "cell_line_effect",
    over="cell_line",
    mean=ZERO_SUM,
    sd=Exponential("sigma_cell_line"),
    symbol=r"\beta_c",
    meaning="difference between a line and the average line, over all genes",
)

MODEL = Model(
    "cell_line",
    doc=__doc__,
    summary="Like sgrna_in_gene, but each cell line may lie above or below the others.",
    mean=GUIDE + LINE,
    sd=HalfNormal("sigma"),
    published=GUIDE + LINE.around(Normal("mu_cell_line")),
)
