"""Wiring of the simulations."""

from kedro.pipeline import Pipeline, node

from partialpool.pipelines.simulation import nodes

NAMESPACE = "simulation"


def create_pipeline() -> Pipeline:
    """Simulate both screens."""
    return Pipeline(
        [
            node(
                nodes.depmap_screen,
                "params:simulation.depmap_screen",
                ["simulation.raw_screen", "simulation.truth"],
                name="simulate_depmap_screen",
                namespace=NAMESPACE,
            ),
            node(
                nodes.expression_screen,
                "params:simulation.expression_screen",
                ["simulation.expression_screen", "simulation.expression_truth"],
                name="simulate_expression_screen",
                namespace=NAMESPACE,
            ),
        ],
        tags="simulation",
    )
