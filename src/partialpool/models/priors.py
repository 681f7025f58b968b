"""Priors of single parameters. A model names them, and settings contain their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from partialpool.parameters import Level, Parameters, Scale


@dataclass(frozen=True)
class Prior:
    """The prior of a parameter. Each subclass is a family of distributions.

    Attributes
    ----------
    name
        Name of the parameter.
    Numbers
        Settings class for the numbers of the family.
    positive
        Whether the parameter is sampled as its logarithm.
    """

    name: str
    Numbers: ClassVar[type[Parameters]]
    positive: ClassVar[bool]

    def rv(self, numbers: Any) -> Any:
        """Declare the variable in the PyMC model in context."""
        raise NotImplementedError


class NormalNumbers(Parameters):
    """Mean ``mu`` and standard deviation ``sigma``."""

    mu: Level
    sigma: Scale


class HalfNormalNumbers(Parameters):
    """``sigma`` of the normal distribution that is folded at 0."""

    sigma: Scale


class ExponentialNumbers(Parameters):
    """``rate``; the mean is 1 / rate."""

    rate: Scale


class Normal(Prior):
    """N(mu, sigma); ``sigma`` is a standard deviation."""

    Numbers, positive = NormalNumbers, False

    def rv(self, numbers: NormalNumbers) -> Any:
        """Declare the variable in the PyMC model in context."""
        import pymc as pm

        return pm.Normal(self.name, mu=numbers.mu, sigma=numbers.sigma)


class HalfNormal(Prior):
    """|N(0, sigma)|."""

    Numbers, positive = HalfNormalNumbers, True

    def rv(self, numbers: HalfNormalNumbers) -> Any:
        """Declare the variable in the PyMC model in context."""
        import pymc as pm

        return pm.HalfNormal(self.name, sigma=numbers.sigma)


class Exponential(Prior):
    """Exp(rate); the mean is 1 / rate."""

    Numbers, positive = ExponentialNumbers, True

    def rv(self, numbers: ExponentialNumbers) -> Any:
        """Declare the variable in the PyMC model in context."""
        import pymc as pm

        return pm.Exponential(self.name, lam=numbers.rate)
