"""Nodes that fit the dependency model, and call dependencies from it.

The sampler is imported only when a node runs, so that the command line starts fast.
"""

import logging
from collections.abc import Mapping
from typing import Any

import pandas as pd

from partialpool.calls import depmap, qc
from partialpool.calls.call_settings import CallSettings, QcSettings, TrustSettings
from partialpool.calls.controls import Controls
from partialpool.calls.differential import differential
from partialpool.calls.genes import call_genes
from partialpool.calls.hits import call_effects, hits
from partialpool.calls.inputs import DependencyInputs
from partialpool.calls.recovery import dependency_recovery
from partialpool.errors import shorten
from partialpool.inference.convergence import enforce
from partialpool.inference.fit_settings import ConvergenceSettings
from partialpool.inference.gibbs.settings import DependencySettings
from partialpool.models.guide_matrix import GuideMatrix

logger = logging.getLogger(__name__)

DROP_HINT = " (dependency.inputs.drop_failing=true leaves them out)"


def choose_replicates(
    screen: pd.DataFrame, inputs: DependencyInputs, settings: QcSettings, **lists: pd.DataFrame
) -> list[str]:
    """List the replicates that are left out of the fit, because they fail QC."""
    failing = qc.failing(qc.replicate_qc(screen, settings, _controls(lists)))
    what, hint = ("left out of", "") if inputs.drop_failing else ("used in", DROP_HINT)
    if failing:
        logger.warning(
            "%d of %d replicates fail QC and are %s model dependency%s: %s",
            *(len(failing), screen["replicate_id"].nunique(), what, hint, shorten(failing)),
        )
    return failing if inputs.drop_failing else []


def fit(
    screen: pd.DataFrame,
    left_out: list[str],
    settings: DependencySettings,
    inputs: DependencyInputs,
    thresholds: ConvergenceSettings,
    **lists: pd.DataFrame,
) -> tuple[Any, ...]:
    """Fit the model: posterior, convergence, verdict, and its tables."""
    from partialpool.inference.gibbs.fitting import fit_table

    kept, control = qc.leave_out(screen, left_out), _controls(lists)
    groups = inputs.groups(kept)
    for name, reason in groups.left_out.items():
        standard = name in inputs.standard_contrasts
        level = logging.INFO if standard else logging.WARNING
        logger.log(level, "contrast %s is left out: %s", name, reason)
    fitted = fit_table(
        kept,
        settings,
        thresholds,
        copy_number=inputs.copy_number,
        count_noise=inputs.count_noise,
        nonessential=control.nonessential,
        common_essential=control.common_essential,
        contrasts=groups.weights,
    )
    found = fitted.fit
    tables = found.effects, found.genes, found.counts, found.contrasts
    judged = fitted.posterior, fitted.convergence, fitted.verdict
    return *judged, *tables, found.lines, found.replicates


def enforce_verdict(record: dict[str, Any], settings: ConvergenceSettings) -> None:
    """Log the verdict; stop the run if it failed and the settings say so."""
    from partialpool.inference.gibbs.verdict import describe

    enforce(describe(record), settings.on_failure, passed=record["passed"])


def call(
    screen: pd.DataFrame,
    left_out: list[str],
    effects: pd.DataFrame,
    genes: pd.DataFrame,
    counts: pd.DataFrame,
    contrasts: pd.DataFrame,
    inputs: DependencyInputs,
    settings: CallSettings,
    **lists: pd.DataFrame,
) -> tuple[Any, ...]:
    """Call dependencies and differences between groups of lines.

    Gives all effects with their calls, the hits, the genes with their class, a table for each
    contrast, and the tables in DepMap's layout.
    """
    control = _controls(lists)
    called = call_effects(effects, genes, settings, control)
    found = hits(called)
    logger.info(
        "%d dependencies called at an FDR of %g: %d genes, %d lines",
        *(len(found), settings.fdr),
        *(found["hugo_symbol"].nunique(), found["depmap_id"].nunique()),
    )
    classes = call_genes(effects, genes, counts, settings, control)
    weights = inputs.groups(qc.leave_out(screen, left_out)).weights
    table = differential(contrasts, effects, weights, settings)
    by_contrast = {str(name): rows for name, rows in table.groupby("contrast", sort=False)}
    return called, found, classes, by_contrast, *_as_in_depmap(screen, called)


def check(
    screen: pd.DataFrame,
    left_out: list[str],
    effects: pd.DataFrame,
    lines: pd.DataFrame,
    replicates: pd.DataFrame,
    quality: QcSettings,
    trust: TrustSettings,
    **lists: pd.DataFrame,
) -> tuple[pd.DataFrame, ...]:
    """Judge each replicate, each line and each gene."""
    from partialpool.calls.trust import gene_trust

    control, kept = _controls(lists), qc.leave_out(screen, left_out)
    measured = qc.replicate_qc(screen, quality, control)
    judged = qc.with_fit(measured, lines, replicates, quality)
    matrix = GuideMatrix.from_table(kept)
    genes = gene_trust(matrix, effects, lines, replicates, trust, kept)
    return judged, qc.judge_lines(qc.line_qc(screen, quality, control), judged), genes


def recover(
    called: pd.DataFrame,
    genes: pd.DataFrame,
    truth: pd.DataFrame,
    inputs: DependencyInputs,
    settings: CallSettings,
    **lists: pd.DataFrame,
) -> pd.DataFrame:
    """Compare effects and calls with what was planted."""
    found = dependency_recovery(
        called, genes, truth, settings, _controls(lists), copy_number=inputs.copy_number
    )
    total = found.iloc[0]
    logger.info(
        "dependency: %.1f %% of %d intervals contain the planted effect; "
        "%d of %d planted dependencies found, %d false calls",
        *(100 * total["coverage"], total["n"]),
        *(total["n_found"], total["n_dependent"], total["n_false"]),
    )
    return found


def _as_in_depmap(screen: pd.DataFrame, called: pd.DataFrame) -> tuple[pd.DataFrame, ...]:
    """Spread effects, probabilities of dependency, sds and ends of intervals over lines x genes."""
    headers = depmap.gene_headers(screen)
    columns = ("mean", "p_dependent", "sd", "lower", "upper")
    return tuple(depmap.wide(called, column, headers) for column in columns)


def _controls(lists: Mapping[str, pd.DataFrame]) -> Controls:
    return Controls(**{name: table["hugo_symbol"].tolist() for name, table in lists.items()})
