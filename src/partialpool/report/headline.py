"""The answer in a few lines: the genes that matter most, by the model to trust most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from partialpool.models import EFFECTS
from partialpool.models.effects import Effect
from partialpool.report.content import MAIN_SCREEN, ModelContent
from partialpool.screen import COVARIATES
from partialpool.tidy import handon

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
class BarGroup:
    """Some genes on one axis.

    Attributes
    ----------
    title
        What they have in common.
    bars
        A bar a gene.
    zero
        Where 0 lies on their axis, per cent.
    note
        Of how many genes these are.
    """

    title: str
    bars: list[GeneBar]
    zero: float
    note: str = ""


@dataclass(frozen=True)
class Headline:
    """What the model to trust most says of genes.

    Attributes
    ----------
    model
        Name of the fit.
    conditions
        Where the gene effects hold, such as ``where the gene is not mutated``.
    n_genes, n_negative, n_positive
        Genes in all, and with the whole interval on one side of 0.
    n_strong
        Of the negative ones, those at least `strong` below 0.
    strong
        From where an effect is called strong, log2 fold change.
    ends
        The genes at either end.
    varying
        The genes whose effect clearly depends on the line, by what it depends on.
    """

    model: str
    conditions: list[str]
    n_genes: int
    n_negative: int
    n_positive: int
    n_strong: int
    strong: float
    ends: list[BarGroup]
    varying: list[BarGroup]


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


def headline(model: ModelContent, strong: float) -> Headline:
    """Rank the genes of a fit.

    Parameters
    ----------
    model
        What the fit gave.
    strong
        From where an effect is called strong, log2 fold change.
    """
    effects = handon.gene_effects([model.found])
    genes = effects[effects["effect"] == GENE_EFFECT]
    negative = genes["direction"] == "negative"
    kinds = [
        kind
        for kind, effect in EFFECTS.items()
        if effect.along and (effects["effect"] == kind).any()
    ]
    return Headline(
        model=model.name,
        conditions=[COVARIATES[str(EFFECTS[kind].along)].at_zero for kind in kinds],
        n_genes=len(genes),
        n_negative=int(negative.sum()),
        n_positive=int((genes["direction"] == "positive").sum()),
        n_strong=int((negative & (genes["mean"] <= -strong)).sum()),
        strong=strong,
        ends=_ends(genes),
        varying=[_varying(kind, effects[effects["effect"] == kind]) for kind in kinds],
    )


def _predicts(model: ModelContent) -> tuple[float, float]:
    scores = model.scores or {}
    return scores.get("n_measurements", 0), scores.get("elpd_loo", float("-inf"))


def _ends(genes: pd.DataFrame) -> list[BarGroup]:
    """The lowest and the highest genes, on one axis; the highest first of the latter."""
    shown = min(SHOWN, len(genes) // 2)
    lowest, highest = genes.head(shown), genes.tail(shown)[::-1]
    both = pd.concat([lowest, highest])
    return [
        _group("Losing them hurts most", lowest, both),
        _group("Losing them hurts least", highest, both),
    ]


def _varying(kind: str, effects: pd.DataFrame) -> BarGroup:
    """The genes with a clear effect that were measured under it, strongest first."""
    seen = effects[effects["n_measurements"] > 0]
    clear = seen[seen["direction"] != "unclear"]
    strongest = clear.reindex(clear["mean"].abs().sort_values(ascending=False).index)[:SHOWN]
    note = f"{len(clear):,} of {len(seen):,} genes with such measurements have a clear effect."
    return _group(_title(EFFECTS[kind]), strongest, strongest, note)


def _title(effect: Effect) -> str:
    per = ", per sd" if "per" in effect.unit else ""
    return f"{effect.meaning[:1].upper()}{effect.meaning[1:]}{per}"


def _group(title: str, genes: pd.DataFrame, axis_of: pd.DataFrame, note: str = "") -> BarGroup:
    low, high = min([0.0, *axis_of["hdi_lower"]]), max([0.0, *axis_of["hdi_upper"]])
    scale = 100 / (high - low or 1)
    columns = ["hugo_symbol", "mean", "hdi_lower", "hdi_upper", "direction"]
    bars = [
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
    return BarGroup(title, bars, zero=-low * scale, note=note)
