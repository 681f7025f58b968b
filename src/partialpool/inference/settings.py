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
    model_validator,
)

from partialpool.models import MODELS, Likelihood, Model, Parametrization
from partialpool.parameters import Parameters

Sampler = Literal["nutpie", "pymc"]
Probability = Annotated[float, Field(gt=0, lt=1)]


class SamplerSettings(Parameters):
    """How the posterior is sampled: NUTS, by nutpie or by PyMC itself.

    ``init`` and ``n_init`` (how many steps of variational inference find the start) are
    PyMC's; nutpie has its own warm-up and takes no notice of them.
    """

    name: Sampler
    chains: PositiveInt
    draws: PositiveInt
    tune: PositiveInt
    target_accept: Probability
    cores: PositiveInt
    init: Literal["jitter+adapt_diag", "adapt_diag", "advi+adapt_diag"]
    n_init: PositiveInt


class FitSettings(Parameters):
    """One model, its priors, and how it is fitted.

    ``priors`` are checked against the ``Priors`` of ``model`` when the settings are read.
    """

    label: str
    model: str
    parametrization: Parametrization
    likelihood: Likelihood
    seed: NonNegativeInt
    sampler: SamplerSettings
    priors: SerializeAsAny[Parameters]

    @model_validator(mode="before")
    @classmethod
    def _read_priors(cls, values: Any) -> Any:
        if not isinstance(values, dict) or not isinstance(values.get("priors"), dict):
            return values
        model = MODELS.get(values.get("model", ""))
        if model is None:
            known = ", ".join(MODELS)
            raise ValueError(f"model must be one of {known}; got {values.get('model')!r}")
        return {**values, "priors": model.Priors.model_validate(values["priors"])}

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
    """What is kept of the prior and posterior predictive distributions."""

    hdi_prob: Probability
    prior_draws: PositiveInt
    replicates: PositiveInt
    seed: NonNegativeInt


class ConvergenceSettings(Parameters):
    """What a fit must reach to pass, and what happens if it does not."""

    hdi_prob: Probability
    max_r_hat: Annotated[float, Field(gt=1)]
    min_ess_bulk: NonNegativeFloat
    min_ess_tail: NonNegativeFloat
    max_divergences: NonNegativeInt
    max_treedepth_hits: NonNegativeInt
    min_e_bfmi: NonNegativeFloat
    on_failure: Literal["warn", "raise"]
