"""The wiring of data engineering."""

from collections.abc import Callable, Mapping
from typing import Any

from kedro.pipeline import Node, Pipeline, node

from partialpool.pipelines.data_engineering import nodes

NAMESPACE = "data_engineering"
SETTINGS = "params:data_engineering"


def create_pipeline(
    raw_screen: str = "raw_screen", gene_lists: Mapping[str, str] | None = None
) -> Pipeline:
    """Make the pipeline from the input table to ``screen`` and ``data_quality``.

    Parameters
    ----------
    raw_screen
        Catalog name of the input table.
    gene_lists
        ``nonessential``, ``common_essential`` -> catalog names of the lists, of those given.
    """
    loaded, remarks, validated, kept, exclusions, categorized, with_copy_number, with_rna = (
        f"{NAMESPACE}.{table}"
        for table in (
            *("loaded", "remarks", "validated", "kept", "exclusions"),
            *("categorized", "with_copy_number", "with_rna"),
        )
    )
    return Pipeline(
        [
            _node(nodes.load_screen, [raw_screen, SETTINGS], [loaded, remarks]),
            _node(nodes.validate, loaded, validated),
            _node(
                nodes.leave_out,
                {"table": validated, "settings": SETTINGS, **(gene_lists or {})},
                [kept, exclusions],
            ),
            _node(nodes.categorize, kept, categorized),
            _node(nodes.scale_copy_number, [categorized, SETTINGS], with_copy_number),
            _node(nodes.scale_rna_expression, with_copy_number, with_rna),
            _node(nodes.mark_mutated, with_rna, "screen"),
            _node(
                nodes.describe_quality,
                [validated, "screen", exclusions, SETTINGS, remarks],
                "data_quality",
            ),
        ],
        tags="data_engineering",
    )


def _node(
    step: Callable[..., Any], inputs: str | list[str] | dict[str, str], outputs: str | list[str]
) -> Node:
    """A node that is named after its function."""
    return node(step, inputs, outputs, name=step.__name__, namespace=NAMESPACE)
