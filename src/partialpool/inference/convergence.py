"""The convergence check: a table of all parameters, and a verdict."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from partialpool.errors import PartialpoolError
from partialpool.inference.advice import advise
from partialpool.inference.fit_settings import ConvergenceSettings
from partialpool.inference.r_hat import chance_limit

logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    import arviz as az


def convergence_table(idata: az.InferenceData, hdi_prob: float) -> pd.DataFrame:
    """Summarise every parameter.

    Returns
    -------
    pd.DataFrame
        One row per parameter: ``parameter`` (such as ``gene_effect[KRAS]``), ``mean``, ``sd``,
        ``hdi_lower``, ``hdi_upper``, ``mcse_mean``, ``mcse_sd``, ``ess_bulk``, ``ess_tail``,
        ``ess_folded``, ``r_hat``. See ``partialpool.inference.summary.summarize``.
    """
    from partialpool.inference.summary import summarize  # here, because numba imports slowly

    return summarize(idata["posterior"], hdi_prob)


def e_bfmi(energy: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Energy Bayesian fraction of missing information of each chain (chain, draw).

    It is the mean squared change of energy, divided by the variance of energy (Betancourt,
    arXiv:1604.00695).
    """
    return np.square(np.diff(energy)).mean(axis=1) / energy.var(axis=1, ddof=1)


def verdict(
    idata: az.InferenceData, table: pd.DataFrame, settings: ConvergenceSettings
) -> dict[str, Any]:
    """Judge a fit.

    Returns
    -------
    dict[str, Any]
        A flat record that can be saved as JSON: ``model``, ``fit_id`` and ``data_hash`` (of the
        fit), ``passed``, ``reasons`` (each names the parameters that fail), ``advice`` (what to do
        about them), the worst value of each diagnostic (None if it is not a finite number),
        seconds (None if not measured), the ``thresholds`` that applied, and ``r_hat_rule``, which
        explains the limit of R-hat.
    """
    stats = idata["sample_stats"]
    chains, draws = stats.sizes["chain"], stats.sizes["draw"]
    found = {
        "max_r_hat": float(table["r_hat"].max(skipna=False)),
        "min_ess_bulk": float(table["ess_bulk"].min(skipna=False)),
        "min_ess_tail": float(table["ess_tail"].min(skipna=False)),
        "divergences": int(stats["diverging"].sum()),
        "treedepth_hits": int(stats["reached_max_treedepth"].sum()),
        "min_e_bfmi": float(e_bfmi(stats["energy"].transpose("chain", "draw").to_numpy()).min()),
    }
    limit = r_hat_limit(table, chains, draws, settings)
    reasons = _reasons(found, table, settings, limit)
    compiling = idata.attrs.get("compile_seconds")
    names = ("min_ess_bulk", "min_ess_tail", "max_divergences", "max_treedepth_hits", "min_e_bfmi")
    return {
        "model": idata.attrs["label"],
        "fit_id": idata.attrs["fit_id"],
        "data_hash": idata.attrs["data_hash"],
        "passed": not reasons,
        "reasons": reasons,
        "advice": advise(found, table, idata["posterior"], settings, limit),
        **{name: value if np.isfinite(value) else None for name, value in found.items()},
        "n_parameters": len(table),
        "chains": chains,
        "draws": draws,
        "seconds": float(idata.attrs["seconds"]),
        "compile_seconds": None if compiling is None else float(compiling),
        "thresholds": {"max_r_hat": limit, **settings.model_dump(include=set(names))},
        "r_hat_rule": r_hat_rule(limit, len(table), settings),
    }


def r_hat_limit(
    table: pd.DataFrame, chains: int, draws: int, settings: ConvergenceSettings
) -> float:
    """Compute the largest R-hat that passes in this fit; see ``partialpool.inference.r_hat``.

    A bulk ESS below the required one counts as the required one. So a parameter with a low ESS does
    not raise the limit for the others.
    """
    bulk = np.fmax(table["ess_bulk"], settings.min_ess_bulk)
    ess = np.concatenate([bulk, table["ess_folded"].dropna()])
    return chance_limit(
        ess,
        chains,
        draws,
        rate=settings.r_hat_false_alarms,
        least=settings.max_r_hat,
        cap=settings.r_hat_cap,
    )


def r_hat_rule(limit: float, parameters: int, settings: ConvergenceSettings) -> str:
    """Explain the limit of R-hat in this fit."""
    if limit == settings.max_r_hat:
        return f"max_r_hat {limit:g}; chance alone does not explain larger values in this fit"
    if limit == settings.r_hat_cap:
        return f"r_hat_cap {limit:g}; larger values never pass, even if chance explains them"
    return (
        f"max_r_hat is {settings.max_r_hat:g}, and chance explains up to {limit:g}: if this fit "
        f"has converged, the largest R-hat of its {parameters:,} parameters is above this with a "
        f"probability of at most {settings.r_hat_false_alarms:g}"
    )


def few_or_apart(table: pd.DataFrame, settings: ConvergenceSettings, limit: float) -> list[str]:
    """List the R-hats and effective sample sizes that fail, with their parameters.

    Parameters
    ----------
    table
        Table with one row per parameter, with ``r_hat``, ``ess_bulk`` and, if known, ``ess_tail``.
    settings
        Limits of the effective sample sizes.
    limit
        The largest R-hat that passes.
    """
    r_hat, bulk = table["r_hat"], table["ess_bulk"]
    checks = [
        (f"R-hat > {limit:g}", r_hat > limit, r_hat),
        ("R-hat is not a number", r_hat.isna(), r_hat),
        (f"bulk ESS < {settings.min_ess_bulk:g}", bulk < settings.min_ess_bulk, -bulk),
        ("bulk ESS is not a number", bulk.isna(), bulk),
    ]
    if "ess_tail" in table:
        tail = table["ess_tail"]
        checks += [
            (f"tail ESS < {settings.min_ess_tail:g}", tail < settings.min_ess_tail, -tail),
            ("tail ESS is not a number", tail.isna(), tail),
        ]
    return [
        f"{what} for {bad.sum()} of {len(table)} parameters: "
        + _worst(table["parameter"], bad, badness)
        for what, bad, badness in checks
        if bad.any()
    ]


def _reasons(
    found: dict[str, float], table: pd.DataFrame, settings: ConvergenceSettings, limit: float
) -> list[str]:
    """Reasons why a fit fails. A diagnostic that is not a number is a reason too."""
    reasons = few_or_apart(table, settings, limit)
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
    """Write a verdict for a log: a line of numbers, then a line per failed check and per advice."""
    found: dict[str, Any] = {k: np.nan if v is None else v for k, v in record.items()}
    line = (
        f"{found['model']}: {'passed' if found['passed'] else 'FAILED'}; "
        f"max R-hat {found['max_r_hat']:.4f} (limit {found['thresholds']['max_r_hat']:g}), "
        f"min ESS bulk {found['min_ess_bulk']:,.0f} "
        f"tail {found['min_ess_tail']:,.0f}, {found['divergences']} divergences, "
        f"{found['treedepth_hits']} tree-depth hits, E-BFMI {found['min_e_bfmi']:.2f}, "
        f"{found['seconds']:.1f} s"
    )
    if record["passed"]:
        return line
    failed = [f"  Failed: {reason}" for reason in record["reasons"]]
    return "\n".join([line, *failed, *(f"  Advice: {text}" for text in record["advice"])])


class ConvergenceError(PartialpoolError, RuntimeError):
    """A fit failed its convergence check, and the settings say that the run must stop."""


def enforce(text: str, on_failure: str, *, passed: bool) -> None:
    """Log a verdict, line by line; stop if the fit failed and ``on_failure`` is ``raise``.

    Parameters
    ----------
    text
        The verdict, as `describe` writes it.
    on_failure
        As in ``ConvergenceSettings``.
    passed
        Whether the fit passed.

    Raises
    ------
    ConvergenceError
        If it must stop. Its message is the verdict.
    """
    if not passed and on_failure == "raise":
        raise ConvergenceError(text)
    for line in text.splitlines():
        logger.log(logging.INFO if passed else logging.WARNING, line)
