"""Screens drawn from the dependency model, without any of the model's code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from partialpool.models.guide_matrix import GuideMatrix

#: Informative, so that no small screen is degenerate; means are not 0, so that an error in a mean
#: or a scale pushes to one side.
PRIORS = {
    "level": {"sigma": 0.2},
    "mu": {"mu": -0.4, "sigma": 0.3},
    "log_sigma_gene": {"mu": -1.3, "sigma": 0.3},
    "depth": {"sigma": 0.8},
    "log_sigma_affected": {"mu": -1.0, "sigma": 0.3},
    "affected_df": 4.0,
    "mean_log_sigma_sgrna": {"mu": -1.3, "sigma": 0.4},
    "sd_log_sigma_sgrna": {"sigma": 0.4},
    "excess_log_sigma_sgrna": {"mu": 0.4, "sigma": 0.3},
    "mean_log_tau": {"mu": -1.2, "sigma": 0.4},
    "sd_log_tau": {"sigma": 0.5},
    "delta_df": 5.0,
    "sd_log_lambda": {"sigma": 0.3},
    "mean_log_sigma": {"mu": -1.4, "sigma": 0.3},
    "sd_log_sigma": {"sigma": 0.3},
    "mean_log_omega": {"mu": -1.8, "sigma": 0.3},
    "sd_log_omega": {"sigma": 0.3},
    "noise_df": 5.0,
    "sd_log_gene_noise": {"sigma": 0.2},
    "copy_number": {"sigma": 0.3},
    "sd_copy_number": {"sigma": 0.2},
}
SETTINGS = {
    "seed": 1,
    "chains": 2,
    "tune": 200,
    "draws": 200,
    "max_draws": 200,
    "target_ess": 0,
    "cores": 2,
    "probability": 0.89,
    "thresholds": [-0.5],
    "own_quantile": 0.05,
    "folds": 2,
    "priors": PRIORS,
}


@dataclass(frozen=True)
class Truth:
    """What a screen was drawn from."""

    effect: np.ndarray
    scalars: dict[str, float]
    lam: np.ndarray
    sigma: np.ndarray
    omega: np.ndarray
    log_tau: np.ndarray
    unit: float


def draw_screen(
    rng: np.random.Generator,
    guides: list[int],
    replicates: list[int],
    missing: float = 0.0,
    copy_number: bool = False,
    count_noise: bool = False,
    priors: dict = PRIORS,
) -> tuple[GuideMatrix, Truth]:
    """Draw everything from its prior, then the data; ``guides`` of each gene, ``replicates``."""

    def normal(name: str) -> float:
        return rng.normal(priors[name].get("mu", 0.0), priors[name]["sigma"])

    def scale(name: str) -> float:
        return abs(rng.normal(0, priors[name]["sigma"]))

    n_genes, n_lines = len(guides), len(replicates)
    gene, line = np.repeat(np.arange(n_genes), guides), np.repeat(np.arange(n_lines), replicates)
    v = {name: scale(name) for name in priors if name.startswith(("sd_", "depth"))}
    v |= {name: normal(name) for name in priors if name.startswith(("mean_", "mu", "excess_"))}
    v |= {name: np.exp(normal(f"log_{name}")) for name in ("sigma_gene", "sigma_affected")}
    v["share_affected"] = rng.random()

    def population(name: str, n: int) -> np.ndarray:
        return rng.normal(v[f"mean_log_{name}"], v[f"sd_log_{name}"], n)

    log_lam = rng.normal(0, v["sd_log_lambda"], n_lines)
    lam = np.exp(log_lam - log_lam.mean())
    affected = rng.random(n_genes) < v["share_affected"]
    df = priors["affected_df"]
    having = rng.normal(size=n_genes) if df is None else rng.standard_t(df, n_genes)
    without = rng.normal(v["mu"], v["sigma_gene"], n_genes)
    mean = np.where(affected, v["mu"] - v["depth"] + v["sigma_affected"] * having, without)
    log_spread = population("sigma_sgrna", n_genes) + v["excess_log_sigma_sgrna"] * affected
    theta = rng.normal(mean[gene], np.exp(log_spread)[gene])
    log_tau = population("tau", n_genes)
    shape = (n_genes, n_lines)
    df = priors["delta_df"]
    delta = np.exp(log_tau)[:, None] * (
        rng.normal(size=shape) if df is None else rng.standard_t(df, shape)
    )
    copies = rng.normal(0, 0.8, shape) if copy_number else None
    other = np.zeros(shape)
    if copies is not None:
        b, own = rng.normal(0, priors["copy_number"]["sigma"], 3), rng.normal(size=n_genes)
        pieces = (np.minimum(copies, 0), np.clip(copies, 0, 1), np.maximum(copies - 1, 0))
        other = sum(x * piece for x, piece in zip(b, pieces, strict=True))
        centred = copies - copies.mean(axis=1, keepdims=True)
        other = other + v["sd_copy_number"] * own[:, None] * centred
    sigma, omega = np.exp(population("sigma", len(line))), np.exp(population("omega", n_lines))
    noise = np.exp(rng.normal(0, v["sd_log_gene_noise"], n_genes))[gene][:, None]
    df = priors["noise_df"]
    size = (len(gene), n_lines)
    weight = np.ones(size) if df is None else rng.gamma(df / 2, 2 / df, size)
    spread = noise / np.sqrt(weight)
    cell = lam * (theta[:, None] + (delta + other)[gene]) + omega * spread * rng.normal(size=size)
    level = rng.normal(0, priors["level"]["sigma"], len(line))
    lfc = level + cell[:, line] + sigma * spread[:, line] * rng.normal(size=(len(gene), len(line)))
    count_sd = rng.uniform(0, 0.6, lfc.shape) if count_noise else None
    if count_sd is not None:
        lfc += count_sd * rng.normal(size=lfc.shape)
    lfc[rng.random(lfc.shape) < missing] = np.nan
    matrix = GuideMatrix(
        lfc=lfc,
        genes=tuple(f"G{g}" for g in range(n_genes)),
        sgrnas=tuple(f"S{s}" for s in range(len(gene))),
        cell_lines=tuple(f"L{c}" for c in range(n_lines)),
        replicates=tuple(f"L{line[r]}_{r}" for r in range(len(line))),
        gene_of_sgrna=gene,
        cell_line_of_replicate=line,
        copies=copies,
        count_sd=count_sd,
    )
    unit = lam.mean()
    effect = (mean - np.median(mean))[:, None] + delta
    truth = Truth(unit * effect, v, lam / unit, sigma, omega, log_tau + np.log(unit), unit)
    return matrix, truth
