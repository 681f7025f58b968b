"""Which fit the report takes its answer from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def best_fit(
    verdicts: Mapping[str, Mapping[str, Any]], scores: Mapping[str, Mapping[str, Any]]
) -> str | None:
    """Name the best of the fits that passed their convergence check; None if all failed.

    Of these it is the one of most genes, then the one of most measurements, then the one that
    predicts best.

    Parameters
    ----------
    verdicts, scores
        Those of fits to one screen, by the names of the fits.
    """
    passed = [name for name, verdict in verdicts.items() if verdict["passed"]]
    return max(passed, key=lambda name: precedence(scores[name]), default=None)


def precedence(scores: Mapping[str, Any]) -> tuple[float, float, float]:
    """Order fits: by the genes and the measurements that they saw, then by their prediction."""
    return scores["n_genes"], scores["n_measurements"], scores["elpd_loo"]
