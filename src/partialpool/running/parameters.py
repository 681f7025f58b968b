"""Everything in ``conf/*/parameters*.yml``, checked before anything runs."""

from __future__ import annotations

import textwrap
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from partialpool.calls.call_settings import CallSettings, QcSettings, TrustSettings
from partialpool.calls.inputs import DependencyInputs
from partialpool.errors import PartialpoolError, Problem
from partialpool.figures.options import FigureOptions
from partialpool.inference.fit_settings import (
    ConvergenceSettings,
    DegreesOfFreedom,
    Draws,
    FitSettings,
    Likelihood,
    PredictionSettings,
    Probability,
    Sampler,
)
from partialpool.inference.gibbs.settings import DependencySettings
from partialpool.inference.scores import ScoreSettings
from partialpool.models import MODEL_NAMES, MODELS
from partialpool.parameters import Parameters, Seed, words
from partialpool.pipeline_registry import EXPRESSION_ON_ITS_OWN_SCREEN
from partialpool.pipelines.calls.pipeline import GENE_LISTS
from partialpool.preparation import DataSettings
from partialpool.preparation.counts import FoldChangeSettings
from partialpool.preparation.depmap_release import DepmapSettings
from partialpool.simulation import CountSettings, DepmapScreenSettings, ExpressionScreenSettings
from partialpool.tracking.tracking_settings import TrackingSettings

#: Parameters with the path of the input.
SOURCES = ("screen_path", "counts_path", "depmap_dir")


def _known_models(names: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := [name for name in names if name not in MODEL_NAMES]:
        known = ", ".join(MODEL_NAMES)
        raise ValueError(f"there is no model {', '.join(unknown)}; there are {known}")
    return tuple(dict.fromkeys(names))


ModelNames = Annotated[
    tuple[str, ...], BeforeValidator(words), AfterValidator(_known_models), Field(min_length=1)
]


def _known_fits(fits: Any) -> Any:
    """Check the names of fits: the settings of a misspelt one would never be used."""
    names = (*MODELS, EXPRESSION_ON_ITS_OWN_SCREEN)
    for name in fits if isinstance(fits, dict) else ():
        if name not in names:
            like = get_close_matches(str(name), names, n=1)
            hint = f" (did you mean {like[0]}?)" if like else ""
            raise ValueError(f"there is no fit {name}{hint}; there are {', '.join(names)}")
    return fits


class SimulationParameters(Parameters):
    """Settings of the two simulated screens, and of read counts of the first."""

    depmap_screen: DepmapScreenSettings
    counts: CountSettings
    expression_screen: ExpressionScreenSettings


class DependencyParameters(Parameters):
    """Model dependency and its calls.

    Attributes
    ----------
    fit
        How it is fitted.
    inputs
        What of the table it uses besides the log fold changes.
    calls
        What counts as a dependency, and how many calls may be false.
    qc
        When a replicate fails.
    trust
        When the results of a gene need a second look.
    """

    fit: DependencySettings
    inputs: DependencyInputs
    calls: CallSettings
    qc: QcSettings
    trust: TrustSettings

    @model_validator(mode="after")
    def _check_thresholds(self) -> Self:
        absent = [t for t in self.calls.thresholds if t not in self.fit.thresholds]
        if absent:
            raise ValueError(
                f"fit.thresholds must contain 0 and -calls.delta ({-self.calls.delta:g}); "
                f"got {[*self.fit.thresholds]}"
            )
        return self


class ReuseSettings(Parameters):
    """Settings that decide what is made again.

    Attributes
    ----------
    force
        Repeat every fit, even if nothing changed.
    """

    force: bool


class ProjectParameters(Parameters):
    """All parameters. The optional ones are shortcuts for ``kedro run --params``.

    Attributes
    ----------
    screen_path, counts_path, depmap_dir
        The input: the user's own screen table, counts, or the folder of a DepMap release. Without
        one of them, the simulated screen is used.
    samples_path, guides_path
        The sample sheet and the guide map of the counts.
    data_root
        The folder under which a run writes.
    nonessential_path, common_essential_path
        Lists of control genes, for model dependency.
    contrast_path
        File with lines that model dependency compares with all others.
    compare, compare_pairs
        Columns of which each value is compared with the others, or with each other value, by model
        dependency.
    models
        The models that a run fits and its report shows, in the report's order.
    figures
        Groups of figures to draw besides those that are always drawn.
    save
        What is saved of every fit besides its posterior: ``prior``, ``replicates``.
    cn_max
        Copy numbers are clipped at this value, in the preparation and in the simulation.
    seed, likelihood, noise_df, sampler, chains, draws, tune, cores, target_accept, force
        Each sets the same value for every model.
    """

    screen_path: str | None = None
    counts_path: str | None = None
    samples_path: str | None = None
    guides_path: str | None = None
    depmap_dir: str | None = None
    data_root: str | None = None
    nonessential_path: str | None = None
    common_essential_path: str | None = None
    contrast_path: str | None = None
    compare: Annotated[tuple[str, ...] | None, BeforeValidator(words)] = None
    compare_pairs: Annotated[tuple[str, ...] | None, BeforeValidator(words)] = None
    cn_max: PositiveFloat | None = None
    seed: Seed | None = None
    likelihood: Likelihood | None = None
    noise_df: DegreesOfFreedom | None = None
    sampler: Sampler | None = None
    chains: PositiveInt | None = None
    draws: Draws | None = None
    tune: PositiveInt | None = None
    cores: PositiveInt | None = None
    target_accept: Probability | None = None
    force: bool | None = None
    figures: Annotated[tuple[str, ...] | None, BeforeValidator(words)] = None
    counts: FoldChangeSettings
    depmap: DepmapSettings
    data_engineering: DataSettings
    simulation: SimulationParameters
    models: ModelNames
    modeling: Annotated[dict[str, FitSettings], BeforeValidator(_known_fits)]
    dependency: DependencyParameters
    reuse: ReuseSettings
    prediction: PredictionSettings
    scores: ScoreSettings
    convergence: ConvergenceSettings
    reporting: FigureOptions
    save: Annotated[tuple[Literal["prior", "replicates"], ...], BeforeValidator(words)]
    tracking: TrackingSettings

    @property
    def source(self) -> str | None:
        """The parameter with the path of the input; None for the simulated screen."""
        return next((name for name in SOURCES if getattr(self, name) is not None), None)

    @property
    def gene_lists(self) -> list[str]:
        """Lists of control genes that are given."""
        return [name for name in GENE_LISTS if getattr(self, f"{name}_path") is not None]


class ParameterError(PartialpoolError, ValueError):
    """A parameter is unknown, missing or out of its range."""


def not_resolved(name: str | None, reason: str) -> str:
    """Say which parameter contains a ``${...}`` that can't be replaced."""
    problem = Problem(
        expected="${...} in a parameter only with the name of another setting in it.",
        got=f"{name or 'a parameter'}: {reason.splitlines()[0]}.",
        fix=r"correct --params or conf/<env>/; to write the characters themselves: \${...}.",
    )
    return str(problem)


def plain(value: Any) -> Any:
    """Turn parameters that Kedro has converted to settings into plain values again."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value


def check_parameters(raw: dict[str, Any]) -> ProjectParameters:
    """Read all parameters.

    Raises
    ------
    ParameterError
        Names every wrong parameter, with its value and what was expected.
    """
    shared = {name for name in raw if name.startswith("_")}  # only for interpolation in YAML
    given = {name: value for name, value in raw.items() if name not in shared}
    try:
        parameters = ProjectParameters.model_validate(given)
    except ValidationError as error:
        raise ParameterError(_explain(error.errors(), _names(given))) from None
    _require_one_scale(parameters)
    _require_one_input(parameters)
    return parameters


def _require_one_input(parameters: ProjectParameters) -> None:
    """Check that there is one input, and that it is complete."""
    given = [name for name in SOURCES if getattr(parameters, name) is not None]
    labels = [n for n in ("samples_path", "guides_path") if getattr(parameters, n) is not None]
    if len(given) > 1:
        problem = Problem(
            expected=f"one input: {', '.join(SOURCES)}",
            got=" and ".join(given),
            fix="give one of them; the environments depmap, counts and depmap_release each have "
            "one, so use the environment of your input",
        )
    elif labels and parameters.counts_path is None:
        problem = Problem(
            expected="counts (counts_path) with samples_path and guides_path",
            got=f"{' and '.join(labels)} without counts_path",
            fix="give counts_path, too",
        )
    elif parameters.counts_path is not None and parameters.samples_path is None:
        problem = Problem(
            expected="a sample sheet for the counts: samples_path",
            got="counts_path without samples_path",
            fix="give a table with the cell line and the pDNA batch of each sequence",
        )
    else:
        return
    raise ParameterError(str(problem))


def _require_one_scale(parameters: ProjectParameters) -> None:
    """Check that both clip at the same value: the planted slopes are on the models' scale."""
    planted = parameters.simulation.depmap_screen.effects.cn_max
    seen = parameters.data_engineering.cn_max
    if parameters.source is None and planted != seen:
        problem = Problem(
            expected="the same cn_max in the simulation and in data_engineering",
            got=f"data_engineering.cn_max {seen:g}, "
            f"simulation.depmap_screen.effects.cn_max {planted:g}",
            fix=f"give cn_max for both: --params cn_max={seen:g}",
        )
        raise ParameterError(str(problem))


def _explain(faults: list[ErrorDetails], names: set[str]) -> str:
    shortcuts = {fault["loc"][0]: fault["input"] for fault in faults if len(fault["loc"]) == 1}
    # A wrong shortcut is also wrong in every fit that it sets; the message shows it once.
    shown = [fault for fault in faults if not _follows(fault, shortcuts)]
    count = "1 parameter" if len(shown) == 1 else f"{len(shown)} parameters"
    return "\n".join(
        [
            f"{count} can't be used:",
            *(f"  {_line(fault, names)}" for fault in shown),
            "Fix: correct --params, or conf/<env>/parameters*.yml.",
        ]
    )


def _follows(fault: ErrorDetails, shortcuts: dict[int | str, Any]) -> bool:
    loc = fault["loc"]
    if len(loc) == 1:
        return False
    value = fault["input"]
    return any(name in loc and value == given for name, given in shortcuts.items())


def _line(fault: ErrorDetails, names: set[str]) -> str:
    name = ".".join(map(str, fault["loc"]))
    if fault["type"] == "missing":
        return f"{name}: this parameter is missing"
    if fault["type"] != "extra_forbidden":
        got = textwrap.shorten(repr(fault["input"]), 60, placeholder=" ...")
        return f"{name}: {fault['msg'].removeprefix('Value error, ')}; got {got}"
    like = get_close_matches(str(fault["loc"][-1]), names - {fault["loc"][-1]}, n=1)
    hint = f" (did you mean {like[0]}?)" if like else ""
    return f"{name}: no such parameter{hint}; got {fault['input']!r}"


def _names(values: dict[str, Any]) -> set[str]:
    """Collect the names of all parameters, at any depth, and of the shortcuts."""
    below = (_names(value) for value in values.values() if isinstance(value, dict))
    return set(ProjectParameters.model_fields).union(map(str, values), *below)
