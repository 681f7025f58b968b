"""The numbers of QC, for each replicate or line."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partialpool.calls.call_settings import QcSettings
from partialpool.calls.controls import Controls
from partialpool.calls.separation import false_positive_rate, nnmd, pr_auc, roc_auc, ssmd

_SEPARATION = {"nnmd": nnmd, "ssmd": ssmd, "roc_auc": roc_auc, "pr_auc": pr_auc}


def gene_means(table: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Gene x unit means over guides."""
    means = table.pivot_table("lfc", "hugo_symbol", unit, "mean", observed=True)
    means.index, means.columns = means.index.astype(str), means.columns.astype(str)
    return means


def measures(
    table: pd.DataFrame, lfc: pd.DataFrame, unit: str, settings: QcSettings, controls: Controls
) -> pd.DataFrame:
    """Numbers of each unit, that is replicate or line, without the correlation.

    Parameters
    ----------
    table
        Measurements of guides.
    lfc
        Gene x unit means of them.
    unit
        Column of the unit.
    settings
        Thresholds.
    controls
        Lists of control genes.
    """
    rows = {}
    kind = controls.of(lfc.index.to_series())
    for name, column in lfc.items():
        values = column.dropna()
        essential = values[kind[values.index] == "common essential"].to_numpy()
        nonessential = values[kind[values.index] == "nonessential"].to_numpy()
        enough = min(len(essential), len(nonessential)) >= settings.min_controls
        rows[name] = {
            **{n: f(essential, nonessential) if enough else np.nan for n, f in _SEPARATION.items()},
            "fpr": false_positive_rate(nonessential, values.to_numpy(), settings.fpr_point)
            if len(nonessential) >= settings.min_controls
            else np.nan,
            "n_essential": len(essential),
            "n_nonessential": len(nonessential),
        }
    found = pd.DataFrame.from_dict(rows, orient="index").rename_axis(unit)
    by_unit = table.dropna(subset="lfc").groupby(unit, observed=True)["lfc"]
    guides = pd.DataFrame(
        {
            "missing": 1 - by_unit.size() / table["sgrna"].nunique(),
            "median_lfc": by_unit.median(),
            "sd_lfc": by_unit.std(),
        }
    )
    guides.index = guides.index.astype(str)
    counts = ["n_essential", "n_nonessential"]
    return found.drop(columns=counts).join(guides).join(found[counts].astype(int))


def correlations(
    lfc: pd.DataFrame, line: pd.Series, usable: np.ndarray, settings: QcSettings
) -> pd.Series:
    """Largest correlation of each replicate with another usable one of its line, or NaN."""
    between = lfc.loc[:, usable].T.groupby(line[usable]).mean().var()
    n = max(settings.min_variable, round(settings.variable_share * len(lfc)))
    variable = lfc.loc[between.nlargest(n).index]
    largest = pd.Series(np.nan, index=lfc.columns)
    for names in line.groupby(line).groups.values():
        matrix = variable[names].corr(min_periods=3).to_numpy(copy=True)
        np.fill_diagonal(matrix, np.nan)
        matrix[~usable[lfc.columns.isin(names)]] = np.nan
        largest[names] = pd.DataFrame(matrix).max().to_numpy()
    return largest


def no_judgement(
    lfc: pd.DataFrame, line: pd.Series, correlation: pd.Series, settings: QcSettings
) -> pd.Series:
    """Say of each replicate why its correlation can't be judged; an empty text if it can.

    Few genes, or genes that differ by noise only, correlate little in replicates of any quality. So
    there must be ``min_variable`` genes, and replicates of most lines must reach
    ``min_correlation``.
    """
    alone = np.where(correlation.isna(), "no other replicate of the line to compare with", "")
    reasons = pd.Series(alone, index=correlation.index, dtype="str")
    typical = correlation.groupby(line).median().median()
    if len(lfc) < settings.min_variable:
        reasons[:] = f"{len(lfc)} genes, {settings.min_variable} are needed"
    elif typical < settings.min_correlation:
        seen = correlation.notna()
        reasons[seen] = f"replicates of the same line typically correlate by {typical:.2f} only"
    return reasons
