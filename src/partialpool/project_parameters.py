"""Everything in ``conf/*/parameters*.yml``, checked before anything runs."""

from __future__ import annotations

from typing import Any

from pydantic import NonNegativeInt, PositiveInt, ValidationError

from partialpool.inference.reuse import ReuseSettings
from partialpool.inference.scores import ScoreSettings
from partialpool.inference.settings import (
    ConvergenceSettings,
    FitSettings,
    PredictionSettings,
    Sampler,
)
from partialpool.models import Likelihood
from partialpool.parameters import Parameters
from partialpool.preparation import DataSettings
from partialpool.simulation import DepmapScreenSettings, ExpressionScreenSettings
from partialpool.tidy.choices import FigureSettings
from partialpool.tracking.settings import TrackingSettings


class SimulationParameters(Parameters):
    """Both simulations."""

    depmap_screen: DepmapScreenSettings
    expression_screen: ExpressionScreenSettings


class ProjectParameters(Parameters):
    """All parameters; the optional ones are shortcuts for ``kedro run --params``.

    Attributes
    ----------
    screen_path : the user's own screen table; without it the simulated screen is used
    data_root : the folder under which a run writes
    seed, likelihood, sampler, chains, draws, tune, cores, force : the same for every model
    """

    screen_path: str | None = None
    data_root: str | None = None
    seed: NonNegativeInt | None = None
    likelihood: Likelihood | None = None
    sampler: Sampler | None = None
    chains: PositiveInt | None = None
    draws: PositiveInt | None = None
    tune: PositiveInt | None = None
    cores: PositiveInt | None = None
    force: bool | None = None
    data_engineering: DataSettings
    simulation: SimulationParameters
    modeling: dict[str, FitSettings]
    reuse: ReuseSettings
    prediction: PredictionSettings
    scores: ScoreSettings
    convergence: ConvergenceSettings
    reporting: FigureSettings
    tracking: TrackingSettings


class ParameterError(ValueError):
    """A parameter is unknown, missing or out of its range."""


def check_parameters(raw: dict[str, Any]) -> ProjectParameters:
    """Read all parameters.

    Raises
    ------
    ParameterError
        Names every parameter at fault, what came and what was needed.
    """
    shared = {name for name in raw if name.startswith("_")}  # YAML's own, for interpolation
    try:
        return ProjectParameters.model_validate({k: v for k, v in raw.items() if k not in shared})
    except ValidationError as error:
        raise ParameterError(_explain(error)) from None


def _explain(error: ValidationError) -> str:
    lines = [
        f"  {'.'.join(map(str, fault['loc']))}: {fault['msg']}; got {fault['input']!r}"
        if fault["type"] != "extra_forbidden"
        else f"  {'.'.join(map(str, fault['loc']))}: no such parameter; got {fault['input']!r}"
        for fault in error.errors()
    ]
    return "\n".join(
        [
            f"{error.error_count()} of the parameters can't be used:",
            *lines,
            "Mend them in conf/<env>/parameters*.yml or in --params.",
        ]
    )
