"""Did the sampler converge? One table of every parameter, and one verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from partialpool.errors import PartialpoolError
from partialpool.inference.settings import ConvergenceSettings

if TYPE_CHECKING:
    import arviz as az


def convergence_table(idata: az.InferenceData, hdi_prob: float) -> pd.DataFrame:
    """Summarise every parameter.

    Returns
    -------
    One row per parameter: ``parameter`` (such as ``gene_effect[KRAS]``), ``mean``, ``sd``,
    ``hdi_lower``, ``hdi_upper``, ``mcse_mean``, ``mcse_sd``, ``ess_bulk``, ``ess_tail``,
    ``r_hat`` (rank-normalised, split; Vehtari et al., Bayesian Analysis 2021, 16:667).
    """
    import arviz as az

    summary = cast("pd.DataFrame", az.summary(idata, hdi_prob=hdi_prob, round_to="none"))
    columns = summary.columns.drop(["ess_mean", "ess_sd"], errors="ignore")
    lower, upper = columns[columns.str.startswith("hdi_")]
    names = {lower: "hdi_lower", upper: "hdi_upper"}
    return summary[columns].rename(columns=names).rename_axis("parameter").reset_index()


def verdict(
    idata: az.InferenceData, table: pd.DataFrame, settings: ConvergenceSettings
) -> dict[str, Any]:
    """Judge a fit against the thresholds.

    Returns
    -------
    A flat record that JSON can hold: ``model``, ``passed``, ``reasons`` (each names the
    parameters at fault), the worst of each diagnostic, seconds, and the thresholds.
    """
    import arviz as az

    stats = idata["sample_stats"]
    found = {
        "max_r_hat": float(table["r_hat"].max()),
        "min_ess_bulk": float(table["ess_bulk"].min()),
        "min_ess_tail": float(table["ess_tail"].min()),
        "divergences": int(stats["diverging"].sum()),
        "treedepth_hits": int(stats["reached_max_treedepth"].sum()),
        "min_e_bfmi": float(np.min(az.bfmi(idata))),
    }
    reasons = _reasons(found, table, settings)
    return {
        "model": idata.attrs["label"],
        "passed": not reasons,
        "reasons": reasons,
        **found,
        "n_parameters": len(table),
        "chains": stats.sizes["chain"],
        "draws": stats.sizes["draw"],
        "seconds": float(idata.attrs["seconds"]),
        "compile_seconds": float(idata.attrs["compile_seconds"]),
        "thresholds": settings.model_dump(exclude={"hdi_prob", "on_failure"}),
    }


def _reasons(
    found: dict[str, float], table: pd.DataFrame, settings: ConvergenceSettings
) -> list[str]:
    """Why a fit fails, if it does; a diagnostic that is not a number fails too."""
    r_hat, bulk, tail = (table[name] for name in ("r_hat", "ess_bulk", "ess_tail"))
    checks = {
        "R-hat": (~(r_hat <= settings.max_r_hat), r_hat, f"> {settings.max_r_hat}"),
        "bulk ESS": (~(bulk >= settings.min_ess_bulk), -bulk, f"< {settings.min_ess_bulk:g}"),
        "tail ESS": (~(tail >= settings.min_ess_tail), -tail, f"< {settings.min_ess_tail:g}"),
    }
    reasons = [
        f"{name} {limit} for {bad.sum()} of {len(table)} parameters: "
        + _worst(table["parameter"], bad, badness)
        for name, (bad, badness, limit) in checks.items()
        if bad.any()
    ]
    if found["divergences"] > settings.max_divergences:
        reasons.append(f"{found['divergences']} divergences > {settings.max_divergences}")
    if found["treedepth_hits"] > settings.max_treedepth_hits:
        reasons.append(
            f"{found['treedepth_hits']} draws at the maximum tree depth "
            f"> {settings.max_treedepth_hits}"
        )
    if not found["min_e_bfmi"] >= settings.min_e_bfmi:
        reasons.append(f"E-BFMI {found['min_e_bfmi']:.2f} < {settings.min_e_bfmi}")
    return reasons


def _worst(parameters: pd.Series, bad: pd.Series, badness: pd.Series, shown: int = 5) -> str:
    ordered = badness[bad].fillna(np.inf).sort_values(ascending=False).index
    more = len(ordered) - shown
    names = ", ".join(parameters[ordered[:shown]])
    return names + (f" and {more} more" if more > 0 else "")


def describe(record: dict[str, Any]) -> str:
    """One line of verdict, for a log."""
    line = (
        f"{record['model']}: {'passed' if record['passed'] else 'FAILED'}; "
        f"max R-hat {record['max_r_hat']:.4f}, min ESS bulk {record['min_ess_bulk']:,.0f} "
        f"tail {record['min_ess_tail']:,.0f}, {record['divergences']} divergences, "
        f"{record['treedepth_hits']} tree-depth hits, E-BFMI {record['min_e_bfmi']:.2f}, "
        f"{record['seconds']:.1f} s"
    )
    return line if record["passed"] else line + "; " + "; ".join(record["reasons"])


class ConvergenceError(PartialpoolError, RuntimeError):
    """A fit did not pass its verdict and the settings say to stop there."""
