"""The wiring of the report and the tables to hand on."""

from collections.abc import Collection, Iterable, Mapping

from kedro.pipeline import Pipeline, node

from partialpool.pipelines.reporting import nodes_report as nodes
from partialpool.report.assemble import RESULTS, TRUTH_RESULTS, local_name

#: What the tables to hand on are made of.
HANDED_ON = ("verdict", "effects")
TABLES = ("gene_effects", "sgrna_effects", "cell_line_effects")
SETTINGS = "params:modeling"
INTERVALS = "params:convergence"


def create_report_pipeline(
    screens: Mapping[str, str], with_truth: Collection[str], shown: Iterable[str]
) -> Pipeline:
    """Make the report of some fits, and the tables to hand on.

    Parameters
    ----------
    screens : fit -> catalog name of the modelling table that it was made on; fits in the order
        of the report
    with_truth : the fits that have ``<fit>.recovery`` and ``<fit>.coverage``
    shown : catalog names of the figures and tables that the report shows, each
        ``<section>.figures.<figure>`` or ``<section>.tables.<table>``; a section is a fit or
        something else, such as ``data``
    """
    results = _of_fits(screens, RESULTS)
    truths = _of_fits([fit for fit in screens if fit in with_truth], TRUTH_RESULTS)
    handed_on = _of_fits(screens, HANDED_ON)
    tables = {local_name(f"{fit}.screen"): screen for fit, screen in screens.items()}
    pictures = _local(sorted(shown))
    whole = {"screen": "screen", "data_quality": "data_quality"}
    everything = whole | tables | results | truths | pictures
    return Pipeline(
        [
            node(
                nodes.make_report,
                {"modeling": SETTINGS, "convergence": INTERVALS} | _same(everything),
                "page",
                name="make_report",
            ),
            node(
                nodes.hand_on,
                {"modeling": SETTINGS} | _same(tables | handed_on),
                list(TABLES),
                name="tabulate_effects_across_fits",
            ),
        ],
        namespace="reporting",
        inputs=everything,
        outputs={"page": "report", **{table: f"report.{table}" for table in TABLES}},
        parameters={SETTINGS, INTERVALS},
        tags=["reporting"],
    )


def _of_fits(fits: Iterable[str], kinds: Collection[str]) -> dict[str, str]:
    """What fits gave, by the names that the nodes take it by."""
    return _local(f"{fit}.{kind}" for fit in fits for kind in kinds)


def _local(datasets: Iterable[str]) -> dict[str, str]:
    """Datasets by the names that the nodes take them by."""
    return {local_name(dataset): dataset for dataset in datasets}


def _same(names: Iterable[str]) -> dict[str, str]:
    """Arguments that are called what their datasets are."""
    return {name: name for name in names}
