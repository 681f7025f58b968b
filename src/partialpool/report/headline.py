"""The answer in a few lines: the genes that matter most, by the model to trust most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from partialpool.report.content import MAIN_SCREEN, ModelContent
from partialpool.tidy.handon import direction

GENE_EFFECT = "gene_effect"
SHOWN = 8


@dataclass(frozen=True)
class GeneBar:
    """A gene's estimate and interval, and where they lie on the common axis in per cent."""

    gene: str
    mean: float
    lower: float
    upper: float
    direction: str
    left: float
    width: float
    point: float


@dataclass(frozen=True)
class Headline:
    """What the model to trust most says of genes.

    Attributes
    ----------
    model : name of the fit
    n_genes, n_negative, n_positive : genes in all, and with the whole interval on one side of 0
    lowest, highest : the genes at either end
    zero : where 0 lies on the common axis, per cent
    """

    model: str
    n_genes: int
    n_negative: int
    n_positive: int
    lowest: list[GeneBar]
    highest: list[GeneBar]
    zero: float


def trusted_model(models: Sequence[ModelContent]) -> ModelContent | None:
    """Of the fits that passed: the one to most measurements, of these the best predicting one.

    Fits to other screens than the main one do not count, nor do those without gene effects.
    """
    passed = [
        model
        for model in models
        if model.passed
        and model.screen == MAIN_SCREEN
        and (model.effects["effect"] == GENE_EFFECT).any()
    ]
    return max(passed, key=_predicts, default=None)


def headline(model: ModelContent) -> Headline:
    """Rank the genes of a fit."""
    effects = model.effects
    genes = effects[effects["effect"] == GENE_EFFECT].sort_values("mean", kind="stable")
    side = direction(genes["hdi_lower"], genes["hdi_upper"])
    genes = genes.assign(direction=side)
    shown = min(SHOWN, len(genes) // 2)
    lowest, highest = genes.head(shown), genes.tail(shown)
    ends = pd.concat([lowest, highest])
    low, high = min(ends["hdi_lower"].min(), 0.0), max(ends["hdi_upper"].max(), 0.0)
    return Headline(
        model=model.name,
        n_genes=len(genes),
        n_negative=int((side == "negative").sum()),
        n_positive=int((side == "positive").sum()),
        lowest=_bars(lowest, low, high),
        highest=_bars(highest[::-1], low, high),
        zero=100 * -low / (high - low or 1),
    )


def _predicts(model: ModelContent) -> tuple[float, float]:
    scores = model.scores or {}
    return scores.get("n_measurements", 0), scores.get("elpd_loo", float("-inf"))


def _bars(genes: pd.DataFrame, low: float, high: float) -> list[GeneBar]:
    scale = 100 / (high - low or 1)
    columns = ["hugo_symbol", "mean", "hdi_lower", "hdi_upper", "direction"]
    return [
        GeneBar(
            gene=str(gene),
            mean=mean,
            lower=lower,
            upper=upper,
            direction=side,
            left=(lower - low) * scale,
            width=(upper - lower) * scale,
            point=(mean - low) * scale,
        )
        for gene, mean, lower, upper, side in zip(
            *(genes[name].to_list() for name in columns), strict=True
        )
    ]
