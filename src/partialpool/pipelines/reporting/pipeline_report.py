"""The wiring of the report and the tables to hand on."""

from collections.abc import Sequence

from kedro.pipeline import Pipeline, node

from partialpool.pipelines.reporting import nodes_report as nodes

TABLES = ("gene_effects", "sgrna_effects", "cell_line_effects")
#: What the report takes from the settings.
SETTINGS = {
    "source": "params:screen_path",
    "intervals": "params:convergence",
    "prediction": "params:prediction",
    "choices": "params:reporting",
}


def create_report_pipeline(fits: Sequence[str], others: Sequence[str]) -> Pipeline:
    """Make the report, and the tables to hand on.

    Parameters
    ----------
    fits, others : sections that the report shows, each in the dataset ``<name>.section``; fits in
        the order of the report
    """
    sections = {name: f"{name}_section" for name in (*fits, *others)}
    return Pipeline(
        [
            node(
                nodes.make_report,
                SETTINGS | {"screen": "screen", "data_quality": "data_quality"} | sections,
                "page",
                name="make_report",
            ),
            node(
                nodes.hand_on,
                [sections[fit] for fit in fits],
                list(TABLES),
                name="tabulate_effects_across_fits",
            ),
        ],
        namespace="reporting",
        inputs={local: f"{name}.section" for name, local in sections.items()}
        | {"screen": "screen", "data_quality": "data_quality"},
        outputs={"page": "report", **{table: f"report.{table}" for table in TABLES}},
        parameters=set(SETTINGS.values()),
        tags=["reporting"],
    )
