"""Which fit the report takes its answer from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def best_fit(
    verdicts: Mapping[str, Mapping[str, Any]], scores: Mapping[str, Mapping[str, Any]]
) -> str | None:
    """Name the best of the fits that passed their convergence check; None if all failed.

    That is the fit to most measurements and, of several, the one that predicts best.

    Parameters
    ----------
    verdicts, scores
        Those of fits to one screen, by the names of the fits.
    """
    passed = [name for name, verdict in verdicts.items() if verdict["passed"]]

    def predicts(name: str) -> tuple[float, float]:
        return scores[name]["n_measurements"], scores[name]["elpd_loo"]

    return max(passed, key=predicts, default=None)
