"""Settings of a fit. All numbers come from ``conf/``."""

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
from partialpool.models.noise import GAUSSIAN, Noise
from partialpool.parameters import Parameters, Seed

Sampler = Literal["nutpie", "pymc"]
#: ``sufficient``: the kernel. ``rowwise``: the PyMC model, which the sampler ``pymc`` and Student-t
#: noise always use.
Likelihood = Literal["sufficient", "rowwise"]
Probability = Annotated[float, Field(gt=0, lt=1)]
#: Of Student-t noise. With two or fewer it has no variance.
DegreesOfFreedom = Annotated[float, Field(gt=2, allow_inf_nan=False)]
#: Draws per chain. With fewer than four, convergence can't be checked.
Draws = Annotated[int, Field(ge=4)]


class SamplerSettings(Parameters):
    """Settings of the sampler: NUTS, by nutpie or by PyMC.

    Only PyMC uses ``init`` and ``n_init`` (the number of steps of variational inference that find
    the start). nutpie has its own warm-up.
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

    ``priors`` contains the numbers that differ from the defaults. They are checked against the
    ``Priors`` of ``model`` when the settings are read. ``noise_df`` is the number of degrees of
    freedom of Student-t noise; None means Gaussian noise.
    """

    model: str
    parametrization: Parametrization
    likelihood: Likelihood
    seed: Seed
    sampler: SamplerSettings
    priors: SerializeAsAny[Parameters]
    noise_df: DegreesOfFreedom | None = None

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
                f"got {self.parametrization!r}: this model was never published"
            )
        return self

    @property
    def spec(self) -> Model:
        """The model itself."""
        return MODELS[self.model]

    @property
    def noise(self) -> Noise:
        """Distribution of the measurements around their means."""
        return GAUSSIAN if self.noise_df is None else Noise(self.noise_df)

    @property
    def evaluated(self) -> Likelihood:
        """How the likelihood is evaluated: row by row, if it has no sufficient statistics."""
        return self.likelihood if self.noise.is_gaussian else "rowwise"


def plain(modeling: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Convert the settings of several fits to plain values.

    Kedro converts the settings that the pipeline uses to ``FitSettings``, but not the others.
    """
    return {name: FitSettings.model_validate(fit).model_dump() for name, fit in modeling.items()}


class PredictionSettings(Parameters):
    """Settings of predictions, and of draws from the prior.

    Attributes
    ----------
    hdi_prob
        Probability of the intervals.
    coverage_tolerance
        How far the share of a group's measurements inside them may lie below it; above it, as far
        as intervals lead to that are as much too wide.
    shape_tolerance
        How far the share in the middle half, or in the lower half, of the predictive distributions
        may lie from a half, relative to it.
    tail_factor
        How many times more, or fewer, measurements than expected may lie in the tails.
    false_alarms
        In this share of fits, at most, a right model has anything flagged.
    max_share_off
        A model is reliable if no more of its genes, of its cell lines and of its replicates than
        this share are off.
    interval_draws
        Number of posterior draws for the intervals of measurements.
    prior_draws
        Number of draws from the prior.
    replicates
        Number of replicated screens that are saved for predictive checks, at most one per draw.
    seed
        Seed of the noise in replicated screens.
    """

    hdi_prob: Probability
    coverage_tolerance: Probability
    shape_tolerance: Probability
    tail_factor: Annotated[float, Field(gt=1)]
    false_alarms: Probability
    max_share_off: Probability
    interval_draws: PositiveInt
    prior_draws: PositiveInt
    replicates: PositiveInt
    seed: Seed


class ConvergenceSettings(Parameters):
    """Limits that a fit must reach to pass, and what happens if it fails.

    Attributes
    ----------
    hdi_prob
        Probability of the intervals.
    max_r_hat
        R-hats up to this always pass.
    r_hat_false_alarms
        Larger R-hats pass if chance explains them: up to the value that the largest R-hat of a
        converged fit exceeds in at most this share of fits.
    r_hat_cap
        R-hats above this never pass.
    min_ess_bulk, min_ess_tail
        Effective sample sizes that every parameter must have.
    max_divergences, max_treedepth_hits
        Largest numbers in all chains together.
    min_e_bfmi
        Energy Bayesian fraction of missing information that every chain must have.
    on_failure
        What happens if a fit fails: the run warns, or it stops.
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
