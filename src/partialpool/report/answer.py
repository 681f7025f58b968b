"""The answer: which genes matter, and in which cell lines they matter more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from partialpool.inference.answer import best_fit
from partialpool.models import EFFECTS
from partialpool.models.effects import Effect
from partialpool.report.bars import Axis, BarGroup, bar_group
from partialpool.report.content import MAIN_SCREEN, ModelContent
from partialpool.screen import COVARIATES
from partialpool.tidy.export_tables import NEGATIVE, POSITIVE, UNINFORMED, gene_effects

GENE_EFFECT = "gene_effect"
SHOWN = 10


@dataclass(frozen=True)
class Answer:
    """Which genes matter, according to the best fit.

    Attributes
    ----------
    model
        Name of the fit.
    conditions
        The conditions that the gene effects apply to, such as ``where the gene is not mutated``.
    n_screened
        The number of genes of the screen.
    n_genes, n_negative, n_positive
        The number of genes that the model saw, and of those whose whole interval is below or
        above 0.
    n_strong
        The number of negative genes whose effect is at least `strong` below 0.
    strong
        The size from which an effect is called strong, in log2 fold change.
    without
        Fits that cover more genes but did not pass.
    groups
        The genes with the strongest clear effects, dependencies first.
    """

    model: str
    conditions: list[str]
    n_screened: int
    n_genes: int
    n_negative: int
    n_positive: int
    n_strong: int
    strong: float
    without: list[str]
    groups: list[BarGroup]

    @property
    def is_partial(self) -> bool:
        """Whether the screen has genes that the model did not see."""
        return self.n_genes < self.n_screened


@dataclass(frozen=True)
class Varying:
    """Genes whose effect depends on something that differs between lines.

    Attributes
    ----------
    effect
        The name of the effect.
    title
        What the effect depends on, and its unit.
    models
        The fit that the effects are taken from. If none passed, the fits that failed.
    group
        The genes with the strongest clear effects; None if no fit passed.
    note
        How many genes have a clear effect.
    """

    effect: str
    title: str
    models: list[str]
    group: BarGroup | None
    note: str = ""


def trusted_model(models: Sequence[ModelContent]) -> ModelContent | None:
    """Choose the fit that the answer comes from: the best one that passed.

    Fits to other screens and fits without gene effects are not considered.
    """
    return _best(models, GENE_EFFECT)


def answer(
    model: ModelContent, models: Sequence[ModelContent], strong: float, n_screened: int
) -> Answer:
    """Rank the genes of a fit.

    Parameters
    ----------
    model
        The fit that the answer comes from.
    models
        All fits.
    strong
        The size from which an effect is called strong, in log2 fold change.
    n_screened
        The number of genes of the screen.
    """
    effects = gene_effects([model.found])
    genes = effects[effects["effect"] == GENE_EFFECT]
    negative = genes["direction"] == NEGATIVE
    n_seen = len(genes)
    return Answer(
        model=model.name,
        conditions=[COVARIATES[str(EFFECTS[kind].along)].at_zero for kind in _slopes([model])],
        n_screened=n_screened,
        n_genes=n_seen,
        n_negative=int(negative.sum()),
        n_positive=int((genes["direction"] == POSITIVE).sum()),
        n_strong=int((negative & (genes["mean"] <= -strong)).sum()),
        strong=strong,
        without=[m.name for m in _of_screen(models) if not m.passed and _n_genes(m) > n_seen],
        groups=_strongest(genes),
    )


def varying(models: Sequence[ModelContent]) -> list[Varying]:
    """Find the genes that matter more or less in some cell lines.

    Each kind of effect is taken from the best fit that has it and passed.
    """
    return [_varying(kind, models) for kind in _slopes(_of_screen(models))]


def _varying(kind: str, models: Sequence[ModelContent]) -> Varying:
    title, model = _title(EFFECTS[kind]), _best(models, kind)
    if model is None:
        failed = [one.name for one in _of_screen(models) if _has(one, kind)]
        return Varying(kind, title, failed, None)
    effects = gene_effects([model.found])
    effects = effects[effects["effect"] == kind]
    informed = effects[effects["direction"] != UNINFORMED]
    clear = informed[informed["direction"].isin([NEGATIVE, POSITIVE])]
    strongest = clear.reindex(clear["mean"].abs().sort_values(ascending=False).index)[:SHOWN]
    note = (
        f"{len(clear):,} of the {len(informed):,} genes with {EFFECTS[kind].informed} show a clear "
        "effect."
    )
    return Varying(kind, title, [model.name], bar_group(title, strongest, Axis.of(strongest)), note)


def _of_screen(models: Sequence[ModelContent]) -> list[ModelContent]:
    return [model for model in models if model.screen == MAIN_SCREEN]


def _has(model: ModelContent, effect: str) -> bool:
    return bool((model.effects["effect"] == effect).any())


def _slopes(models: Sequence[ModelContent]) -> list[str]:
    """The slopes of genes along a covariate that at least one fit has."""
    kinds = [k for k, effect in EFFECTS.items() if effect.along and effect.dims == ("gene",)]
    return [kind for kind in kinds if any(_has(model, kind) for model in models)]


def _best(models: Sequence[ModelContent], effect: str) -> ModelContent | None:
    """Choose the best fit that has an effect and passed."""
    fits = {m.name: m for m in _of_screen(models) if _has(m, effect) and m.scores}
    verdicts = {name: model.verdict for name, model in fits.items()}
    name = best_fit(verdicts, {name: model.scores or {} for name, model in fits.items()})
    return fits[name] if name else None


def _n_genes(model: ModelContent) -> int:
    return model.effects.loc[model.effects["effect"] == GENE_EFFECT, "hugo_symbol"].nunique()


def _strongest(genes: pd.DataFrame) -> list[BarGroup]:
    """The genes with the strongest clear effects in both directions, on one axis."""
    slower = genes[genes["direction"] == NEGATIVE].head(SHOWN)
    faster = genes[genes["direction"] == POSITIVE].tail(SHOWN)[::-1]
    axis = Axis.of(pd.concat([slower, faster]))
    return [
        bar_group("Cells grow worse without these genes", slower, axis, _none(slower)),
        bar_group("Cells grow better without these genes", faster, axis, _none(faster)),
    ]


def _none(genes: pd.DataFrame) -> str:
    return "" if len(genes) else "No gene has a clear effect in this direction."


def _title(effect: Effect) -> str:
    per = ", per sd" if "per" in effect.unit else ""
    return f"{effect.meaning[:1].upper()}{effect.meaning[1:]}{per}"
