"""The wiring of the figures and tables of a screen itself."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from kedro.pipeline import Node, Pipeline, node

from partialpool.pipelines.reporting import nodes_data as nodes
from partialpool.pipelines.reporting.nodes_report import gather_section
from partialpool.tidy.published import estimates_vs_published

FIGURES = (
    nodes.lfc_by_gene,
    nodes.lfc_by_lineage_and_gene,
    nodes.lfc_by_cell_line,
    nodes.copy_number_trend,
    nodes.copy_number_trend_by_gene,
    nodes.rna_trend,
    nodes.rna_trend_by_gene,
)
#: What there is to draw of the expression notebook's simulated screen.
EXPRESSION_FIGURES = (nodes.lfc_by_cell_line, nodes.rna_trend, nodes.rna_trend_by_gene)
#: The outputs that are tables.
TABLES = ("describe", "scale_priors", "estimates_vs_published")


def create_data_pipeline(screen: str, fits: Iterable[str], name: str = "data") -> Pipeline:
    """Draw and tabulate a screen.

    Parameters
    ----------
    screen : catalog name of the modelling table
    fits : whose priors are drawn too
    name : figures become ``<name>.figures.<figure>``, tables ``<name>.tables.<table>``, and all
        of them ``<name>.section``; the namespace is ``reporting.<name>``
    """
    priors = node(
        nodes.prior_scales,
        {"screen": "screen"} | {fit: f"params:modeling.{fit}" for fit in fits},
        ["prior_scales", "scale_priors"],
        name="draw_prior_scales",
    )
    return _pipeline(screen, name, FIGURES, [priors])


def create_expression_data_pipeline(
    screen: str, fit: str, name: str = "expression_data"
) -> Pipeline:
    """Draw and tabulate the simulated screen of the expression notebook, as above.

    Parameters
    ----------
    fit : whose estimates are put beside those that the notebook printed
    """
    beside = node(
        estimates_vs_published,
        ["screen", "convergence"],
        "estimates_vs_published",
        name="put_beside_published",
    )
    return _pipeline(
        screen, name, EXPRESSION_FIGURES, [beside], {"convergence": f"{fit}.convergence"}
    )


def _pipeline(
    screen: str,
    name: str,
    figures: tuple[Callable[..., Any], ...],
    more: list[Node],
    inputs: Mapping[str, str] = MappingProxyType({}),
) -> Pipeline:
    steps = [
        *(node(draw, "screen", draw.__name__, name=f"draw_{draw.__name__}") for draw in figures),
        node(nodes.describe, "screen", "describe", name="describe_screen"),
        *more,
    ]
    outputs = [output for step in steps for output in step.outputs]
    kinds = {output: "tables" if output in TABLES else "figures" for output in outputs}
    gather = node(gather_section, {name: name for name in outputs}, "section", name="gather")
    return Pipeline(
        [*steps, gather],
        namespace=f"reporting.{name}",
        inputs={"screen": screen, **inputs},
        outputs={output: f"{name}.{kind}.{output}" for output, kind in kinds.items()}
        | {"section": f"{name}.section"},
        parameters={item for step in more for item in step.inputs if item.startswith("params:")},
        tags=["reporting"],
    )
