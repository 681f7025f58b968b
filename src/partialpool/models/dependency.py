r"""Model ``dependency``: the effect of each gene in each line.

For guide s of gene g and replicate r of line c,

$$
y_{sr} &= a_r + \lambda_c (\theta_s + \delta_{gc} + b(n_{gc}) + \kappa_g \tilde n_{gc})
    + \eta_{sc} + \epsilon_{sr} \\
a_r &\sim \mathcal N(0, 0.2), \qquad
    \log \lambda \sim \mathrm{ZeroSumNormal}(\sigma_\lambda) \\
\theta_s &\sim \mathcal N(\mu_g, \sigma_g), \qquad
    z_g \sim \mathrm{Bernoulli}(\pi), \qquad \pi \sim \mathrm{Uniform}(0, 1) \\
\mu_g &\sim \begin{cases}
    \mathcal N(\mu, \sigma_\mu) & z_g = 0 \\
    \mathrm{StudentT}(\nu_\mu, \mu - d, \sigma_d) & z_g = 1
    \end{cases} \\
\log \sigma_g &\sim \mathcal N(m_\theta + e z_g, s_\theta) \\
\delta_{gc} &\sim \mathrm{StudentT}(\nu_\delta, 0, \tau_g), \qquad
    \log \tau_g \sim \mathcal N(m_\tau, s_\tau) \\
\eta_{sc} &\sim \mathcal N(0, v_g \omega_c / \sqrt{u_{sc}}), \qquad
    \epsilon_{sr} \sim \mathcal N(0, v_g \sigma_r / \sqrt{u_{sc}}) \\
u_{sc} &\sim \mathrm{Gamma}(\nu / 2, \nu / 2), \qquad
    \log v_g \sim \mathcal N(0, s_v) \\
\log \omega_c &\sim \mathcal N(m_\omega, s_\omega), \qquad
    \log \sigma_r \sim \mathcal N(m_\sigma, s_\sigma)
$$

The level of a replicate is a. Lambda is the strength of depletion in a line. Theta are the guides
around their gene. There are two kinds of genes: without an effect (z = 0) and with one (z = 1).
Those with an effect are lower by d > 0 on average, and their guides differ more, by a factor of
exp(e). Delta is the deviation of a gene in a line; each gene has its own spread tau. Eta is shared
by the replicates of a line, so these are not independent evidence. v is the noise of a gene
relative to other genes. Given u, the noise is Gaussian; without u, it is Student-t with nu degrees
of freedom, jointly for all replicates of a line. With copy numbers n, b is a piecewise linear
function of their logarithm that all genes share, and kappa is the gene's own slope along the
deviation of this logarithm from the gene's mean. If the sd that counting reads adds is known, its
square is added to the variance of epsilon.

The reported quantity is the effect of a gene in a line at standard screen quality and two copies,

$$
E_{gc} = \mu_g + \delta_{gc},
$$

shifted in every draw so that 0 is the median gene, or the median of a list of nonessential genes.
Its unit is the log fold change of a line with the mean lambda of the screen. With a list of
common-essential genes, the unit is the distance of their median from 0, so this median is -1.
Two quantities that the data do not determine cancel in it: the level (a + lambda k and theta - k
fit equally well for every k), and the scale of lambda.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from partialpool.models.guide_matrix import GuideMatrix
from partialpool.models.priors import HalfNormalNumbers, NormalNumbers
from partialpool.parameters import Parameters, Scale
from partialpool.screen import Floats, Ints

#: Log2 of half the copy number at the points where the slope of the shared effect changes.
KNOTS = (0.0, 1.0)


class ZeroNormalNumbers(Parameters):
    """``sigma`` of a normal distribution around 0."""

    sigma: Scale


class DependencyPriors(Parameters):
    """Numbers of the priors.

    Attributes
    ----------
    affected_df, delta_df, noise_df
        Degrees of freedom of Student-t means of genes with an effect, deviations and noise. None
        means Gaussian.
    """

    level: ZeroNormalNumbers
    mu: NormalNumbers
    log_sigma_gene: NormalNumbers
    depth: HalfNormalNumbers
    log_sigma_affected: NormalNumbers
    affected_df: Scale | None
    mean_log_sigma_sgrna: NormalNumbers
    sd_log_sigma_sgrna: HalfNormalNumbers
    excess_log_sigma_sgrna: NormalNumbers
    mean_log_tau: NormalNumbers
    sd_log_tau: HalfNormalNumbers
    delta_df: Scale | None
    sd_log_lambda: HalfNormalNumbers
    mean_log_sigma: NormalNumbers
    sd_log_sigma: HalfNormalNumbers
    mean_log_omega: NormalNumbers
    sd_log_omega: HalfNormalNumbers
    noise_df: Scale | None
    sd_log_gene_noise: HalfNormalNumbers
    copy_number: ZeroNormalNumbers
    sd_copy_number: HalfNormalNumbers


def copy_segments(copies: Floats) -> Floats:
    """Split log2 copies into the parts below, between and above the knots, which add up to it.

    Parameters
    ----------
    copies
        (G, C) log2 of half the copy number.

    Returns
    -------
    Floats
        (G, C, 3) parts. Each part is 0 at two copies.
    """
    low, high = KNOTS
    return np.stack(
        [np.minimum(copies, low), np.clip(copies, low, high), np.maximum(copies - high, 0)], axis=-1
    )


def build(matrix: GuideMatrix, priors: DependencyPriors) -> Any:
    """Build the PyMC model: the reference for the sampler, on small screens.

    Returns
    -------
    Any
        A ``pymc.Model`` with ``effect``, the (gene, cell_line) E before it is shifted and scaled.
    """
    import pymc as pm

    p, gene, line = priors, matrix.gene_of_sgrna, matrix.cell_line_of_replicate
    with pm.Model(coords=matrix.coords) as model:
        level = pm.Normal("level", 0, p.level.sigma, dims="replicate")
        sd_log_lambda = pm.HalfNormal("sd_log_lambda", p.sd_log_lambda.sigma)
        log_lambda = pm.ZeroSumNormal("log_lambda", sd_log_lambda, dims="cell_line")
        lam = pm.Deterministic("lambda", pm.math.exp(log_lambda), dims="cell_line")

        mu_gene, theta = _genes_and_guides(gene, p)
        log_tau = _log_scale("tau", p, "gene")
        delta_z = _deviations(p.delta_df)
        delta = pm.math.exp(log_tau)[:, None] * delta_z
        pm.Deterministic("effect", mu_gene[:, None] + delta, dims=("gene", "cell_line"))
        if matrix.copies is not None:
            delta = delta + _copy_number(matrix.copies, p)

        sigma = pm.math.exp(_log_scale("sigma", p, "replicate"))
        omega = pm.math.exp(_log_scale("omega", p, "cell_line"))
        sd_noise = pm.HalfNormal("sd_log_gene_noise", p.sd_log_gene_noise.sigma)
        noise = pm.math.exp(sd_noise * pm.Normal("log_gene_noise_z", 0, 1, dims="gene"))
        scale = noise[gene][:, None]
        if p.noise_df is not None:
            half = p.noise_df / 2
            weight = pm.Gamma("noise_weight", half, half, dims=("sgrna", "cell_line"))
            scale = scale / pm.math.sqrt(weight)
        eta = omega * scale * pm.Normal("eta_z", 0, 1, dims=("sgrna", "cell_line"))
        fitted = level + (lam * (theta[:, None] + delta[gene]) + eta)[:, line]
        sd = sigma * (scale + pm.math.zeros_like(eta))[:, line]
        if matrix.count_sd is not None:
            sd = pm.math.sqrt(sd**2 + matrix.count_sd**2)
        seen = np.nonzero(~np.isnan(matrix.lfc))
        pm.Normal("lfc", fitted[seen], sd[seen], observed=matrix.lfc[seen])
    return model


def _genes_and_guides(gene: Ints, priors: DependencyPriors) -> Any:
    """Means of genes and effects of guides. The kinds of genes are summed over."""
    import pymc as pm

    p = priors
    mu = pm.Normal("mu", p.mu.mu, p.mu.sigma)
    sigma = pm.LogNormal("sigma_gene", p.log_sigma_gene.mu, p.log_sigma_gene.sigma)
    depth = pm.HalfNormal("depth", p.depth.sigma)
    affected = p.log_sigma_affected
    sigma_affected = pm.LogNormal("sigma_affected", affected.mu, affected.sigma)
    share = pm.Uniform("share_affected", 0, 1)
    guides = p.mean_log_sigma_sgrna
    mean_log = pm.Normal("mean_log_sigma_sgrna", guides.mu, guides.sigma)
    more = p.excess_log_sigma_sgrna
    excess = pm.Normal("excess_log_sigma_sgrna", more.mu, more.sigma)
    sd = pm.HalfNormal("sd_log_sigma_sgrna", p.sd_log_sigma_sgrna.sigma)
    log_sd = mean_log + sd * pm.Normal("log_sigma_sgrna_z", 0, 1, dims="gene")

    gene_mean, theta = pm.Flat("gene_mean", dims="gene"), pm.Flat("theta", dims="sgrna")
    without = pm.Normal.dist(mu, sigma)
    if p.affected_df is None:
        having = pm.Normal.dist(mu - depth, sigma_affected)
    else:
        having = pm.StudentT.dist(nu=p.affected_df, mu=mu - depth, sigma=sigma_affected)
    # Row g sums over the guides of gene g.
    of_gene = (np.arange(gene.max() + 1)[:, None] == gene).astype(float)

    def log_density(kind: Any, log_sd: Any) -> Any:
        guides = pm.Normal.dist(gene_mean[gene], pm.math.exp(log_sd)[gene])
        return pm.logp(kind, gene_mean) + pm.math.dot(of_gene, pm.logp(guides, theta))

    kinds = pm.math.logaddexp(
        pm.math.log(1 - share) + log_density(without, log_sd),
        pm.math.log(share) + log_density(having, log_sd + excess),
    )
    pm.Potential("kinds", kinds.sum())
    return gene_mean, theta


def _log_scale(name: str, priors: DependencyPriors, dim: str) -> Any:
    """Logarithms of positive numbers over a dim, N(mean, sd) with unknown mean and sd."""
    import pymc as pm

    mean_numbers = getattr(priors, f"mean_log_{name}")
    mean = pm.Normal(f"mean_log_{name}", mean_numbers.mu, mean_numbers.sigma)
    sd = pm.HalfNormal(f"sd_log_{name}", getattr(priors, f"sd_log_{name}").sigma)
    z = pm.Normal(f"log_{name}_z", 0, 1, dims=dim)
    return pm.Deterministic(f"log_{name}", mean + sd * z, dims=dim)


def _deviations(df: float | None) -> Any:
    import pymc as pm

    dims = ("gene", "cell_line")
    if df is None:
        return pm.Normal("deviation_z", 0, 1, dims=dims)
    return pm.StudentT("deviation_z", nu=df, mu=0, sigma=1, dims=dims)


def _copy_number(copies: Floats, priors: DependencyPriors) -> Any:
    """Effect of copy number on each gene in each line."""
    import pymc as pm

    shared = pm.Normal("copy_number", 0, priors.copy_number.sigma, shape=len(KNOTS) + 1)
    sd = pm.HalfNormal("sigma_copy_number", priors.sd_copy_number.sigma)
    own = sd * pm.Normal("copy_number_slope_z", 0, 1, dims="gene")
    deviation = copies - copies.mean(axis=1, keepdims=True)
    parts = copy_segments(copies)
    common = sum(shared[j] * parts[:, :, j] for j in range(parts.shape[2]))
    return common + own[:, None] * deviation
