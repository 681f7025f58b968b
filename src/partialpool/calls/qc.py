"""Which replicates and lines can be used? Answered before any model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from partialpool.calls.call_settings import QcSettings
from partialpool.calls.controls import NO_CONTROLS, Controls
from partialpool.calls.quality import correlations, gene_means, measures, no_judgement

PASS, FAIL, NO_CONTROL_GENES = "pass", "fail", "no control genes"


def replicate_qc(
    table: pd.DataFrame, settings: QcSettings, controls: Controls = NO_CONTROLS
) -> pd.DataFrame:
    """Measure the quality of each replicate.

    Parameters
    ----------
    table
        The modelling table, with ``sgrna``, ``replicate_id``, ``lfc``, ``depmap_id`` and
        ``hugo_symbol``.
    settings
        Thresholds.
    controls
        Lists of control genes.

    Returns
    -------
    pandas.DataFrame
        One row per replicate: ``replicate_id``, ``depmap_id``, ``verdict`` (``pass``, ``fail``,
        ``no control genes``), ``reasons`` for which it fails, ``not_judged`` (criteria that can't
        be judged, and why), then, over the means of genes, ``nnmd`` = (median
        essential - median nonessential) / MAD nonessential, ``ssmd``, ``roc_auc``, ``pr_auc``,
        ``fpr`` (share of the nonessential genes among the most depleted ``fpr_point`` of all
        genes), ``correlation`` (the largest Pearson correlation with another replicate of the
        line that does not fail otherwise, over the genes that vary most between lines), over
        guides ``missing`` (share), ``median_lfc``, ``sd_lfc``, and ``n_essential``,
        ``n_nonessential`` (measured control genes). What can't be computed is missing.
    """
    lfc = gene_means(table, "replicate_id")
    owners = table[["replicate_id", "depmap_id"]].astype(str).drop_duplicates()
    line = owners.set_index("replicate_id")["depmap_id"].reindex(lfc.columns)
    found = measures(table, lfc, "replicate_id", settings, controls)
    usable = np.array([not any(_faults(row, settings)) for row in found.to_dict("records")])
    correlation = correlations(lfc, line, usable, settings)
    found.insert(5, "correlation", correlation)
    unjudged = no_judgement(lfc, line, correlation, settings)
    return _judged(found.assign(depmap_id=line), settings, unjudged).reset_index()


def line_qc(
    table: pd.DataFrame, settings: QcSettings, controls: Controls = NO_CONTROLS
) -> pd.DataFrame:
    """Measure the quality of each line, after the mean over its replicates.

    Returns
    -------
    pandas.DataFrame
        One row per line: ``depmap_id`` and the columns of ``replicate_qc``, but ``n_replicates``
        for ``correlation``.
    """
    keys = ["hugo_symbol", "sgrna", "depmap_id"]
    means = table.groupby(keys, observed=True)["lfc"].mean().reset_index()
    found = measures(means, gene_means(means, "depmap_id"), "depmap_id", settings, controls)
    number = table.groupby("depmap_id", observed=True)["replicate_id"].nunique()
    number.index = number.index.astype(str)
    found.insert(5, "n_replicates", number.reindex(found.index))
    return _judged(found, settings).reset_index()


def judge_lines(lines: pd.DataFrame, replicates: pd.DataFrame) -> pd.DataFrame:
    """Let lines fail if each of their replicates fails.

    Parameters
    ----------
    lines, replicates
        Tables of ``line_qc`` and of ``with_fit``.
    """
    fails = replicates["verdict"].eq(FAIL).groupby(replicates["depmap_id"].astype(str)).all()
    newly = lines["depmap_id"].astype(str).map(fails).eq(True) & lines["verdict"].ne(FAIL)
    return lines.assign(
        verdict=lines["verdict"].mask(newly, FAIL),
        reasons=lines["reasons"].mask(newly, "each of its replicates fails"),
    )


def failing(qc: pd.DataFrame) -> list[str]:
    """Names of the replicates that fail, in the order of the table."""
    return qc.loc[qc["verdict"] == FAIL, "replicate_id"].astype(str).tolist()


def leave_out(table: pd.DataFrame, replicates: list[str]) -> pd.DataFrame:
    """Remove the rows of some replicates, and the labels that are left without rows."""
    kept = table[~table["replicate_id"].astype(str).isin(replicates)].reset_index(drop=True)
    unused = {
        name: kept[name].cat.remove_unused_categories()
        for name in kept.columns
        if isinstance(kept[name].dtype, pd.CategoricalDtype)
    }
    return kept.assign(**unused)


def with_fit(
    qc: pd.DataFrame, lines: pd.DataFrame, replicates: pd.DataFrame, settings: QcSettings
) -> pd.DataFrame:
    """Add what the dependency model says, which needs no control genes.

    Parameters
    ----------
    qc
        Table of ``replicate_qc``. Replicates that were not fitted get no numbers.
    lines, replicates
        ``DependencyFit.lines`` and ``DependencyFit.replicates``.
    settings
        Thresholds.

    Returns
    -------
    pandas.DataFrame
        ``qc`` with ``lambda``, ``lambda_lower``, ``lambda_upper`` (strength of depletion in the
        line; the mean line has 1) and ``sigma`` (noise of the replicate). Without control genes,
        a replicate whose ``lambda_upper`` is less than ``min_lambda`` fails.
    """
    strength = lines[["depmap_id", "lambda", "lambda_lower", "lambda_upper"]]
    merged = qc.merge(strength, on="depmap_id", how="left")
    merged = merged.merge(replicates[["replicate_id", "sigma"]], on="replicate_id", how="left")
    weak = merged["lambda_upper"].lt(settings.min_lambda) & merged["verdict"].eq(NO_CONTROL_GENES)
    said = f"depletion is weak: lambda below {settings.min_lambda:g}"
    reasons = merged["reasons"].where(~weak, said)
    return merged.assign(verdict=merged["verdict"].where(~weak, FAIL), reasons=reasons)


def _judged(
    found: pd.DataFrame, settings: QcSettings, unjudged: pd.Series | None = None
) -> pd.DataFrame:
    """Add verdicts. ``unjudged`` says why a correlation can't be judged, or is empty."""
    why = pd.Series("", index=found.index) if unjudged is None else unjudged
    rows = found.assign(correlation=found["correlation"].where(why == "")) if any(why) else found
    reasons = [list(_faults(row, settings)) for row in rows.to_dict("records")]
    verdict = np.where(found["nnmd"].isna(), NO_CONTROL_GENES, PASS)
    verdict = np.where([bool(faults) for faults in reasons], FAIL, verdict)
    open_ = [
        "; ".join(_not_judged(row, text, settings))
        for row, text in zip(found.to_dict("records"), why, strict=True)
    ]
    table = found.assign(
        verdict=pd.Series(verdict, index=found.index, dtype="str"),
        reasons=pd.Series(["; ".join(f) for f in reasons], index=found.index, dtype="str"),
        not_judged=pd.Series(open_, index=found.index, dtype="str"),
    )
    first = [name for name in ("depmap_id",) if name in found]
    order = [*first, "verdict", "reasons", "not_judged"]
    return table[[*order, *table.columns.drop(order)]]


def _not_judged(row: Mapping[Any, Any], correlation: str, settings: QcSettings) -> Iterator[str]:
    """Criteria that can't be judged, and why."""
    if min(row["n_essential"], row["n_nonessential"]) < settings.min_controls:
        found = f"{row['n_essential']} common-essential and {row['n_nonessential']} nonessential"
        yield f"control genes: {found} genes, {settings.min_controls} of each are needed"
    if correlation:
        yield f"correlation: {correlation}"


def _faults(row: Mapping[Any, Any], settings: QcSettings) -> Iterator[str]:
    """Reasons to fail. A missing value is no reason."""
    enough = min(row["n_essential"], row["n_nonessential"]) >= settings.min_controls
    if enough and np.isnan(row["nnmd"]):
        yield "half of the nonessential genes or more have the same lfc"
    if row["nnmd"] >= settings.max_nnmd:
        yield f"NNMD {row['nnmd']:.2f}, not below {settings.max_nnmd:g}"
    if row["fpr"] > settings.max_fpr:
        yield f"false positive rate {row['fpr']:.2f}, above {settings.max_fpr:g}"
    if row.get("correlation", np.nan) < settings.min_correlation:
        shown = f"{row['correlation']:.2f}, below {settings.min_correlation:g}"
        yield f"correlation with other replicates of the line {shown}"
    if settings.max_missing is not None and row["missing"] > settings.max_missing:
        yield f"{row['missing']:.0%} of guides missing, above {settings.max_missing:.0%}"
