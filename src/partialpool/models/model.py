"""What a model is: a linear predictor, the noise around it, and all that follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from inspect import cleandoc
from typing import Any, ClassVar, Literal

import pandas as pd
from pydantic import create_model

from partialpool.models.effects import LFC, ZERO_SUM, Effect, Predictor
from partialpool.models.priors import Prior
from partialpool.models.terms import Terms
from partialpool.parameters import Parameters
from partialpool.screen import COVARIATES, DIMS, Screen

#: ``published``: as the notebook wrote it; ``identified``: so that every effect has one meaning.
Parametrization = Literal["identified", "published"]


class _Priors(Parameters):
    """Numbers of the priors of a model; made at run time, so it is pickled with the model."""

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
    name : as in the catalog and on the command line
    doc : its equations, in words and LaTeX
    summary : what it says of a screen, for readers of the report
    mean : the linear predictor
    sd : prior of the standard deviation of the noise
    published : the linear predictor as the notebook had it, if it was published
    """

    name: str
    doc: str
    summary: str
    mean: Predictor | Effect
    sd: Prior
    published: Predictor | Effect | None = None

    def predictor(self, parametrization: Parametrization = "identified") -> Predictor:
        """The linear predictor of a parametrization."""
        wanted = self.published if parametrization == "published" else self.mean
        if wanted is None:
            raise ValueError(f"Needed: parametrization identified\nCame: {parametrization}")
        return wanted if isinstance(wanted, Predictor) else Predictor((wanted,))

    def populations(self, parametrization: Parametrization = "identified") -> tuple[Effect, ...]:
        """Every effect, coarse before fine."""
        return self.predictor(parametrization).populations

    def scalars(self, parametrization: Parametrization = "identified") -> tuple[Prior, ...]:
        """Every single parameter: of the populations in their order, then of the noise."""
        own = (prior for effect in self.populations(parametrization) for prior in effect.priors)
        return tuple(dict.fromkeys((*own, self.sd)))

    @property
    def parametrizations(self) -> tuple[Parametrization, ...]:
        """Those that it has."""
        return ("identified", "published") if self.published else ("identified",)

    @property
    def Priors(self) -> type[Parameters]:  # noqa: N802 - a class
        """Settings class of its priors, of all parametrizations."""
        return _priors_class(self)

    @property
    def terms(self) -> Terms:
        """The linear predictor as tables and designs take it."""
        return tuple(effect.term for effect in self.predictor().effects)

    def effect(self, name: str) -> Effect:
        """One of its effects."""
        return next(effect for effect in self.populations() if effect.name == name)

    @property
    def levels(self) -> Mapping[str, str]:
        """Effect -> the effect that it varies around."""
        return {e.name: e.mean.name for e in self.populations() if isinstance(e.mean, Effect)}

    @property
    def zero_sum(self) -> Mapping[str, str]:
        """Effect that sums to zero -> the effect that has its level: the predictor's first."""
        first = self.predictor().effects[0].name
        return {effect.name: first for effect in self.populations() if effect.mean is ZERO_SUM}

    @property
    def symbols(self) -> tuple[tuple[str, str, str, str], ...]:
        """Every variable: its symbol (LaTeX), name, dims and unit, as the equations have them."""
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
        """Its equations and the table of its symbols, as reStructuredText."""
        header = ("symbol", "name", "dims", "unit")
        rows = [(f":math:`{s}`", f"``{name}``", dims, unit) for s, name, dims, unit in self.symbols]
        cells = ("\n     - ".join(row).rstrip() for row in (header, *rows))
        table = "\n".join(f"   * - {row}" for row in cells)
        return f"{cleandoc(self.doc)}\n\n.. list-table::\n   :header-rows: 1\n\n{table}\n"

    @property
    def dims(self) -> tuple[str, ...]:
        """Dims of its effects, and those that every screen has."""
        return tuple(dict.fromkeys((*DIMS, *(d for e in self.populations() for d in e.dims))))

    @property
    def covariates(self) -> tuple[str, ...]:
        """Covariate columns that it needs."""
        return tuple(dict.fromkeys(term.covariate for term in self.terms if term.covariate))

    def view(self, table: pd.DataFrame) -> Screen:
        """The screen as this model sees it: rows that lack a label or covariate are left out."""
        return Screen.from_table(table, self.covariates, self.dims)
