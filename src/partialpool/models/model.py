"""Models: a linear predictor, the noise around it, and everything derived from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from inspect import cleandoc
from typing import Any, ClassVar, Literal

import pandas as pd
from pydantic import create_model

from partialpool.models.effects import (
    LFC,
    ZERO_SUM,
    DeclarationError,
    Effect,
    Predictor,
)
from partialpool.models.priors import Prior
from partialpool.models.terms import Terms
from partialpool.parameters import Parameters
from partialpool.screen import COVARIATES, DIMS, Screen

#: ``published``: the form of the notebook. ``identified``: a form in which effects can't trade off.
Parametrization = Literal["identified", "published"]


def _require_one_meaning(model: str, what: str, declared: Iterable[Effect | Prior]) -> None:
    found: dict[str, Effect | Prior] = {}
    for one in declared:
        if found.setdefault(one.name, one) != one:
            raise DeclarationError.of(
                f"a different name for each {what}",
                f"two different ones called {one.name} in {model}",
                "rename one of them",
            )


class _Priors(Parameters):
    """Numbers of the priors of a model; pickled by model, because the class is made at run time."""

    model: ClassVar[Model]

    def __reduce__(self) -> tuple[Any, ...]:
        return _priors_of, (self.model, self.model_dump())


@cache
def _priors_class(model: Model) -> type[Parameters]:
    priors = dict.fromkeys(p for form in model.parametrizations for p in model.scalars(form))
    fields: dict[str, Any] = {prior.name: (prior.Numbers, ...) for prior in priors}
    made = create_model(f"Priors of {model.name}", __base__=_Priors, **fields)
    made.model = model
    return made


def _priors_of(model: Model, numbers: Mapping[str, Any]) -> Parameters:
    return model.Priors.model_validate(numbers)


@dataclass(frozen=True)
class Model:
    """A hierarchical model of a screen: ``lfc ~ N(mean, sd)``.

    Attributes
    ----------
    name
        Name in the catalog and on the command line.
    doc
        Its equations, in words and LaTeX.
    summary
        Its assumptions, for readers of the report.
    mean
        The linear predictor.
    sd
        Prior of the standard deviation of the noise.
    published
        The linear predictor of the notebook, if the model was published.
    """

    name: str
    doc: str
    summary: str
    mean: Predictor | Effect
    sd: Prior
    published: Predictor | Effect | None = None

    def __post_init__(self) -> None:
        """Refuse a model with ambiguous names, or whose two forms are different models."""
        terms = {form: self._terms(form) for form in self.parametrizations}
        for form in self.parametrizations:
            _require_one_meaning(self.name, "effect", self.populations(form))
            _require_one_meaning(self.name, "parameter", self.scalars(form))
            if len(set(terms[form])) < len(terms[form]):
                names = ", ".join(term.effect for term in terms[form])
                raise DeclarationError.of(
                    "each effect only once", f"{self.name}: {names}", "remove one of them"
                )
        if any(of_form != terms["identified"] for of_form in terms.values()):
            raise DeclarationError.of(
                "the same effects, in the same order, in both parametrizations",
                f"{self.name} with {terms}",
                "change only the means of effects in the published form",
            )

    def predictor(self, parametrization: Parametrization = "identified") -> Predictor:
        """The linear predictor of a parametrization."""
        wanted = self.published if parametrization == "published" else self.mean
        if wanted is None:
            raise DeclarationError.of(
                "parametrization identified", f"{parametrization} for {self.name}", "change it"
            )
        return wanted if isinstance(wanted, Predictor) else Predictor((wanted,))

    def populations(self, parametrization: Parametrization = "identified") -> tuple[Effect, ...]:
        """Every effect, coarse before fine."""
        return self.predictor(parametrization).populations

    def scalars(self, parametrization: Parametrization = "identified") -> tuple[Prior, ...]:
        """All scalar parameters: those of the populations in order, then that of the noise."""
        own = (prior for effect in self.populations(parametrization) for prior in effect.priors)
        return tuple(dict.fromkeys((*own, self.sd)))

    @property
    def parametrizations(self) -> tuple[Parametrization, ...]:
        """Parametrizations that it has."""
        return ("identified", "published") if self.published else ("identified",)

    @property
    def Priors(self) -> type[Parameters]:  # noqa: N802 - a class
        """Settings class of its priors, for all parametrizations."""
        return _priors_class(self)

    @property
    def terms(self) -> Terms:
        """The terms of the linear predictor, for tables and design matrices."""
        return self._terms("identified")

    def _terms(self, parametrization: Parametrization) -> Terms:
        return tuple(effect.term for effect in self.predictor(parametrization).effects)

    def effect(self, name: str) -> Effect:
        """One of its effects."""
        known = {effect.name: effect for effect in self.populations()}
        if name not in known:
            raise DeclarationError.of(f"one of {', '.join(known)}", name, "correct the name")
        return known[name]

    @property
    def levels(self) -> Mapping[str, str]:
        """Effect -> the effect that it varies around."""
        return {e.name: e.mean.name for e in self.populations() if isinstance(e.mean, Effect)}

    @property
    def zero_sum(self) -> Mapping[str, str]:
        """Effect that sums to zero -> the effect that contains its level.

        The latter is the first effect of the predictor that is not a slope and does not sum to
        zero itself.
        """
        carriers = [
            e for e in self.predictor().effects if not e.is_slope and e.mean is not ZERO_SUM
        ]
        zero_sum = [effect.name for effect in self.populations() if effect.mean is ZERO_SUM]
        return {name: carrier.name for name in zero_sum for carrier in carriers[:1]}

    @property
    def symbols(self) -> tuple[tuple[str, str, str, str], ...]:
        """Symbol (LaTeX), name, dims and unit of every variable, in the order of the equations."""
        covariates = [(COVARIATES[name], name) for name in self.covariates]
        rows = [(c.symbol, name, "measurement", c.unit) for c, name in covariates]
        both = [self.populations(form) for form in self.parametrizations]
        for effect in dict.fromkeys(e for populations in both for e in populations):
            sub = effect.hyper_symbol
            rows.append((effect.symbol, effect.name, " x ".join(effect.dims), effect.unit))
            if isinstance(effect.mean, Prior):
                rows.append((rf"\mu_{sub}", effect.mean.name, "", effect.unit))
            rows.append((rf"\sigma_{sub}", effect.sd.name, "", effect.unit))
        return tuple(dict.fromkeys((*rows, (r"\sigma", self.sd.name, "", LFC))))

    @property
    def page(self) -> str:
        """Its equations and the table of its symbols, as Markdown."""
        header = [("symbol", "name", "dims", "unit"), ("---",) * 4]
        rows = [(f"${s}$", f"``{name}``", dims, unit) for s, name, dims, unit in self.symbols]
        table = "\n".join(f"| {' | '.join(row)} |" for row in (*header, *rows))
        return f"{cleandoc(self.doc)}\n\n{table}\n"

    @property
    def dims(self) -> tuple[str, ...]:
        """Dims that every screen has, and those of its effects."""
        return tuple(dict.fromkeys((*DIMS, *(d for e in self.populations() for d in e.dims))))

    @property
    def covariates(self) -> tuple[str, ...]:
        """Covariate columns that it needs."""
        return tuple(dict.fromkeys(term.covariate for term in self.terms if term.covariate))

    def view(self, table: pd.DataFrame) -> Screen:
        """View of a screen for this model, without rows that lack a label or covariate."""
        return Screen.from_table(table, self.covariates, self.dims)
