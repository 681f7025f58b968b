"""Did the sampler converge? One table of every parameter, and one verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from partialpool.errors import PartialpoolError
from partialpool.inference.settings import ConvergenceSettings
from partialpool.inference.summary import summarize

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
    return summarize(idata["posterior"], hdi_prob)


def e_bfmi(energy: npt.NDArray) -> npt.NDArray:
    """Energy Bayesian fraction of missing information of each chain (chain, draw).

    Betancourt, arXiv:1604.00695: mean squared change of energy over the energy's variance.
    """
    return np.square(np.diff(energy)).mean(axis=1) / energy.var(axis=1, ddof=1)


def verdict(
    idata: az.InferenceData, table: pd.DataFrame, settings: ConvergenceSettings
) -> dict[str, Any]:
    """Judge a fit against the thresholds.

    Returns
    -------
    A flat record that JSON can hold: ``model``, ``fit_id`` and ``data_hash`` (of the fit that is
    judged), ``passed``, ``reasons`` (each names the parameters at fault), the worst of each
    diagnostic (None if one is not a number), seconds (None if not measured), and the thresholds.
    """
    stats = idata["sample_stats"]
    found = {
        "max_r_hat": float(table["r_hat"].max(skipna=False)),
        "min_ess_bulk": float(table["ess_bulk"].min(skipna=False)),
        "min_ess_tail": float(table["ess_tail"].min(skipna=False)),
        "divergences": int(stats["diverging"].sum()),
        "treedepth_hits": int(stats["reached_max_treedepth"].sum()),
        "min_e_bfmi": float(e_bfmi(stats["energy"].transpose("chain", "draw").to_numpy()).min()),
    }
    reasons = _reasons(found, table, settings)
    compiling = idata.attrs.get("compile_seconds")
    return {
        "model": idata.attrs["label"],
        "fit_id": idata.attrs["fit_id"],
        "data_hash": idata.attrs["data_hash"],
        "passed": not reasons,
        "reasons": reasons,
        **{name: None if np.isnan(value) else value for name, value in found.items()},
        "n_parameters": len(table),
        "chains": stats.sizes["chain"],
        "draws": stats.sizes["draw"],
        "seconds": float(idata.attrs["seconds"]),
        "compile_seconds": None if compiling is None else float(compiling),
        "thresholds": settings.model_dump(exclude={"hdi_prob", "on_failure"}),
    }


def _reasons(
    found: dict[str, float], table: pd.DataFrame, settings: ConvergenceSettings
) -> list[str]:
    """Why a fit fails, if it does; a diagnostic that is not a number fails too."""
    r_hat, bulk, tail = (table[name] for name in ("r_hat", "ess_bulk", "ess_tail"))
    checks = [
        (f"R-hat > {settings.max_r_hat}", r_hat > settings.max_r_hat, r_hat),
        ("R-hat is not a number", r_hat.isna(), r_hat),
        (f"bulk ESS < {settings.min_ess_bulk:g}", bulk < settings.min_ess_bulk, -bulk),
        ("bulk ESS is not a number", bulk.isna(), bulk),
        (f"tail ESS < {settings.min_ess_tail:g}", tail < settings.min_ess_tail, -tail),
        ("tail ESS is not a number", tail.isna(), tail),
    ]
    reasons = [
        f"{what} for {bad.sum()} of {len(table)} parameters: "
        + _worst(table["parameter"], bad, badness)
        for what, bad, badness in checks
        if bad.any()
    ]
    if found["divergences"] > settings.max_divergences:
        reasons.append(f"{found['divergences']} divergences > {settings.max_divergences}")
    if found["treedepth_hits"] > settings.max_treedepth_hits:
        reasons.append(
            f"{found['treedepth_hits']} draws at the maximum tree depth "
            f"> {settings.max_treedepth_hits}"
        )
    if np.isnan(found["min_e_bfmi"]):
        reasons.append("E-BFMI is not a number")
    elif found["min_e_bfmi"] < settings.min_e_bfmi:
        reasons.append(f"E-BFMI {found['min_e_bfmi']:.2f} < {settings.min_e_bfmi}")
    return reasons


def _worst(parameters: pd.Series, bad: pd.Series, badness: pd.Series, shown: int = 5) -> str:
    ordered = badness[bad].sort_values(ascending=False, kind="stable").index
    more = len(ordered) - shown
    names = ", ".join(parameters[ordered[:shown]])
    return names + (f" and {more} more" if more > 0 else "")


def describe(record: dict[str, Any]) -> str:
    """One line of verdict, for a log."""
    found = {name: np.nan if value is None else value for name, value in record.items()}
    line = (
        f"{found['model']}: {'passed' if found['passed'] else 'FAILED'}; "
        f"max R-hat {found['max_r_hat']:.4f}, min ESS bulk {found['min_ess_bulk']:,.0f} "
        f"tail {found['min_ess_tail']:,.0f}, {found['divergences']} divergences, "
        f"{found['treedepth_hits']} tree-depth hits, E-BFMI {found['min_e_bfmi']:.2f}, "
        f"{found['seconds']:.1f} s"
    )
    return line if record["passed"] else line + "; " + "; ".join(record["reasons"])


class ConvergenceError(PartialpoolError, RuntimeError):
    """A fit did not pass its verdict and the settings say to stop there."""
