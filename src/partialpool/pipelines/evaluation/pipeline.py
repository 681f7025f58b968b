"""Wiring of what is predicted and scored."""

from collections.abc import Iterable

from kedro.pipeline import Pipeline, node

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
    name : of the fit, such as ``cell_line``
    screen : catalog name of the modelling table
    truth : catalog name of the planted truth, if the screen was simulated
    """
    settings = f"params:modeling.{name}"
    steps = [
        node(
            nodes.evaluate,
            [screen, f"{name}.posterior", settings, "params:prediction", "params:scores"],
            [f"{name}.{output}" for output in OUTPUTS],
            name="evaluate",
            namespace=name,
        )
    ]
    if truth:
        steps.append(
            node(
                Bound(nodes.compare_with_truth, name=name),
                [screen, f"{name}.convergence", truth, settings],
                [f"{name}.{output}" for output in OF_TRUTH],
                name="compare_with_truth",
                namespace=name,
            )
        )
    return Pipeline(steps, tags=[name, "evaluation"])


def create_comparison_pipeline(fits: Iterable[str]) -> Pipeline:
    """Rank fits to one screen."""
    loos = {name: f"{name}.loo" for name in fits}
    return Pipeline(
        [node(nodes.compare_models, loos, COMPARISON, name="compare_models")],
        tags="evaluation",
    )
