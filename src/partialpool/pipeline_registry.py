"""All pipelines, by the names that ``kedro run --pipelines`` accepts."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from kedro.pipeline import Pipeline

from partialpool.models import DEPENDENCY, MODEL_NAMES, MODELS, Model
from partialpool.pipelines import (
    calls,
    counts,
    data_engineering,
    evaluation,
    modeling,
    reporting,
    simulation,
)
from partialpool.pipelines.calls.pipeline import GENE_LISTS

EMPTY = Pipeline([])


@dataclass(frozen=True)
class Fit:
    """One model on one screen.

    Attributes
    ----------
    model
        Model that is fitted.
    screen
        Catalog name of its modelling table.
    truth
        Catalog name of the planted truth, if the screen was simulated.
    """

    model: Model
    screen: str
    truth: str | None = None

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
)


def register_pipelines() -> dict[str, Pipeline]:
    """Pipelines of every model on the default input, the simulated screen."""
    return build_pipelines(screen_is_simulated=True)


def build_pipelines(
    screen_is_simulated: bool,
    models: Iterable[str] = MODEL_NAMES,
    save: Collection[str] = (),
    gene_lists: Collection[str] = (),
    has_deviations: bool = False,
    counted: Pipeline = EMPTY,
    source: str = "screen_path",
) -> dict[str, Pipeline]:
    """Build all pipelines, for the simulated screen or for the user's own.

    A model's pipeline starts from the input table, so that ``--pipelines gene`` alone works. It
    makes only the tables that this model needs.

    Parameters
    ----------
    screen_is_simulated
        Whether the input is the simulated screen. Otherwise it is the dataset ``raw_screen``.
    models
        What ``__default__``, ``modeling`` and ``reporting`` hold; any model can be run by
        its own name.
    save
        What of every fit is saved on request: ``prior``, ``replicates``.
    gene_lists
        Lists of control genes that are given: ``nonessential``, ``common_essential``.
    has_deviations
        Whether effects of genes in lines are planted in the simulated screen.
    counted
        Makes the raw screen table from counts or from a DepMap release, if this is the input.
    source
        Parameter with the path of the input.
    """
    models = tuple(models)
    has_counts = counts.RAW_SCREEN in counted.all_outputs()
    raw_screen, truth = (
        ("simulation.raw_screen", "simulation.truth")
        if screen_is_simulated
        else (counts.RAW_SCREEN if has_counts else "raw_screen", None)
    )
    simulate = simulation.create_pipeline()
    engineer = counted + data_engineering.create_pipeline(
        raw_screen, {name: GENE_LISTS[name] for name in gene_lists}
    )
    prepare = simulate + engineer if screen_is_simulated else engineer
    fits = {name: Fit(model, "screen", truth) for name, model in MODELS.items()}
    chosen = {name: fits[name] for name in models if name in fits}
    fits[EXPRESSION_ON_ITS_OWN_SCREEN] = EXPRESSION_SIMULATED
    if screen_is_simulated and "expression" in chosen:
        chosen[EXPRESSION_ON_ITS_OWN_SCREEN] = EXPRESSION_SIMULATED
    modeled = sum(
        (modeling.create_pipeline(name, fit.screen, save) for name, fit in chosen.items()), EMPTY
    )
    has_dependency = DEPENDENCY in models
    evaluated = _evaluation(chosen, save)
    reported = _reporting(chosen, source, has_counts=has_counts, has_dependency=has_dependency)
    dependency = calls.create_fit_pipeline(gene_lists)
    called = calls.create_calls_pipeline(gene_lists, screen_is_simulated and has_deviations)
    modeled += dependency if has_dependency else EMPTY
    prepared = prepare.to_outputs("screen", "data_quality")
    return {
        "__default__": prepare
        + modeled
        + evaluated
        + reported
        + (called if has_dependency else EMPTY),
        "simulation": simulate,
        "simulated_counts": simulation.create_counts_pipeline(),
        "data_engineering": prepare,
        "modeling": modeled,
        "evaluation": evaluated,
        "reporting": reported,
        "calls": prepared + dependency + called,
        DEPENDENCY: prepared + dependency,
        **{
            name: (simulate + engineer).to_outputs(*fit.tables) + _alone(name, fit, save)
            for name, fit in fits.items()
        },
    }


def _alone(name: str, fit: Fit, save: Collection[str]) -> Pipeline:
    """Fit one model and evaluate it."""
    return modeling.create_pipeline(name, fit.screen, save) + evaluation.create_pipeline(
        name, fit.screen, fit.truth, save
    )


def _evaluation(fits: Mapping[str, Fit], save: Collection[str]) -> Pipeline:
    """Evaluate every fit, and rank those of the first fit's screen, which are comparable."""
    if not fits:
        return EMPTY
    each = (
        evaluation.create_pipeline(name, fit.screen, fit.truth, save) for name, fit in fits.items()
    )
    return sum(each, evaluation.create_comparison_pipeline(_comparable(fits)))


def _comparable(fits: Mapping[str, Fit]) -> list[str]:
    """Name the fits to the screen of the first fit, which are comparable."""
    main = next(iter(fits.values())).screen
    return [name for name, fit in fits.items() if fit.screen == main]


def _reporting(
    fits: Mapping[str, Fit], source: str, *, has_counts: bool, has_dependency: bool
) -> Pipeline:
    """Draw the data, each fit and the comparison of fits, and make the report."""
    if not fits and not has_dependency:
        return EMPTY
    drawn = [
        reporting.create_fit_pipeline(name, fit.screen, has_truth=bool(fit.truth))
        for name, fit in fits.items()
    ]
    drawn += [
        reporting.create_data_pipeline("screen", fits, counts.SEQUENCE_QC if has_counts else None),
        reporting.create_fits_pipeline(fits),
    ]
    others = ["data"]
    if fits:
        drawn.append(reporting.create_answer_pipeline(_comparable(fits)))
        drawn.append(reporting.create_comparison_pipeline())
        others.append("comparison")
    if has_dependency:
        drawn.append(reporting.create_dependency_pipeline("screen"))
    if EXPRESSION_SIMULATED in fits.values():
        simulated = EXPRESSION_SIMULATED.screen
        drawn.append(
            reporting.create_expression_data_pipeline(simulated, EXPRESSION_ON_ITS_OWN_SCREEN)
        )
        others.append("expression_data")
    made = reporting.create_report_pipeline(others, source, has_dependency=has_dependency)
    return sum(drawn, made)
