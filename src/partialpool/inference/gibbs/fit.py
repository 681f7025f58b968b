"""Fit the dependency model to a screen by blocked Gibbs sampling."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, perf_counter

import numpy as np

from partialpool.errors import Problem, ScreenError, shorten
from partialpool.inference.gibbs.arrays import (
    SCALAR_NAMES,
    Cells,
    Measured,
    Numbers,
    State,
)
from partialpool.inference.gibbs.layout import as_numbers, lay_out, room, start
from partialpool.inference.gibbs.reduction import (
    Reduction,
    effective_draws,
    extend,
    make_reduction,
    summarise,
)
from partialpool.inference.gibbs.report import PER_DRAW, Kept, Report, describe, record
from partialpool.inference.gibbs.results import DependencyFit, tabulate
from partialpool.inference.gibbs.scale import make_scale
from partialpool.inference.gibbs.settings import DependencySettings
from partialpool.inference.gibbs.sweep import sweep
from partialpool.inference.progress import EVERY
from partialpool.models.guide_matrix import GuideMatrix
from partialpool.screen import Floats

logger = logging.getLogger(__name__)

#: Share of each line's deviations that are drawn twice in a sweep. These are the most uncertain
#: ones, because they include those with two modes.
REFINED = 0.15


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
    kept = [chain.kept for chain in chains]
    found = tabulate(matrix, settings, report, list(contrasts or {}), kept, summary)
    found.genes["fold"], found.genes["scored"] = scale.of_gene, scored
    found.diagnostics["seconds"] = round(perf_counter() - started, 3)
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
