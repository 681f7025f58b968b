"""Fit the dependency model to a screen by blocked Gibbs sampling."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from partialpool.errors import Problem, ScreenError, shorten
from partialpool.inference.gibbs.arrays import (
    SCALAR_NAMES,
    SLOPE_SD,
    Cells,
    Measured,
    Numbers,
    State,
)
from partialpool.inference.gibbs.layout import as_numbers, lay_out, room, start
from partialpool.inference.gibbs.reduction import (
    Reduction,
    Summary,
    effective_draws,
    extend,
    make_reduction,
    summarise,
)
from partialpool.inference.gibbs.report import PER_DRAW, Kept, Report, describe, record
from partialpool.inference.gibbs.scale import make_scale
from partialpool.inference.gibbs.settings import DependencySettings
from partialpool.inference.gibbs.sweep import sweep
from partialpool.inference.progress import EVERY
from partialpool.models.guide_matrix import GuideMatrix
from partialpool.screen import Floats

if TYPE_CHECKING:
    import xarray as xr

logger = logging.getLogger(__name__)

#: Share of each line's deviations that are drawn twice in a sweep. These are the most uncertain
#: ones, because they include those with two modes.
REFINED = 0.15


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
    diagnostics: Mapping[str, Any]


def fit_dependency(
    matrix: GuideMatrix,
    settings: DependencySettings,
    *,
    nonessential: Sequence[str] = (),
    common_essential: Sequence[str] = (),
    draws_of: Sequence[str] = (),
    contrasts: Mapping[str, Mapping[str, float]] | None = None,
    label: str = "dependency",
) -> DependencyFit:
    """Sample the posterior of ``partialpool.models.dependency``, and summarise it meanwhile.

    Parameters
    ----------
    matrix
        The screen.
    settings
        Settings of the sampler, of the priors and of the results.
    nonessential
        Genes whose median effect is 0 in every draw, all genes by default. Names that are not in
        the screen are ignored.
    common_essential
        Genes whose median effect is -1 in every draw. By default, the unit is the log fold change
        of a line with the mean lambda. Genes of both lists are on the scale of the other folds,
        see ``partialpool.inference.gibbs.scale``.
    draws_of
        Genes whose draws are stored.
    contrasts
        Name -> line -> weight. For each contrast, the weighted sum of a gene's effects is reported.
    label
        Name of the fit in the log.

    Raises
    ------
    ScreenError
        If a list of genes contains no gene of the screen, or if ``draws_of`` or a contrast contains
        a name that is not in the screen.
    """
    started = perf_counter()
    weights = _weights(matrix, contrasts or {})
    scale, scored = make_scale(
        matrix.genes,
        _positions(matrix, nonessential, "nonessential"),
        _positions(matrix, common_essential, "common_essential"),
        settings.folds,
    )
    report = Report(
        scale=scale,
        kept=_positions(matrix, draws_of, "draws_of", every=True),
        contrasts=weights,
        thresholds=np.array(settings.thresholds, dtype=float),
        own_quantile=settings.own_quantile if nonessential else 0.0,
        measured=matrix.n_measured > 0,
    )
    measured, numbers = lay_out(matrix), as_numbers(settings.priors)
    streams = np.random.SeedSequence(settings.seed).spawn(settings.chains)
    chains = [_Chain(measured, numbers, report, settings, stream) for stream in streams]
    logger.info(
        "%s: %d chains of %d + %d sweeps", label, len(chains), settings.tune, settings.draws
    )
    with ThreadPoolExecutor(min(settings.cores, len(chains))) as pool:
        list(pool.map(_Chain.warm_up, chains))
        _learn(chains, settings)
        _sample(pool, chains, label)
        while (n := chains[0].n_draws) * 2 <= settings.max_draws:
            least = _least_ess(chains)
            if not least < settings.target_ess:
                break
            logger.info("%s: bulk ESS %.0f after %s draws, continuing", label, least, f"{n:,}")
            for chain in chains:
                chain.extend()
            _sample(pool, chains, label)
    tail = (1 - settings.probability) / 2
    summary = summarise(
        [chain.reduction for chain in chains], chains[0].n_draws, np.array([tail, 0.5, 1 - tail])
    )
    found = _result(matrix, settings, report, list(contrasts or {}), chains, summary, started)
    found.genes["fold"], found.genes["scored"] = scale.of_gene, scored
    return found


class _Chain:
    """One chain: its random numbers, its state and its sums."""

    reduction: Reduction

    def __init__(
        self,
        measured: Measured,
        numbers: Numbers,
        report: Report,
        settings: DependencySettings,
        stream: np.random.SeedSequence,
    ) -> None:
        self.rng = np.random.default_rng(stream)
        self.state: State = start(measured, settings.priors, self.rng)
        self.room: tuple[Cells, Floats] = room(measured)
        if len(measured.count_variance) > 0:
            measured = measured._replace(lfc=measured.observed.copy())
        self.measured, self.numbers, self.report = measured, numbers, report
        self.settings = settings
        self.refined, self.widths = np.zeros((0, 2), dtype=np.intp), np.zeros(0)
        n_genes, n_lines = self.state.delta.shape
        n = n_genes * (n_lines + 2 + report.contrasts.shape[1])
        self.values, self.first, self.second = np.zeros(n), np.zeros(n), np.zeros(n)
        self.n_draws, self.n_done = settings.draws, 0
        n_draws, n_replicates = settings.draws, len(self.state.level)
        self.kept = Kept(
            level=np.empty((n_draws, n_replicates)),
            lam=np.empty((n_draws, n_lines)),
            sigma=np.empty((n_draws, n_replicates)),
            omega=np.empty((n_draws, n_lines)),
            scalars=np.empty((n_draws, len(SCALAR_NAMES))),
            toxicity=np.empty((n_draws, len(self.state.toxicity))),
            effects=np.empty((n_draws, len(report.kept), n_lines), dtype=np.float32),
            below_own=np.zeros((n_genes, n_lines), dtype=np.uint32),
            lines_below=np.zeros((len(settings.thresholds), n_genes, n_lines + 1), dtype=np.uint32),
        )

    def _sweep(self) -> None:
        sweep(  # type: ignore[no-untyped-call]
            self.rng,
            self.measured,
            self.numbers,
            self.state,
            *self.room,
            self.refined,
            self.widths,
        )

    def warm_up(self) -> None:
        """Move away from the start, and find the range of the histograms in the second half."""
        for number in range(self.settings.tune):
            self._sweep()
            if number >= self.settings.tune // 2:
                describe(self.state, self.report, self.values)
                self.first += self.values
                self.second += self.values**2

    def sample(self, tell: Callable[[int, int], None]) -> None:
        """Make the draws that are missing."""
        n = self.n_draws
        for number in range(self.n_done, n):
            self._sweep()
            record(self.state, self.report, number, n, self.values, self.reduction, self.kept)
            tell(number + 1, n)
        self.n_done = n

    def extend(self) -> None:
        """Make room for twice as many draws."""
        self.n_draws *= 2
        extend(self.reduction)
        stored = {name: getattr(self.kept, name) for name in PER_DRAW}
        longer = {name: np.concatenate([old, np.empty_like(old)]) for name, old in stored.items()}
        self.kept = self.kept._replace(**longer)


def _sample(pool: ThreadPoolExecutor, chains: list[_Chain], label: str) -> None:
    list(pool.map(lambda item: item[1].sample(_log(label, item[0] == 0)), enumerate(chains)))


def _least_ess(chains: list[_Chain]) -> float:
    """Smallest bulk ESS of what is judged: everything that varies, except spreads of genes."""
    ess = effective_draws([chain.reduction for chain in chains], chains[0].n_draws)
    n_genes, n_lines = chains[0].state.delta.shape
    spreads = slice(n_genes * (n_lines + 1), n_genes * (n_lines + 2))
    return float(np.nanmin(np.delete(ess, spreads)))


def _learn(chains: list[_Chain], settings: DependencySettings) -> None:
    """Choose histograms and the deviations to refine, from the warm-up of all chains."""
    n = len(chains) * (settings.tune - settings.tune // 2)
    mean = np.sum([chain.first for chain in chains], axis=0) / n
    square = np.sum([chain.second for chain in chains], axis=0) / n
    sd = np.sqrt(np.maximum(square - mean**2, 0))
    for chain in chains:
        chain.reduction = make_reduction(mean, sd, len(settings.thresholds))
    sd = sd[: chains[0].state.delta.size].reshape(chains[0].state.delta.shape)
    # Contiguous, because another layout would be compiled again.
    refined = np.ascontiguousarray(np.argwhere(sd >= np.quantile(sd, 1 - REFINED, axis=0)))
    for chain in chains:
        chain.refined, chain.widths = refined, 4 * sd[tuple(refined.T)]


def _log(label: str, speaks: bool) -> Callable[[int, int], None]:
    """Log progress at intervals, for the first chain only."""
    last = monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal last
        if speaks and monotonic() - last >= EVERY:
            last = monotonic()
            logger.info("%s: %s of %s draws of a chain", label, f"{done:,}", f"{total:,}")

    return tell


# ---- genes, lines and contrasts to report ----


def _positions(
    matrix: GuideMatrix, names: Sequence[str], what: str, every: bool = False
) -> np.ndarray:
    """Positions of the genes. At least one, or ``every`` one, must be in the screen."""
    position = {gene: number for number, gene in enumerate(matrix.genes)}
    absent = [name for name in names if name not in position]
    if names and (len(absent) == len(names) or (every and absent)):
        raise ScreenError.of(
            Problem(
                expected=f"genes of the screen in {what}",
                got=f"{len(absent)} that are not in the screen: {shorten(absent)}",
                fix=f"use the names of column hugo_symbol, or leave {what} empty",
            )
        )
    return np.array(sorted(position[name] for name in set(names) - set(absent)), dtype=np.intp)


def _weights(matrix: GuideMatrix, contrasts: Mapping[str, Mapping[str, float]]) -> Floats:
    """(C, K) weights of the lines."""
    weights = np.zeros((len(matrix.cell_lines), len(contrasts)))
    position = {line: number for number, line in enumerate(matrix.cell_lines)}
    for k, (name, lines) in enumerate(contrasts.items()):
        absent = [line for line in lines if line not in position]
        if absent:
            raise ScreenError.of(
                Problem(
                    expected=f"lines of the screen in contrast {name}",
                    got=f"{len(absent)} that are not in the screen: {shorten(absent)}",
                    fix="use the names of column depmap_id",
                )
            )
        for line, weight in lines.items():
            weights[position[line], k] = weight
    return weights


# ---- results ----


def _result(
    matrix: GuideMatrix,
    settings: DependencySettings,
    report: Report,
    contrasts: list[str],
    chains: list[_Chain],
    summary: Summary,
    started: float,
) -> DependencyFit:
    n_genes, _, n_lines, _ = matrix.shape
    ends = np.cumsum([n_genes * n_lines, n_genes, n_genes, n_genes * len(contrasts)])
    parts = [slice(*bounds) for bounds in zip([0, *ends[:-1]], ends, strict=True)]
    genes = np.array(matrix.genes)
    names = {"hugo_symbol": np.repeat(genes, n_lines)}
    names["depmap_id"] = np.tile(np.array(matrix.cell_lines), n_genes)
    effects = _table(summary, parts[0], names, settings)
    if report.own_quantile > 0:
        below = np.sum([chain.kept.below_own for chain in chains], axis=0).ravel()
        effects["p_below_nonessential"] = below / (len(chains) * chains[0].n_draws)
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
            "draws": chains[0].n_draws,
            "seconds": round(perf_counter() - started, 3),
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


def _counts(
    matrix: GuideMatrix, settings: DependencySettings, chains: list[_Chain]
) -> pd.DataFrame:
    """Distribution of the number of lines below each threshold; see ``DependencyFit.counts``."""
    drawn = np.sum([chain.kept.lines_below for chain in chains], axis=0)
    threshold, gene, n_lines = np.nonzero(drawn)
    return pd.DataFrame(
        {
            "hugo_symbol": np.array(matrix.genes)[gene],
            "threshold": np.array(settings.thresholds, dtype=float)[threshold],
            "n_lines": n_lines,
            "probability": drawn[threshold, gene, n_lines] / (len(chains) * chains[0].n_draws),
        }
    )


def _measured_last(effects: pd.DataFrame) -> pd.DataFrame:
    """Move diagnostics to the last columns."""
    last = ["n_measured", "r_hat", "ess_bulk"]
    return effects[[*effects.columns.drop(last), *last]]


def _posterior(matrix: GuideMatrix, chains: list[_Chain]) -> xr.Dataset:
    import xarray as xr

    def stacked(name: str) -> Floats:
        return np.stack([getattr(chain.kept, name) for chain in chains])

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


def _draws(matrix: GuideMatrix, report: Report, chains: list[_Chain]) -> xr.DataArray:
    import xarray as xr

    return xr.DataArray(
        np.stack([chain.kept.effects for chain in chains]),
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
