"""How far a model can be trusted, in a word and in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import pandas as pd

from partialpool.inference.adequacy import (
    ALL,
    BANDS,
    BELOW,
    LEVELS,
    MIDDLE,
    OK,
    PEAK,
    SHAPE,
    TAILS,
    TOO_FEW,
    TOO_MANY,
)
from partialpool.inference.fit_settings import PredictionSettings

Word = Literal["reliable", "use with care", "do not use"]

#: How many failing groups a sentence names.
NAMED = 3
PLURALS: Mapping[str, str] = MappingProxyType(
    {"gene": "genes", "cell_line": "cell lines", "replicate": "replicates"}
)


@dataclass(frozen=True)
class Trust:
    """How far a model can be trusted.

    Attributes
    ----------
    word
        ``do not use``: the sampler did not converge, or the share of all measurements inside their
        intervals is off. ``use with care``: the shape of the distribution is wrong, or more groups
        of a level are off than the settings allow. Else ``reliable``.
    reasons
        Sentences that say what is wrong, also of a model that is reliable but for some groups.
    genes, cell_lines, replicates
        The groups that are off, worst first: label -> share of its measurements inside their
        intervals.
    """

    word: Word
    reasons: tuple[str, ...] = ()
    genes: Mapping[str, float] = field(default_factory=dict)
    cell_lines: Mapping[str, float] = field(default_factory=dict)
    replicates: Mapping[str, float] = field(default_factory=dict)


def assess(verdict: Mapping[str, Any], table: pd.DataFrame, settings: PredictionSettings) -> Trust:
    """Say how far a model can be trusted.

    Parameters
    ----------
    verdict
        Whether its sampler converged: ``passed`` and ``reasons``.
    table
        As ``adequacy_table`` makes it; empty if the fit was not evaluated.
    settings
        What the table was made with.
    """
    failing = {level: _failing(table, level) for level in LEVELS}
    reasons = [] if verdict["passed"] else ["The sampler did not converge."]
    if table.empty:
        reasons.append("Its predictions were not compared with the measurements.")
        word: Word = "use with care" if verdict["passed"] else "do not use"
        return Trust(word, tuple(reasons))
    overall = table[table["level"] == ALL].iloc[0]
    if overall["status"] != OK:
        reasons.append(
            f"{_percent(overall['value'])} of all measurements lie inside their "
            f"{_percent(settings.hdi_prob)} intervals."
        )
    shape = _shape_sentence(table)
    reasons += [shape] if shape else []
    reasons += [s for level in LEVELS for s in _group_sentences(table, level, settings.hdi_prob)]
    shares = [len(failing[level]) / (table["level"] == level).sum() for level in LEVELS]
    if not verdict["passed"] or overall["status"] != OK:
        word = "do not use"
    elif shape or max(shares) > settings.max_share_off:
        word = "use with care"
    else:
        word = "reliable"
    return Trust(word, tuple(reasons), *failing.values())


def _failing(table: pd.DataFrame, level: str) -> dict[str, float]:
    """Groups of a level that are off, in the order of the table."""
    if table.empty:
        return {}
    off = table[(table["level"] == level) & (table["status"] != OK)]
    return dict(zip(off["label"].astype(str), off["value"].astype(float), strict=True))


def _group_sentences(table: pd.DataFrame, level: str, prob: float) -> list[str]:
    """Say how many groups of a level have too few, and too many, measurements inside."""
    groups = table[table["level"] == level]
    sentences = []
    for status, few_or_many in ((TOO_FEW, "too few"), (TOO_MANY, "too many")):
        off = groups[groups["status"] == status]
        if len(off):
            named = ", ".join(
                f"{label} ({_percent(value)})"
                for label, value in zip(off["label"][:NAMED], off["value"][:NAMED], strict=True)
            )
            more = f" and {len(off) - NAMED:,} more" if len(off) > NAMED else ""
            sentences.append(
                f"{len(off):,} of {len(groups):,} {PLURALS[level]} "
                f"{'has' if len(off) == 1 else 'have'} {few_or_many} measurements inside their "
                f"{_percent(prob)} intervals: {named}{more}."
            )
    return sentences


def _shape_sentence(table: pd.DataFrame) -> str:
    """Say how the measured distribution differs from the predicted one, or nothing."""
    shape = table[table["level"] == SHAPE].set_index("label")
    value, expected, status = (shape[name].to_dict() for name in ("value", "expected", "status"))
    words = {
        (MIDDLE, TOO_MANY): "are more peaked",
        (MIDDLE, TOO_FEW): "are less peaked",
        (TAILS, TOO_MANY): "have heavier tails",
        (TAILS, TOO_FEW): "have lighter tails",
        (BELOW, TOO_MANY): "are more often low",
        (BELOW, TOO_FEW): "are more often high",
    }
    wrong = [band for band in BANDS if status[band] != OK]
    if not wrong:
        return ""
    lie = ["are in the {} of their predictive distributions", *["in the {}"] * len(wrong)]
    numbers = ", ".join(
        f"{_percent(value[band])} {where.format(band)} (expected {_percent(BANDS[band])})"
        for band, where in zip(wrong, lie, strict=False)
    )
    return (
        f"Measured log fold changes {' and '.join(words[band, status[band]] for band in wrong)} "
        f"than predicted: {numbers}. The peak of their density is {value[PEAK]:.2f} high "
        f"(predicted {expected[PEAK]:.2f})."
    )


def _percent(share: float) -> str:
    """Write a share in whole per cents, a small one with a digit more."""
    return f"{100 * share:.1f}\u00a0%" if 0 < share < 0.1 else f"{100 * share:.0f}\u00a0%"
