"""Every pipeline by the name that ``kedro run --pipelines`` takes."""

from kedro.pipeline import Pipeline

from partialpool.models import MODELS
from partialpool.pipelines import data_engineering, modeling, simulation

#: The expression model on the notebook's own simulated screen.
EXPRESSION_SIMULATED = "expression_simulated"


def register_pipelines() -> dict[str, Pipeline]:
    """Pipelines on the default input, the simulated screen."""
    return build_pipelines(screen_is_simulated=True)


def build_pipelines(screen_is_simulated: bool) -> dict[str, Pipeline]:
    """Every pipeline, on the simulated screen or on the user's own.

    A model's pipeline starts from the input table, so that ``--pipelines gene`` alone works.
    """
    truth = "simulation.truth" if screen_is_simulated else None
    prepare = data_engineering.create_pipeline(
        "simulation.raw_screen" if screen_is_simulated else "raw_screen"
    )
    simulate = simulation.create_pipeline() if screen_is_simulated else Pipeline([])
    fits = {name: modeling.create_pipeline(name, "screen", truth) for name in MODELS}
    pipelines = {name: simulate + prepare + fit for name, fit in fits.items()}
    if screen_is_simulated:
        fits[EXPRESSION_SIMULATED] = modeling.create_pipeline(
            EXPRESSION_SIMULATED, "simulation.expression_screen", "simulation.expression_truth"
        )
        pipelines[EXPRESSION_SIMULATED] = simulate + fits[EXPRESSION_SIMULATED]
    return {
        "__default__": sum(fits.values(), simulate + prepare),
        "simulation": simulation.create_pipeline(),
        "data_engineering": simulate + prepare,
        "modeling": sum(fits.values(), Pipeline([])),
        **pipelines,
    }
