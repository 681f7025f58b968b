"""Settings of a fit; every number comes from ``conf/``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveInt,
    SerializeAsAny,
    ValidationInfo,
    field_validator,
    model_validator,
)

from partialpool.defaults import default, over
from partialpool.models import MODELS, Model, Parametrization
from partialpool.parameters import Parameters

Sampler = Literal["nutpie", "pymc"]
#: ``sufficient``: by the kernel; ``rowwise``: by the PyMC model, which PyMC samples in any case.
Likelihood = Literal["sufficient", "rowwise"]
Probability = Annotated[float, Field(gt=0, lt=1)]
#: Of each chain; with fewer than four ArviZ can't judge a fit.
Draws = Annotated[int, Field(ge=4)]


class SamplerSettings(Parameters):
    """How the posterior is sampled: NUTS, by nutpie or by PyMC itself.

    ``init`` and ``n_init`` (how many steps of variational inference find the start) are
    PyMC's; nutpie has its own warm-up and takes no notice of them.
    """

    name: Sampler
    chains: PositiveInt
    draws: Draws
    tune: PositiveInt
    target_accept: Probability
    cores: PositiveInt
    init: Literal["jitter+adapt_diag", "adapt_diag", "advi+adapt_diag"]
    n_init: PositiveInt


class FitSettings(Parameters):
    """One model, its priors, and how it is fitted.

    ``priors`` are what differs from the defaults; they are checked against the ``Priors`` of
    ``model`` when the settings are read.
    """

    model: str
    parametrization: Parametrization
    likelihood: Likelihood
    seed: NonNegativeInt
    sampler: SamplerSettings
    priors: SerializeAsAny[Parameters]

    @field_validator("model")
    @classmethod
    def _check_model(cls, name: str) -> str:
        if name not in MODELS:
            raise ValueError(f"model must be one of {', '.join(MODELS)}")
        return name

    @field_validator("priors", mode="before")
    @classmethod
    def _read_priors(cls, priors: Any, info: ValidationInfo) -> Any:
        model = MODELS.get(info.data.get("model", ""))
        if model is None:
            return Parameters()
        if isinstance(priors, Mapping):
            priors = over(default(f"priors.{model.name}"), priors)
        return model.Priors.model_validate(priors)

    @model_validator(mode="after")
    def _check_parametrization(self) -> Self:
        offered = self.spec.parametrizations
        if self.parametrization not in offered:
            raise ValueError(
                f"{self.model} has parametrization {' or '.join(offered)}; "
                f"got {self.parametrization!r}: it was never published"
            )
        return self

    @property
    def spec(self) -> Model:
        """The model itself."""
        return MODELS[self.model]


def plain(modeling: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Settings of several fits as plain values.

    Kedro makes ``FitSettings`` of those that a pipeline of the run takes, and leaves the others.
    """
    return {name: FitSettings.model_validate(fit).model_dump() for name, fit in modeling.items()}


class PredictionSettings(Parameters):
    """What is kept of the prior and posterior predictive distributions.

    Attributes
    ----------
    hdi_prob
        Probability of the intervals.
    coverage_tolerance
        How far the share of a gene's measurements inside them may lie from it.
    interval_draws
        Posterior draws that intervals of measurements are made of.
    prior_draws
        Draws from the prior.
    replicates
        Replicated screens kept for predictive checks, at most one for each draw.
    seed
        Of the noise of replicated screens.
    """

    hdi_prob: Probability
    coverage_tolerance: Probability
    interval_draws: PositiveInt
    prior_draws: PositiveInt
    replicates: PositiveInt
    seed: NonNegativeInt


class ConvergenceSettings(Parameters):
    """What a fit must reach to pass, and what happens if it does not.

    Attributes
    ----------
    hdi_prob
        Probability of the intervals.
    max_r_hat
        Any R-hat up to this passes.
    r_hat_false_alarms
        R-hats beyond it pass too, as far as chance explains: up to what the
        largest one of a converged fit exceeds in this share of fits, at most.
    r_hat_cap
        No R-hat beyond this passes.
    min_ess_bulk, min_ess_tail
        Effective sample size that every parameter needs.
    max_divergences, max_treedepth_hits
        In all chains.
    min_e_bfmi
        Energy fraction of missing information that every chain needs.
    on_failure
        What happens then.
    """

    hdi_prob: Probability
    max_r_hat: Annotated[float, Field(gt=1)]
    r_hat_false_alarms: Probability
    r_hat_cap: Annotated[float, Field(gt=1)]
    min_ess_bulk: NonNegativeFloat
    min_ess_tail: NonNegativeFloat
    max_divergences: NonNegativeInt
    max_treedepth_hits: NonNegativeInt
    min_e_bfmi: NonNegativeFloat
    on_failure: Literal["warn", "raise"]

    @model_validator(mode="after")
    def _check_cap(self) -> Self:
        if self.r_hat_cap < self.max_r_hat:
            raise ValueError(
                f"r_hat_cap must be at least max_r_hat; got {self.r_hat_cap} < {self.max_r_hat}"
            )
        return self
