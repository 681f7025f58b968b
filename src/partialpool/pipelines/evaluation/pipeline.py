"""Wiring of predictions and scores."""

from collections.abc import Callable, Iterable

from kedro.pipeline import Pipeline, node

from partialpool.pipelines import MODELS_BOX, box
from partialpool.pipelines.bound import Bound
from partialpool.pipelines.evaluation import nodes

OUTPUTS = ("predictions", "replicates", "scores", "loo", "gene_scores")
#: Additional outputs for a fit to a simulated screen.
OF_TRUTH = ("recovery", "coverage")
#: Comparison of all models.
COMPARISON = "comparison.tables.model_comparison"


def create_pipeline(name: str, screen: str, truth: str | None = None) -> Pipeline:
    """Compare one fit with the measurements and, for a simulated screen, with the planted truth.

    Parameters
    ----------
    name
        Name of the fit, such as ``cell_line``.
    screen
        Catalog name of the modelling table.
    truth
        Catalog name of the planted truth, if the screen was simulated.
    """
    # In the order of the function's arguments, from which Kedro takes the types of parameters.
    inputs = {
        "table": screen,
        "posterior": f"{name}.posterior",
        "settings": f"params:modeling.{name}",
        "keep": "params:prediction",
        "how": "params:scores",
    }
    evaluate: Callable = nodes.evaluate
    outputs: tuple[str, ...] = OUTPUTS
    if truth:
        inputs |= {"summary": f"{name}.convergence", "truth": truth}
        evaluate, outputs = Bound(nodes.evaluate_with_truth, name=name), OUTPUTS + OF_TRUTH
    saved = [f"{name}.{output}" for output in outputs]
    step = node(evaluate, inputs, saved, name="evaluate", namespace=box(name))
    return Pipeline([step], tags=[name, "evaluation"])


def create_comparison_pipeline(fits: Iterable[str]) -> Pipeline:
    """Rank the fits of one screen."""
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
