"""Wiring of what is predicted and scored."""

from collections.abc import Callable, Iterable
from typing import Any

from kedro.pipeline import Pipeline, node

from partialpool.pipelines import MODELS_BOX, box
from partialpool.pipelines.bound import Bound
from partialpool.pipelines.evaluation import nodes

OUTPUTS = ("predictions", "replicates", "scores", "loo", "gene_scores")
#: What a fit to a simulated screen gives besides.
OF_TRUTH = ("recovery", "coverage")
#: Of all models side by side.
COMPARISON = "comparison.tables.model_comparison"


def create_pipeline(name: str, screen: str, truth: str | None = None) -> Pipeline:
    """Hold one fit to the measurements and, of a simulated screen, to what was planted.

    Parameters
    ----------
    name
        Of the fit, such as ``cell_line``.
    screen
        Catalog name of the modelling table.
    truth
        Catalog name of the planted truth, if the screen was simulated.
    """
    # In the order of the function's arguments: Kedro reads the types of parameters off it.
    inputs = {
        "table": screen,
        "posterior": f"{name}.posterior",
        "settings": f"params:modeling.{name}",
        "keep": "params:prediction",
        "how": "params:scores",
    }
    evaluate: Callable[..., Any] = nodes.evaluate
    outputs: tuple[str, ...] = OUTPUTS
    if truth:
        inputs |= {"summary": f"{name}.convergence", "truth": truth}
        evaluate, outputs = Bound(nodes.evaluate_with_truth, name=name), OUTPUTS + OF_TRUTH
    saved = [f"{name}.{output}" for output in outputs]
    step = node(evaluate, inputs, saved, name="evaluate", namespace=box(name))
    return Pipeline([step], tags=[name, "evaluation"])


def create_comparison_pipeline(fits: Iterable[str]) -> Pipeline:
    """Rank fits to one screen."""
    loos = {name: f"{name}.loo" for name in fits}
    return Pipeline(
        [
            node(
                nodes.compare_models,
                loos,
                COMPARISON,
                name="compare_models",
                namespace=MODELS_BOX,
            )
        ],
        tags="evaluation",
    )
