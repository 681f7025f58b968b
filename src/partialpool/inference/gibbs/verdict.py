"""The convergence check of the dependency model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from partialpool.inference.advice import MOST_TIMES_DRAWS, RESERVE
from partialpool.inference.convergence import few_or_apart, r_hat_limit, r_hat_rule
from partialpool.inference.fit_settings import ConvergenceSettings

if TYPE_CHECKING:
    from partialpool.inference.gibbs.results import DependencyFit

#: Draws with a smaller sd are equal but for rounding.
CONSTANT = 1e-9
#: Kind of a reported quantity, and its labels in the tables of a fit.
EFFECTS = "effect", ["hugo_symbol", "depmap_id"]
MEANS = "gene_mean", ["hugo_symbol"]
CONTRASTS = "contrast", ["hugo_symbol", "contrast"]


def judge(
    fit: DependencyFit,
    summary: pd.DataFrame,
    about: Mapping[str, Any],
    settings: ConvergenceSettings,
) -> dict[str, Any]:
    """Judge a fit by R-hat and bulk ESS of effects, means of genes, and contrasts.

    Spreads of genes (tau) and parameters of lines and replicates are not judged. If the data hardly
    determine them, such as the two kinds of noise in a line with one replicate, they mix slowly,
    and effects do not depend on them. The record contains their worst R-hat and ESS.

    Parameters
    ----------
    fit
        The fit.
    summary
        Summary of the parameters of lines, replicates and populations, from ``summarize``.
    about
        Attributes of the posterior.
    settings
        Limits that the fit must reach.

    Returns
    -------
    dict[str, Any]
        A record like that of ``partialpool.inference.convergence.verdict``, without the diagnostics
        of NUTS.
    """
    table = diagnostics(fit)
    chains, draws = fit.diagnostics["chains"], fit.diagnostics["draws"]
    limit = r_hat_limit(table, chains, draws, settings)
    worst = {
        "max_r_hat": float(table["r_hat"].max(skipna=False)),
        "min_ess_bulk": float(table["ess_bulk"].min(skipna=False)),
        "max_r_hat_tau": float(fit.genes["tau_r_hat"].max(skipna=False)),
        "min_ess_bulk_tau": float(fit.genes["tau_ess_bulk"].min(skipna=False)),
        "max_r_hat_lines": float(summary["r_hat"].max(skipna=False)),
        "min_ess_bulk_lines": float(summary["ess_bulk"].min(skipna=False)),
    }
    reasons = few_or_apart(table, settings, limit)
    return {
        "model": about["label"],
        "fit_id": about["fit_id"],
        "data_hash": about["data_hash"],
        "passed": not reasons,
        "reasons": reasons,
        "advice": _advise(table, chains, draws, settings) if reasons else [],
        **{name: value if np.isfinite(value) else None for name, value in worst.items()},
        "n_parameters": len(table),
        "chains": chains,
        "draws": draws,
        "seconds": fit.diagnostics["seconds"],
        "thresholds": {"max_r_hat": limit, "min_ess_bulk": settings.min_ess_bulk},
        "r_hat_rule": r_hat_rule(limit, len(table), settings),
    }


def diagnostics(fit: DependencyFit) -> pd.DataFrame:
    """R-hat and bulk ESS of everything that is judged, one row each."""
    found = [
        (_varying(fit.effects), EFFECTS),
        (_varying(fit.genes), MEANS),
        (_varying(fit.contrasts), CONTRASTS),
    ]
    parts = [
        pd.DataFrame(
            {
                "parameter": f"{kind}[" + table[labels].agg(", ".join, axis=1) + "]",
                "ess_bulk": table["ess_bulk"],
                "r_hat": table["r_hat"],
            }
        )
        for table, (kind, labels) in found
        if len(table)
    ]
    # The R-hats are not those of distances from the median, so there is no such ESS.
    return pd.concat(parts, ignore_index=True).assign(ess_folded=np.nan)


def _varying(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out what is fixed: the mean of the only nonessential gene is 0 in every draw."""
    return table[table["sd"] > CONSTANT]


def describe(record: Mapping[str, Any]) -> str:
    """Write a verdict for a log: a line of numbers, then a line per failed check and per advice."""
    found: dict[str, Any] = {k: np.nan if v is None else v for k, v in record.items()}
    line = (
        f"{found['model']}: {'passed' if found['passed'] else 'FAILED'}; "
        f"max R-hat {found['max_r_hat']:.4f} (limit {found['thresholds']['max_r_hat']:g}), "
        f"min ESS bulk {found['min_ess_bulk']:,.0f} of {found['n_parameters']:,} parameters, "
        f"{found['seconds']:.1f} s"
    )
    failed = [f"  Failed: {reason}" for reason in record["reasons"]]
    return "\n".join([line, *failed, *(f"  Advice: {text}" for text in record["advice"])])


def _advise(
    table: pd.DataFrame, chains: int, draws: int, settings: ConvergenceSettings
) -> list[str]:
    if chains == 1:
        return ["R-hat compares chains: fit with chains=4."]
    times = settings.min_ess_bulk / float(table["ess_bulk"].min())
    if (table["r_hat"] > settings.r_hat_cap).any() or not times <= MOST_TIMES_DRAWS:
        return ["The chains have not met: double tune, and check the data of these parameters."]
    needed = int(np.ceil(draws * max(times * RESERVE, 1.5) / 100)) * 100
    return [f"More draws: set draws={needed} (now {draws})."]
