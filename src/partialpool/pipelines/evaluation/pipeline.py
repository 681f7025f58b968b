"""Wiring of predictions and scores."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from kedro.pipeline import Pipeline, node

from partialpool.pipelines import MODELS_BOX, box
from partialpool.pipelines.bound import Bound
from partialpool.pipelines.evaluation import nodes
from partialpool.pipelines.results import EVALUATED, OF_TRUTH, datasets

#: Comparison of all models.
COMPARISON = "comparison.tables.model_comparison"


def create_pipeline(
    name: str, screen: str, truth: str | None = None, save: Collection[str] = ()
) -> Pipeline:
    """Hold one fit to the measurements and, of a simulated screen, to what was planted.

    Parameters
    ----------
    name
        Name of the fit, such as ``cell_line``.
    screen
        Catalog name of the modelling table.
    truth
        Catalog name of the planted truth, if the screen was simulated.
    save
        What is saved on request; with ``replicates``, screens simulated from the fit.
    """
    # In the order of the function's arguments, from which Kedro takes the types of parameters.
    inputs = {
        "table": screen,
        "posterior": f"{name}.posterior",
        "settings": f"params:modeling.{name}",
        "keep": "params:prediction",
        "how": "params:scores",
    }
    evaluate: Callable[..., Any] = nodes.evaluate
    results: tuple[str, ...] = EVALUATED
    if truth:
        inputs |= {"summary": f"{name}.convergence", "truth": truth}
        inputs |= {"intervals": "params:convergence"}
        evaluate, results = Bound(nodes.evaluate_with_truth, name=name), EVALUATED + OF_TRUTH
    saved = list(datasets(name, results).values())
    step = node(evaluate, inputs, saved, name="evaluate", namespace=box(name))
    replicate = node(
        nodes.replicate,
        {key: inputs[key] for key in ("table", "posterior", "settings", "keep")},
        f"{name}.replicates",
        name="replicate",
        namespace=box(name),
    )
    wanted = [replicate] if "replicates" in save else []
    return Pipeline([step, *wanted], tags=[name, "evaluation"])


def create_comparison_pipeline(fits: Iterable[str]) -> Pipeline:
    """Rank fits to one screen by leave-one-out prediction."""
    names = list(fits)
    rank = node(
        nodes.compare_models,
        {name: f"{name}.loo" for name in names},
        COMPARISON,
        name="compare_models",
        namespace=MODELS_BOX,
    )
    return Pipeline([rank], tags="evaluation")
