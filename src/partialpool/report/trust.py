"""Whether a reader can rely on a model, in a word and a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from partialpool.report import verdicts
from partialpool.report.content import ModelContent
from partialpool.report.tables import Column, text
from partialpool.report.verdicts import Light

#: How far a reader can rely on a model.
WORDS = {"passed": "yes", "narrow": "mostly", "failed": "with care"}
FAILED, UNCHECKED = "no", "not checked"
SHARE = Column("", "share")


@dataclass(frozen=True)
class Trust:
    """Whether a reader can rely on a model.

    Attributes
    ----------
    word
        The answer.
    light
        Its colour.
    reasons
        Why, as parts of a sentence.
    """

    word: str
    light: Light
    reasons: list[str]


def trust(model: ModelContent, prob: float) -> Trust:
    """Say whether a reader can rely on a fit.

    Parameters
    ----------
    prob
        Probability of the intervals of its predictions.
    """
    if not model.passed:
        return Trust(FAILED, "failed", ["its sampler did not converge"])
    narrowly = verdicts.light(model.verdict) == "narrow"
    converged = "its sampler converged" + (
        " (at least one check only narrowly)" if narrowly else ""
    )
    found = verdicts.description(model.gene_scores, prob)
    if found is None:
        return Trust(UNCHECKED, "narrow", [converged, "its predictions were not checked"])
    worst = ", ".join(f"{gene} ({text(n, SHARE)} inside)" for gene, n in found.worst.items())
    covers = f"its predictions cover {found.n_described:,} of {found.n_genes:,} genes"
    reasons = [converged, f"{covers}; worst: {worst}" if worst else covers]
    return Trust(WORDS[found.light], found.light, reasons)
