"""The wiring of data engineering."""

from kedro.pipeline import Pipeline, node

from partialpool.pipelines.data_engineering.nodes import prepare_screen


def create_pipeline() -> Pipeline:
    """Make the pipeline from ``raw_screen`` to ``screen`` and ``data_quality``."""
    return Pipeline(
        [
            node(
                prepare_screen,
                inputs=["raw_screen", "params:data_engineering"],
                outputs=["screen", "data_quality"],
                name="prepare_screen",
            )
        ]
    )
