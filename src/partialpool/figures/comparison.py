"""The figures of all fits side by side."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from partialpool.figures.pictures import Drawing
from partialpool.inference.fit_settings import PredictionSettings
from partialpool.tidy import prediction_tables, sampler_tables


def verdicts_by_model(verdicts: Mapping[str, Mapping[str, Any]]) -> Drawing:
    """Draw every fit's diagnostics."""
    from partialpool.plots import comparison

    n_passed = sum(bool(verdict["passed"]) for verdict in verdicts.values())
    table = sampler_tables.verdict_table(verdicts)
    return partial(comparison.verdicts_by_model, table, n_passed)


def rmse_by_model(
    verdicts: Mapping[str, Mapping[str, Any]],
    scores: Mapping[str, Mapping[str, Any]],
    prediction: PredictionSettings,
) -> Drawing:
    """Draw every model's errors."""
    from partialpool.plots import comparison

    judged = {
        name: {**scores[name], "passed": bool(verdict["passed"])}
        for name, verdict in verdicts.items()
    }
    table, others = prediction_tables.comparable(prediction_tables.score_table(judged))
    return partial(comparison.rmse_by_model, table, others, prediction.hdi_prob)


def drawings(
    verdicts: Mapping[str, Mapping[str, Any]],
    scores: Mapping[str, Mapping[str, Any]],
    prediction: PredictionSettings,
) -> Iterator[tuple[str, Drawing]]:
    """Make the tables of figures of all fits; yields their names and what draws them.

    Parameters
    ----------
    verdicts, scores
        By the names of the fits.
    prediction
        Whose intervals are scored.
    """
    yield "verdicts_by_model", verdicts_by_model(verdicts)
    yield "rmse_by_model", rmse_by_model(verdicts, scores, prediction)
