"""Settings of the dependency model. All numbers come from ``conf/``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeFloat, PositiveInt, field_validator

from partialpool.defaults import default, over
from partialpool.inference.fit_settings import Draws, Probability
from partialpool.models import DEPENDENCY
from partialpool.models.dependency import DependencyPriors
from partialpool.parameters import Parameters, Seed


class DependencySettings(Parameters):
    """How the dependency model is fitted, and what is reported.

    Attributes
    ----------
    model
        Name of the model.
    seed
        Seed. The same seed gives the same draws, for any number of ``cores``.
    chains, tune, draws
        Number of chains, and of warm-up sweeps and draws per chain.
    max_draws, target_ess
        Draws are doubled, up to ``max_draws`` per chain, until every effect, mean of a gene and
        contrast has this bulk ESS.
    cores
        Number of chains that run at the same time, in threads.
    probability
        Probability of the equal-tailed intervals.
    thresholds
        P(effect < threshold) is reported for each of these.
    own_quantile
        P(effect < this quantile of the line's own nonessential genes) is reported if a list of
        such genes is given.
    folds
        Number of parts of each list of control genes. The genes of a part are on the scale that
        the other parts set. With 1, control genes are not scored.
    priors
        Numbers of the priors that differ from the defaults.
    """

    model: Literal["dependency"] = DEPENDENCY
    seed: Seed
    chains: PositiveInt
    tune: Annotated[int, Field(ge=4)]
    draws: Draws
    max_draws: Draws
    target_ess: NonNegativeFloat
    cores: PositiveInt
    probability: Probability
    thresholds: Annotated[tuple[float, ...], Field(min_length=1)]
    own_quantile: Probability
    folds: PositiveInt
    priors: DependencyPriors

    @field_validator("priors", mode="before")
    @classmethod
    def _read_priors(cls, priors: Any) -> Any:
        return over(default("dependency.priors"), priors) if isinstance(priors, Mapping) else priors
