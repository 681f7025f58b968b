"""What every model gives: its predictor, its priors, and a function that builds it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from partialpool.models.likelihood import Likelihood
from partialpool.models.terms import Term, Terms, covariates_of
from partialpool.parameters import Parameters
from partialpool.screen import Screen

#: ``published``: as the notebook wrote it; ``identified``: so that every effect has one meaning.
Parametrization = Literal["identified", "published"]


class Build(Protocol):
    """Builds the PyMC model of one screen."""

    def __call__(
        self, screen: Screen, priors: Any, parametrization: Parametrization, likelihood: Likelihood
    ) -> Any:
        """Return the ``pm.Model``."""


@dataclass(frozen=True)
class Model:
    """A hierarchical model of a screen.

    Attributes
    ----------
    name : as in the catalog and on the command line
    terms : the linear predictor
    Priors : settings class of its priors
    build : (screen, priors, parametrization, likelihood) -> pm.Model
    parametrizations : those it has
    levels : effect of a term -> the effect of the coarser level that it is drawn around
    zero_sum : effects that sum to zero when identified -> the effect that takes their level
    """

    name: str
    terms: Terms
    Priors: type[Parameters]
    build: Build
    parametrizations: tuple[Parametrization, ...] = ("identified", "published")
    levels: dict[str, str] = field(default_factory=dict)
    zero_sum: dict[str, str] = field(default_factory=dict)

    @property
    def covariates(self) -> tuple[str, ...]:
        """Covariate columns that it needs."""
        return covariates_of(self.terms)

    def term(self, effect: str) -> Term:
        """The term of an effect."""
        return next(term for term in self.terms if term.effect == effect)
