"""On which genes do two groups of lines depend differently?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from partialpool.calls.call_settings import CallSettings
from partialpool.calls.contrasts import MIN_GROUP
from partialpool.calls.controls import NOT_MEASURED, probability_below
from partialpool.calls.fdr import bayesian_fdr, false_sign_rate

STRONGER, WEAKER, NO_CALL = "stronger in group", "weaker in group", "not called"
#: Largest probability that the sign of a called difference is wrong, whatever the others are.
#: Twice the usual FDR: many certain differences must not make room for a doubtful one. A larger
#: FDR is the limit itself, so that it can still be reached.
MAX_LFSR = 0.1


def differential(
    contrasts: pd.DataFrame,
    effects: pd.DataFrame,
    weights: Mapping[str, Mapping[str, float]],
    settings: CallSettings,
) -> pd.DataFrame:
    """Call differences between groups of lines.

    Parameters
    ----------
    contrasts, effects
        ``DependencyFit.contrasts``, with P(difference < 0), and ``DependencyFit.effects``.
    weights
        The contrasts that the fit was given. Positive weights are the group.
    settings
        The FDR.

    Returns
    -------
    pandas.DataFrame
        One row per contrast x gene, the most certain and largest differences first: ``contrast``,
        ``hugo_symbol``, ``difference`` (mean effect in the group minus that in the other lines; a
        negative one is a stronger dependency of the group), ``sd``, ``lower``, ``upper``, ``lfsr``
        (probability that the sign is wrong), ``fdr`` (expected share of wrong signs if this one
        and all that are more certain are called; per contrast), ``call`` (``stronger in group``,
        ``weaker in group``, ``not called``, ``not measured``), ``group_mean``, ``against_mean``,
        ``n_group``, ``n_against`` (lines with measurements of the gene), ``r_hat``, ``ess_bulk``.

    Notes
    -----
    The difference comes from joint draws of all lines. A gene that was measured in fewer than two
    lines of a group is not scored. Control genes are scored, because the scale is the same for all
    lines and a shift cancels in a difference. What is called also has an ``lfsr`` of at most
    ``MAX_LFSR``, or the FDR if that is larger; otherwise, many certain differences would make room
    for doubtful ones.
    """
    parts = [
        _one(contrasts[contrasts["contrast"] == name], effects, weights[name], settings)
        for name in contrasts["contrast"].drop_duplicates()
    ]
    return pd.concat(parts, ignore_index=True) if parts else contrasts.copy()


def _one(
    contrast: pd.DataFrame,
    effects: pd.DataFrame,
    weights: Mapping[str, float],
    settings: CallSettings,
) -> pd.DataFrame:
    contrast = contrast.reset_index(drop=True)
    weight = effects["depmap_id"].astype(str).map(weights)
    group = _of_lines(effects[weight > 0], contrast["hugo_symbol"])
    against = _of_lines(effects[weight < 0], contrast["hugo_symbol"])
    measured = (group["n"] >= MIN_GROUP) & (against["n"] >= MIN_GROUP)
    p_negative = probability_below(contrast, 0.0).to_numpy(dtype=float)
    lfsr = false_sign_rate(p_negative)
    fdr = bayesian_fdr(np.where(measured, lfsr, np.nan))
    side = np.where(p_negative > 0.5, STRONGER, WEAKER)
    call = np.where((fdr <= settings.fdr) & (lfsr <= max(MAX_LFSR, settings.fdr)), side, NO_CALL)
    table = pd.DataFrame(
        {
            "contrast": contrast["contrast"],
            "hugo_symbol": contrast["hugo_symbol"],
            "difference": contrast["mean"],
            **{name: contrast[name] for name in ("sd", "lower", "upper")},
            "lfsr": lfsr,
            "fdr": fdr,
            "call": pd.Series(np.where(measured, call, NOT_MEASURED), dtype="str"),
            "group_mean": group["mean"],
            "against_mean": against["mean"],
            "n_group": group["n"],
            "n_against": against["n"],
            **{name: contrast[name] for name in ("r_hat", "ess_bulk")},
        }
    )
    size = -table["difference"].abs()
    return table.assign(size=size).sort_values(["fdr", "size"]).drop(columns="size")


def _of_lines(effects: pd.DataFrame, genes: pd.Series) -> pd.DataFrame:
    """Mean effect over lines, and number of lines with measurements, of each gene."""
    by_gene = effects.assign(n=effects["n_measured"] > 0).groupby("hugo_symbol", observed=True)
    found = by_gene.agg(mean=("mean", "mean"), n=("n", "sum")).reindex(genes)
    return found.reset_index(drop=True)
