"""The wiring of counts."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal

from kedro.pipeline import Node, Pipeline, node

from partialpool.pipelines.counts import nodes

NAMESPACE = "counts"
SETTINGS = f"params:{NAMESPACE}"
SCREEN, RAW_SCREEN = f"{NAMESPACE}.screen", f"{NAMESPACE}.raw_screen"
SEQUENCE_QC, RECORD = f"{NAMESPACE}.sequence_qc", f"{NAMESPACE}.record"

#: The kinds of inputs, and the parameter with the path of each.
Kind = Literal["counts", "release"]
INPUTS: Mapping[Kind, str] = {"counts": "counts_path", "release": "depmap_dir"}


def create_pipeline(
    kind: Kind, *, has_guides: bool = True, gene_lists: Collection[str] = ()
) -> Pipeline:
    """Make the pipeline from the input to the raw screen table.

    Parameters
    ----------
    kind
        ``counts``: a matrix of counts and a sample sheet. ``release``: a folder.
    has_guides
        Whether there is a guide map. Otherwise the matrix has a column of genes.
    gene_lists
        Lists of control genes that are given.
    """
    lists = {"nonessential": "nonessential_genes"} if "nonessential" in gene_lists else {}
    if kind == "counts":
        step: Callable[..., Any] = nodes.read_counts
        inputs = {"counts": "count_table", "samples": "sample_sheet", "settings": SETTINGS}
        inputs |= {"guides": "guide_map"} if has_guides else {}
    else:
        step = nodes.read_release
        inputs = {"release": "depmap_release", "settings": SETTINGS, "how": "params:depmap"}
    return Pipeline(
        [
            _node(step, inputs | lists, SCREEN),
            _node(nodes.check_sequences, SCREEN, SEQUENCE_QC),
            _node(nodes.compute_fold_changes, [SCREEN, SETTINGS], [RAW_SCREEN, RECORD]),
        ],
        tags=[NAMESPACE, "data_engineering"],
    )


def _node(step: Callable[..., Any], inputs: Any, outputs: str | list[str]) -> Node:
    """A node that is named after its function."""
    return node(step, inputs, outputs, name=step.__name__, namespace=NAMESPACE)
