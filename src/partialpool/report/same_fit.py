"""Whether results that lie in files are of one fit, and of the present screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from partialpool.errors import PartialpoolError, Problem, shorten
from partialpool.models import MODELS
from partialpool.screen import Screen


class OutOfDateError(PartialpoolError, ValueError):
    """Results of different fits, or of a screen that has changed, can't be shown together."""

    @classmethod
    def of(cls, reasons: Mapping[str, str]) -> OutOfDateError:
        """Name the fits, each with its reason."""
        came = [f"{name} ({reason})" for name, reason in reasons.items()]
        problem = Problem(
            needed="of every fit, results of one run on the present screen.",
            came=f"out of date: {shorten(came, shown=len(came))}.",
            mend="`kedro run`, with the parameters that you want the report of; it fits again only "
            "what changed.",
        )
        return cls(str(problem))


def why_out_of_date(
    posterior: Mapping[str, Any] | None, table: pd.DataFrame, results: Mapping[str, Any]
) -> str | None:
    """Say in what way the results of a fit don't belong together; None if they do.

    Parameters
    ----------
    posterior : attributes of the posterior, None if there is none
    table : the modelling table, as it is now
    results : ``verdict``, ``scores``, ``convergence``, ``effects`` and, of a simulated screen,
        ``recovery``; the tables have no name of their fit, but the estimates of ``convergence``
    """
    if posterior is None:
        return "its posterior is gone"
    verdict, scores = results["verdict"], results["scores"]
    data = Screen.from_table(table, MODELS[posterior["model"]].covariates).content_hash
    if posterior["data_hash"] != data:
        return "fitted to another screen"
    if verdict.get("fit_id") != posterior["fit_id"]:
        return "its verdict is of an earlier fit"
    if (scores.get("fit_id"), scores.get("data_hash")) != (posterior["fit_id"], data):
        return "its scores are of an earlier fit or screen"
    estimates = results["convergence"].set_index("parameter")["mean"]
    for name in ("effects", "recovery"):
        if results.get(name) is not None and not _agree(results[name], estimates):
            return f"its {name} are of an earlier fit"
    return None


def _agree(table: pd.DataFrame, estimates: pd.Series) -> bool:
    """Whether a table has the very estimates; those of two fits differ within a few digits."""
    if not table["parameter"].isin(estimates.index).all():
        return False
    expected = estimates.reindex(table["parameter"])
    # Reading a number from a file may change its last digit.
    return bool(np.allclose(table["mean"], expected, rtol=1e-12, atol=0, equal_nan=True))
