"""Results of the sampler of the dependency model as labelled tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from partialpool.inference.gibbs.arrays import SCALAR_NAMES, SLOPE_SD
from partialpool.inference.gibbs.reduction import Summary
from partialpool.inference.gibbs.report import Kept, Report
from partialpool.inference.gibbs.settings import DependencySettings
from partialpool.models.guide_matrix import GuideMatrix
from partialpool.screen import Floats

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, eq=False)
class DependencyFit:
    """Posterior of the dependency model, summarised in tables.

    Attributes
    ----------
    effects
        One row per gene x line: ``hugo_symbol``, ``depmap_id``, ``mean``, ``sd``, ``lower``,
        ``median``, ``upper``, ``p_below_<threshold>`` for each threshold, ``p_below_nonessential``
        if nonessential genes were given, ``n_measured``, ``r_hat``, ``ess_bulk``. If ``n_measured``
        is 0, the effect is estimated from the prior and the gene's other lines.
    genes
        One row per gene: ``hugo_symbol``, the same columns for its mean over lines, the spread
        ``tau`` with ``tau_lower``, ``tau_upper``, ``tau_r_hat`` and ``tau_ess_bulk``,
        ``n_sgrna``, ``fold`` of a control gene (0 for other genes), and ``scored``, which is False
        if the gene takes part in its own normalisation.
    counts
        In how many measured lines a gene is below a threshold, counted in every draw:
        ``hugo_symbol``, ``threshold``, ``n_lines`` and ``probability``. Numbers of lines that no
        draw has are left out.
    contrasts
        One row per gene x contrast, with the columns of ``effects`` and ``contrast``.
    lines
        One row per line: ``depmap_id``, ``lambda`` and ``omega`` with their intervals.
    replicates
        One row per replicate: ``replicate_id``, ``depmap_id``, ``level`` and ``sigma`` with
        their intervals.
    posterior
        All draws of the parameters of lines, replicates and populations.
    draws
        (chain, draw, gene, cell_line) effects of the genes that were asked for.
    diagnostics
        Flat record with the worst R-hat and ESS of each kind, and seconds.
    """

    effects: pd.DataFrame
    genes: pd.DataFrame
    counts: pd.DataFrame
    contrasts: pd.DataFrame
    lines: pd.DataFrame
    replicates: pd.DataFrame
    posterior: xr.Dataset
    draws: xr.DataArray
    diagnostics: dict[str, Any]


def tabulate(
    matrix: GuideMatrix,
    settings: DependencySettings,
    report: Report,
    contrasts: list[str],
    chains: list[Kept],
    summary: Summary,
) -> DependencyFit:
    """Label what the chains stored and counted, and the summary of all reported quantities."""
    n_draws = len(chains[0].level)
    n_genes, _, n_lines, _ = matrix.shape
    ends = np.cumsum([n_genes * n_lines, n_genes, n_genes, n_genes * len(contrasts)])
    parts = [slice(*bounds) for bounds in zip([0, *ends[:-1]], ends, strict=True)]
    genes = np.array(matrix.genes)
    names = {"hugo_symbol": np.repeat(genes, n_lines)}
    names["depmap_id"] = np.tile(np.array(matrix.cell_lines), n_genes)
    effects = _table(summary, parts[0], names, settings)
    if report.own_quantile > 0:
        below = np.sum([chain.below_own for chain in chains], axis=0).ravel()
        effects["p_below_nonessential"] = below / (len(chains) * n_draws)
    effects["n_measured"] = matrix.n_measured.ravel()
    of_gene = _table(summary, parts[1], {"hugo_symbol": genes}, settings)
    lower, middle, upper = np.exp(summary.quantiles[:, parts[2]])
    of_gene = of_gene.assign(tau=middle, tau_lower=lower, tau_upper=upper)
    of_gene["tau_r_hat"], of_gene["tau_ess_bulk"] = summary.r_hat[parts[2]], summary.ess[parts[2]]
    of_gene["n_sgrna"] = np.bincount(matrix.gene_of_sgrna, minlength=n_genes)
    names = {"hugo_symbol": np.repeat(genes, len(contrasts))}
    names["contrast"] = np.tile(np.array(contrasts, dtype=object), n_genes)
    posterior = _posterior(matrix, chains)
    lines = {"depmap_id": list(matrix.cell_lines)}
    owner = np.array(matrix.cell_lines)[matrix.cell_line_of_replicate]
    replicates = {"replicate_id": list(matrix.replicates), "depmap_id": owner}
    return DependencyFit(
        effects=_measured_last(effects),
        genes=of_gene,
        counts=_counts(matrix, settings, chains),
        contrasts=_table(summary, parts[3], names, settings),
        lines=_intervals(posterior, lines, ["lambda", "omega"], settings),
        replicates=_intervals(posterior, replicates, ["level", "sigma"], settings),
        posterior=posterior,
        draws=_draws(matrix, report, chains),
        diagnostics={
            "max_r_hat": float(summary.r_hat[parts[0]].max()),
            "min_ess_bulk": float(summary.ess[parts[0]].min()),
            "max_r_hat_tau": float(summary.r_hat[parts[2]].max()),
            "min_ess_bulk_tau": float(summary.ess[parts[2]].min()),
            **_worst(posterior),
            "chains": settings.chains,
            "draws": n_draws,
        },
    )


def _table(
    summary: Summary, part: slice, names: Mapping[str, Any], settings: DependencySettings
) -> pd.DataFrame:
    lower, median, upper = summary.quantiles[:, part]
    below = {
        f"p_below_{threshold:g}": summary.below[k, part]
        for k, threshold in enumerate(settings.thresholds)
    }
    return pd.DataFrame(
        {
            **names,
            "mean": summary.mean[part],
            "sd": summary.sd[part],
            "lower": lower,
            "median": median,
            "upper": upper,
            **below,
            "r_hat": summary.r_hat[part],
            "ess_bulk": summary.ess[part],
        }
    )


def _counts(matrix: GuideMatrix, settings: DependencySettings, chains: list[Kept]) -> pd.DataFrame:
    """Distribution of the number of lines below each threshold; see ``DependencyFit.counts``."""
    drawn = np.sum([chain.lines_below for chain in chains], axis=0)
    threshold, gene, n_lines = np.nonzero(drawn)
    return pd.DataFrame(
        {
            "hugo_symbol": np.array(matrix.genes)[gene],
            "threshold": np.array(settings.thresholds, dtype=float)[threshold],
            "n_lines": n_lines,
            "probability": drawn[threshold, gene, n_lines] / (len(chains) * len(chains[0].level)),
        }
    )


def _measured_last(effects: pd.DataFrame) -> pd.DataFrame:
    """Move diagnostics to the last columns."""
    last = ["n_measured", "r_hat", "ess_bulk"]
    return effects[[*effects.columns.drop(last), *last]]


def _posterior(matrix: GuideMatrix, chains: list[Kept]) -> xr.Dataset:
    import xarray as xr

    def stacked(name: str) -> Floats:
        return np.stack([getattr(chain, name) for chain in chains])

    axes = ("chain", "draw")
    scalars = stacked("scalars")
    unused = set() if matrix.copies is not None else {SLOPE_SD}
    used = [n for n in range(len(SCALAR_NAMES)) if n not in unused]
    variables: dict[str, Any] = {
        "level": ((*axes, "replicate"), stacked("level")),
        "sigma": ((*axes, "replicate"), stacked("sigma")),
        "lambda": ((*axes, "cell_line"), stacked("lam")),
        "omega": ((*axes, "cell_line"), stacked("omega")),
        **{SCALAR_NAMES[n]: (axes, scalars[..., n]) for n in used},
    }
    if matrix.copies is not None:
        variables["copy_number"] = ((*axes, "segment"), stacked("toxicity"))
    coords = {name: matrix.coords[name] for name in ("replicate", "cell_line")}
    return xr.Dataset(variables, coords=coords)


def _draws(matrix: GuideMatrix, report: Report, chains: list[Kept]) -> xr.DataArray:
    import xarray as xr

    return xr.DataArray(
        np.stack([chain.effects for chain in chains]),
        dims=("chain", "draw", "gene", "cell_line"),
        coords={
            "gene": [matrix.genes[g] for g in report.kept],
            "cell_line": list(matrix.cell_lines),
        },
        name="effect",
    )


def _intervals(
    posterior: xr.Dataset,
    names: Mapping[str, Any],
    variables: Sequence[str],
    settings: DependencySettings,
) -> pd.DataFrame:
    """Mean and interval of some variables over one dim."""
    tail = (1 - settings.probability) / 2
    columns: dict[str, Any] = dict(names)
    for name in variables:
        values = posterior[name]
        columns[name] = values.mean(("chain", "draw")).to_numpy()
        ends = values.quantile([tail, 1 - tail], ("chain", "draw")).to_numpy()
        columns[f"{name}_lower"], columns[f"{name}_upper"] = ends
    return pd.DataFrame(columns)


def _worst(posterior: xr.Dataset) -> dict[str, float]:
    """Worst R-hat and ESS of the parameters of lines, replicates and populations, by ArviZ."""
    import arviz as az

    r_hat, ess = az.rhat(posterior), az.ess(posterior)
    return {
        "max_r_hat_lines": float(max(r_hat[name].max() for name in r_hat.data_vars)),
        "min_ess_bulk_lines": float(min(ess[name].min() for name in ess.data_vars)),
    }
