"""The wiring of data engineering."""

from kedro.pipeline import Pipeline, node

from partialpool.pipelines.data_engineering.nodes import prepare_screen


def create_pipeline(raw_screen: str = "raw_screen") -> Pipeline:
    """Make the pipeline from the input table to ``screen`` and ``data_quality``.

    Parameters
    ----------
    raw_screen : catalog name of the input table
    """
    return Pipeline(
        [
            node(
                prepare_screen,
                inputs=["raw_screen", "params:data_engineering"],
                outputs=["screen", "data_quality"],
                name="prepare_screen",
            )
        ],
        namespace="data_engineering",
        inputs={"raw_screen": raw_screen},
        outputs={"screen", "data_quality"},
        parameters={"params:data_engineering": "params:data_engineering"},
        tags="data_engineering",
    )
