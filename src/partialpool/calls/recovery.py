"""Are the planted effects of genes in lines found?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from partialpool.calls.call_settings import CallSettings
from partialpool.calls.controls import NO_CONTROLS, Controls
from partialpool.calls.hits import DEPENDENT, NOT_CALLED

KEYS = ["hugo_symbol", "depmap_id"]
#: Lines are divided into this many parts by their strength.
PARTS = ("weak", "medium", "strong")


def dependency_recovery(
    called: pd.DataFrame,
    genes: pd.DataFrame,
    truth: pd.DataFrame,
    settings: CallSettings,
    controls: Controls = NO_CONTROLS,
    *,
    copy_number: bool,
) -> pd.DataFrame:
    """Compare effects and calls with what was planted.

    Parameters
    ----------
    called
        Table of ``call_effects``.
    genes
        ``DependencyFit.genes``.
    truth
        Planted values, with ``dependency``, ``copies_effect`` and ``line_strength``.
    settings
        What a dependency is.
    controls
        The lists that the fit was given.
    copy_number
        Whether the fit removed the effect of copy number.

    Returns
    -------
    pandas.DataFrame
        One row per ``group`` of genes x lines (all of them; true dependencies and the others; lines
        with weak, medium and strong depletion; each gene with a true dependency): ``n``,
        ``coverage`` (share of intervals that contain the planted effect), ``coverage_se`` (its
        standard error; errors of a gene are correlated over lines, so genes are counted), ``bias``
        (mean estimate minus planted effect), ``rmse``, ``correlation``, ``n_dependent`` (true
        dependencies), ``n_called``, ``n_found`` (called and true), ``n_missed``, ``n_false``
        (called, not true), ``realised_fdr`` (share of the calls that are false) and
        ``expected_fdr``. What was not measured or not scored is left out.
    """
    rows = called[called["call"].isin([DEPENDENT, NOT_CALLED])]
    strength = truth[truth["parameter"] == "line_strength"].set_index("depmap_id")["value"]
    found = rows.merge(planted_effects(truth, genes, controls, copy_number=copy_number), on=KEYS)
    found = found.assign(
        true=found["planted"] < -settings.delta,
        hit=found["call"] == DEPENDENT,
        inside=found["planted"].between(found["lower"], found["upper"]),
        strength=pd.qcut(found["depmap_id"].astype(str).map(strength), len(PARTS), list(PARTS)),
    )
    selective = found.loc[found["true"], "hugo_symbol"].astype(str).unique()
    groups = {
        "all": found,
        "true dependencies": found[found["true"]],
        "other effects": found[~found["true"]],
        **{f"{part} lines": found[found["strength"] == part] for part in PARTS},
        **{name: found[found["hugo_symbol"] == name] for name in sorted(selective)},
    }
    return pd.DataFrame([{"group": name, **_compared(part)} for name, part in groups.items()])


def planted_effects(
    truth: pd.DataFrame,
    genes: pd.DataFrame,
    controls: Controls = NO_CONTROLS,
    *,
    copy_number: bool,
) -> pd.DataFrame:
    """Planted effects on the scale of the fit, column ``planted``, one row per gene x line.

    The scale is that of the planted means of genes over lines: 0 is the median of the nonessential
    genes, or of all genes, and -1 that of the common-essential ones. A control gene is on the scale
    of the other folds.
    """
    wide = _wide(truth, "dependency")
    if not copy_number:
        wide = wide + _wide(truth, "copies_effect")
    means = wide.mean(axis=1)
    fold = genes.set_index("hugo_symbol")["fold"].reindex(means.index)
    scaled = {k: _scaled(wide, means, fold != k, controls) for k in fold.unique()}
    on_scale = pd.concat([scaled[k][fold == k] for k in scaled])
    rows: pd.DataFrame = on_scale.reset_index()
    return rows.melt("hugo_symbol", value_name="planted")


def _wide(truth: pd.DataFrame, parameter: str) -> pd.DataFrame:
    rows = truth[truth["parameter"] == parameter]
    return rows.pivot_table("value", "hugo_symbol", "depmap_id", "first")


def _scaled(
    wide: pd.DataFrame, means: pd.Series, others: pd.Series, controls: Controls
) -> pd.DataFrame:
    """Effects on the scale that the control genes of ``others`` set."""
    zero = float(means.median())
    if controls.nonessential:
        zero = _median(means, controls.nonessential, others)
    if not controls.common_essential:
        return wide - zero
    return (wide - zero) / (zero - _median(means, controls.common_essential, others))


def _median(means: pd.Series, names: Sequence[str], others: pd.Series) -> float:
    listed = means.index.isin([*names])
    rest = listed & others.to_numpy()
    return float(means[rest if rest.any() else listed].median())


def _compared(rows: pd.DataFrame) -> dict[str, float]:
    error = rows["mean"] - rows["planted"]
    n_called, found = int(rows["hit"].sum()), int((rows["hit"] & rows["true"]).sum())
    by_gene = rows.groupby("hugo_symbol", observed=True)["inside"].agg(["sum", "size"])
    off = by_gene["sum"] - rows["inside"].mean() * by_gene["size"]
    varies = len(rows) > 1 and rows["planted"].nunique() > 1
    return {
        "n": len(rows),
        "coverage": rows["inside"].mean(),
        "coverage_se": np.sqrt((off**2).sum()) / len(rows) if len(by_gene) > 1 else np.nan,
        "bias": error.mean(),
        "rmse": float(np.sqrt((error**2).mean())),
        "correlation": rows["mean"].corr(rows["planted"]) if varies else np.nan,
        "n_dependent": int(rows["true"].sum()),
        "n_called": n_called,
        "n_found": found,
        "n_missed": int(rows["true"].sum()) - found,
        "n_false": n_called - found,
        "realised_fdr": (n_called - found) / n_called if n_called else np.nan,
        "expected_fdr": (1 - rows.loc[rows["hit"], "p_dependent"]).mean(),
    }
