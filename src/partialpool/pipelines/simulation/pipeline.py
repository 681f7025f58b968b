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


def create_counts_pipeline() -> Pipeline:
    """Simulate read counts of the DepMap-like screen: the files that a user starts from."""
    counts = node(
        nodes.counts,
        ["simulation.raw_screen", "params:simulation.counts"],
        ["simulation.counts", "simulation.guides", "simulation.samples"],
        name="simulate_counts",
        namespace=NAMESPACE,
    )
    return create_pipeline().to_outputs("simulation.raw_screen") + Pipeline(
        [counts], tags="simulation"
    )
