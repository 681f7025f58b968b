"""Every pipeline by the name that ``kedro run --pipelines`` takes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kedro.pipeline import Pipeline

from partialpool.models import MODELS, Model
from partialpool.pipelines import data_engineering, evaluation, modeling, reporting, simulation

EMPTY = Pipeline([])


@dataclass(frozen=True)
class Fit:
    """One model on one screen.

    Attributes
    ----------
    model
        What is fitted.
    screen
        Catalog name of its modelling table.
    truth
        Catalog name of the planted truth, if the screen was simulated.
    has_annotations
        Whether the table may have mutations and copy numbers of genes.
    """

    model: Model
    screen: str
    truth: str | None = None
    has_annotations: bool = True

    @property
    def tables(self) -> tuple[str, ...]:
        """Catalog names of the tables that are made from its screen before the fit."""
        return ("screen", "data_quality") if self.screen == "screen" else (self.screen,)


#: The name of the fit of the expression model to the notebook's own simulated screen.
EXPRESSION_ON_ITS_OWN_SCREEN = "expression_simulated"
#: That fit.
EXPRESSION_SIMULATED = Fit(
    MODELS["expression"],
    "simulation.expression_screen",
    "simulation.expression_truth",
    has_annotations=False,
)


def register_pipelines() -> dict[str, Pipeline]:
    """Pipelines of every model on the default input, the simulated screen."""
    return build_pipelines(screen_is_simulated=True)


def build_pipelines(
    screen_is_simulated: bool, models: Iterable[str] = tuple(MODELS)
) -> dict[str, Pipeline]:
    """Every pipeline, on the simulated screen or on the user's own; the same names for both.

    A model's pipeline starts from the input table, so that ``--pipelines gene`` alone works. It
    makes only the tables that this model needs.

    Parameters
    ----------
    screen_is_simulated
        Whether the input is simulated, or the dataset ``raw_screen``.
    models
        The models in ``__default__``, ``modeling`` and ``reporting``; every model also has a
        pipeline of its own name.
    """
    raw_screen, truth = (
        ("simulation.raw_screen", "simulation.truth")
        if screen_is_simulated
        else ("raw_screen", None)
    )
    simulate = simulation.create_pipeline()
    engineer = data_engineering.create_pipeline(raw_screen)
    prepare = simulate + engineer if screen_is_simulated else engineer
    fits = {name: Fit(model, "screen", truth) for name, model in MODELS.items()}
    chosen = {name: fits[name] for name in models}
    fits[EXPRESSION_ON_ITS_OWN_SCREEN] = EXPRESSION_SIMULATED
    if screen_is_simulated and "expression" in chosen:
        chosen[EXPRESSION_ON_ITS_OWN_SCREEN] = EXPRESSION_SIMULATED
    modeled = sum((modeling.create_pipeline(n, fit.screen) for n, fit in chosen.items()), EMPTY)
    evaluated, reported = _evaluation(chosen), _reporting(chosen)
    return {
        "__default__": prepare + modeled + evaluated + reported,
        "simulation": simulate,
        "data_engineering": prepare,
        "modeling": modeled,
        "evaluation": evaluated,
        "reporting": reported,
        **{
            name: (simulate + engineer).to_outputs(*fit.tables) + _alone(name, fit)
            for name, fit in fits.items()
        },
    }


def _alone(name: str, fit: Fit) -> Pipeline:
    """Fit one model and evaluate it."""
    return modeling.create_pipeline(name, fit.screen) + evaluation.create_pipeline(
        name, fit.screen, fit.truth
    )


def _evaluation(fits: Mapping[str, Fit]) -> Pipeline:
    """Evaluate every fit; rank the fits to the screen of the first, which can be compared."""
    each = (evaluation.create_pipeline(name, fit.screen, fit.truth) for name, fit in fits.items())
    main = next(iter(fits.values())).screen
    ranked = [name for name, fit in fits.items() if fit.screen == main]
    return sum(each, evaluation.create_comparison_pipeline(ranked))


def _reporting(fits: Mapping[str, Fit]) -> Pipeline:
    """Draw the data, each fit, and all fits side by side; make the report of them."""
    drawn = [
        reporting.create_fit_pipeline(
            name,
            fit.model,
            fit.screen,
            has_truth=bool(fit.truth),
            has_annotations=fit.has_annotations,
        )
        for name, fit in fits.items()
    ]
    drawn += [
        reporting.create_data_pipeline("screen", fits),
        reporting.create_fits_pipeline(fits),
        reporting.create_comparison_pipeline(),
    ]
    others = ["data", "comparison"]
    if EXPRESSION_SIMULATED in fits.values():
        simulated = EXPRESSION_SIMULATED.screen
        drawn.append(
            reporting.create_expression_data_pipeline(simulated, EXPRESSION_ON_ITS_OWN_SCREEN)
        )
        others.append("expression_data")
    return sum(drawn, reporting.create_report_pipeline(others))
