"""The noise of a measurement: Gaussian, or Student-t with its heavier tails."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]

#: Probability of each tail beyond which the density of the noise is set to 0.
BEYOND = 1e-4


@dataclass(frozen=True)
class Noise:
    """Distribution of a measurement around its mean, in units of ``sigma``.

    Attributes
    ----------
    df
        Degrees of freedom of a Student-t distribution. Infinity means Gaussian.
    """

    df: float = math.inf

    @property
    def is_gaussian(self) -> bool:
        """Whether it is Gaussian, so that sufficient statistics exist."""
        return math.isinf(self.df)

    @property
    def reach(self) -> float:
        """Distance from the mean beyond which the density can be neglected."""
        return 6.0 if self.is_gaussian else max(6.0, float(self.quantile(1 - BEYOND)))

    def rv(self, name: str, mean: Any, sigma: Any, **given: Any) -> Any:
        """Declare the measurements in the PyMC model in context."""
        import pymc as pm

        if self.is_gaussian:
            return pm.Normal(name, mean, sigma, **given)
        return pm.StudentT(name, nu=self.df, mu=mean, sigma=sigma, **given)

    def quantile(self, probability: npt.ArrayLike) -> Floats:
        """Value that a measurement is below with a probability."""
        share = np.asarray(probability, dtype=np.float64)
        found = special.ndtri(share) if self.is_gaussian else special.stdtrit(self.df, share)
        return np.asarray(found)

    def cdf(self, value: npt.ArrayLike) -> Floats:
        """Probability of a measurement below a value."""
        at = np.asarray(value, dtype=np.float64)
        found = special.ndtr(at) if self.is_gaussian else special.stdtr(self.df, at)
        return np.asarray(found)

    def density(self, value: Floats) -> Floats:
        """Density at values."""
        if self.is_gaussian:
            return np.exp(self.log_peak - value**2 / 2)
        return np.exp(self.log_peak - (self.df + 1) / 2 * np.log1p(value**2 / self.df))

    @property
    def log_peak(self) -> float:
        """Log density at the mean."""
        if self.is_gaussian:
            return -0.5 * math.log(2 * math.pi)
        half = self.df / 2
        return math.lgamma(half + 0.5) - math.lgamma(half) - 0.5 * math.log(self.df * math.pi)

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        """Draws, as 32-bit floats."""
        if self.is_gaussian:
            return rng.standard_normal(shape, dtype=np.float32)
        return rng.standard_t(self.df, shape).astype(np.float32)


GAUSSIAN = Noise()
