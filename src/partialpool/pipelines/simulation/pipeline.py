"""Wiring of the simulations."""

from kedro.pipeline import Pipeline, node

from partialpool.pipelines.simulation import nodes


def create_pipeline() -> Pipeline:
    """Simulate both screens."""
    return Pipeline(
        [
            node(
                nodes.depmap_screen,
                "params:simulation.depmap_screen",
                ["raw_screen", "truth"],
                name="simulate_depmap_screen",
            ),
            node(
                nodes.expression_screen,
                "params:simulation.expression_screen",
                ["expression_screen", "expression_truth"],
                name="simulate_expression_screen",
            ),
        ],
        namespace="simulation",
        parameters={
            "params:simulation.depmap_screen": "params:simulation.depmap_screen",
            "params:simulation.expression_screen": "params:simulation.expression_screen",
        },
        tags="simulation",
    )
