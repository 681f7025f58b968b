"""Families of priors: a settings file gives the numbers, a model the variable's name.

Each is a group of settings that becomes a random variable of the model in whose context
``.rv(name)`` is called.
"""

from __future__ import annotations

from typing import Any

from pydantic import PositiveFloat

from partialpool.parameters import Parameters


class Normal(Parameters):
    """N(mu, sigma); ``sigma`` is a standard deviation."""

    mu: float
    sigma: PositiveFloat

    def rv(self, name: str) -> Any:
        """Declare the variable."""
        import pymc as pm

        return pm.Normal(name, mu=self.mu, sigma=self.sigma)


class HalfNormal(Parameters):
    """|N(0, sigma)|."""

    sigma: PositiveFloat

    def rv(self, name: str) -> Any:
        """Declare the variable."""
        import pymc as pm

        return pm.HalfNormal(name, sigma=self.sigma)


class Exponential(Parameters):
    """Exp(rate); the mean is 1 / rate."""

    rate: PositiveFloat

    def rv(self, name: str) -> Any:
        """Declare the variable."""
        import pymc as pm

        return pm.Exponential(name, lam=self.rate)
