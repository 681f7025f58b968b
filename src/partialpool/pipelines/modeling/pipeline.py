"""Wiring of one model's pipeline."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from kedro.pipeline import Pipeline, node

from partialpool.pipelines.modeling import nodes


def create_pipeline(name: str, screen: str, truth: str | None = None) -> Pipeline:
    """Fit, check and predict; ``name`` is the namespace and the key of the settings.

    Parameters
    ----------
    name : namespace, such as ``cell_line``
    screen : catalog name of the modelling table
    truth : catalog name of the planted truth, if the screen was simulated
    """
    steps = [
        node(nodes.draw_graph, ["screen", "params:fit"], "graph", name="draw_graph"),
        node(
            nodes.sample_prior,
            ["screen", "params:fit", "params:prediction"],
            "prior",
            name="sample_prior",
        ),
        node(
            _Named(nodes.fit, name),
            ["screen", "params:fit"],
            "posterior",
            name="fit",
        ),
        node(
            nodes.check_convergence,
            ["posterior", "params:convergence"],
            ["convergence", "verdict"],
            name="check_convergence",
        ),
        node(
            nodes.enforce_verdict,
            ["verdict", "params:convergence"],
            None,
            name="enforce_verdict",
        ),
        node(
            nodes.predict,
            ["screen", "posterior", "params:fit", "params:prediction"],
            ["predictions", "replicates"],
            name="predict",
        ),
        node(
            nodes.score,
            ["screen", "posterior", "predictions", "params:fit", "params:scores"],
            ["scores", "loo"],
            name="score",
        ),
        node(
            nodes.score_genes,
            ["predictions", "params:prediction"],
            "gene_scores",
            name="score_genes",
        ),
        node(
            nodes.tabulate_effects,
            ["screen", "posterior", "convergence", "params:fit"],
            "effects",
            name="tabulate_effects",
        ),
    ]
    if truth:
        steps.append(
            node(
                _Named(nodes.compare_with_truth, name),
                ["screen", "convergence", "truth", "params:fit"],
                ["recovery", "coverage"],
                name="compare_with_truth",
            )
        )
    return Pipeline(
        steps,
        namespace=name,
        inputs={"screen": screen} | ({"truth": truth} if truth else {}),
        parameters={
            "params:fit": f"params:modeling.{name}",
            "params:prediction": "params:prediction",
            "params:scores": "params:scores",
            "params:convergence": "params:convergence",
        },
        tags=[name, "modeling"],
    )


class _Named:
    """A node's function that is told the name of its fit.

    Kedro sees the signature of the function itself. A ``partial`` would lose that on its way to
    a worker process.
    """

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        self._function, self._name = function, name
        update_wrapper(self, function)

    def __call__(self, *inputs: Any) -> Any:
        return self._function(*inputs, name=self._name)
