"""Wiring of the dependency model and its calls."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from kedro.pipeline import Node, Pipeline, node

from partialpool.models import DEPENDENCY
from partialpool.pipelines import box
from partialpool.pipelines.calls import nodes
from partialpool.pipelines.results import datasets

NAMESPACE = "calls"
#: Lists of control genes, by the name of their parameter without ``_path``, in the catalog.
GENE_LISTS = {
    "nonessential": "nonessential_genes",
    "common_essential": "common_essential_genes",
}
#: What the fit gives, in the order of its function.
FITTED = (
    *("posterior", "convergence", "verdict"),
    *("effects", "genes", "counts", "contrasts", "lines", "replicate_noise"),
)
#: Tables in DepMap's layout, in the order of their function.
DEPMAP = (
    *("gene_effect", "gene_dependency"),
    *("gene_effect_sd", "gene_effect_lower", "gene_effect_upper"),
)
#: Arguments of nodes, and what they are in the catalog.
INPUTS: Mapping[str, str] = {
    "screen": "screen",
    "left_out": f"{DEPENDENCY}.left_out",
    "inputs": f"params:{DEPENDENCY}.inputs",
    **{
        table: f"{DEPENDENCY}.{table}"
        for table in ("effects", "genes", "counts", "contrasts", "lines")
    },
    "replicates": f"{DEPENDENCY}.replicate_noise",
    "called": f"{NAMESPACE}.effects",
    "truth": "simulation.truth",
}


def create_fit_pipeline(gene_lists: Collection[str] = ()) -> Pipeline:
    """Fit the dependency model, and enforce its verdict.

    Parameters
    ----------
    gene_lists
        Lists of control genes that are given: ``nonessential``, ``common_essential``.
    """
    lists = _lists(gene_lists)
    choose = node(
        nodes.choose_replicates,
        {**_inputs("screen", "inputs"), "settings": f"params:{DEPENDENCY}.qc", **lists},
        f"{DEPENDENCY}.left_out",
        name="choose_replicates",
        namespace=box(DEPENDENCY),
    )
    fit = node(
        nodes.fit,
        {
            **_inputs("screen", "left_out"),
            "settings": f"params:{DEPENDENCY}.fit",
            **_inputs("inputs"),
            "thresholds": "params:convergence",
            **lists,
        },
        list(datasets(DEPENDENCY, FITTED).values()),
        name=DEPENDENCY,
        namespace=box(DEPENDENCY),
    )
    enforce = node(
        nodes.enforce_verdict,
        [f"{DEPENDENCY}.verdict", "params:convergence"],
        None,
        name="enforce_verdict",
        namespace=box(DEPENDENCY),
    )
    return Pipeline([choose], tags=DEPENDENCY) + Pipeline(
        [fit, enforce], tags=[DEPENDENCY, "modeling"]
    )


def create_calls_pipeline(gene_lists: Collection[str] = (), has_truth: bool = False) -> Pipeline:
    """Call dependencies and differences between groups of lines; judge replicates and genes.

    Parameters
    ----------
    gene_lists
        Lists of control genes that are given: ``nonessential``, ``common_essential``.
    has_truth
        Whether effects of genes in lines were planted in the screen.
    """
    lists = _lists(gene_lists)
    recover = _node(
        nodes.recover, ("called", "genes", "truth", "inputs"), "calls", "recovery", lists
    )
    return Pipeline(
        [
            _node(
                nodes.call,
                ("effects", "genes", "counts"),
                "calls",
                ("effects", "hits", "genes"),
                lists,
            ),
            _node(
                nodes.compare,
                ("screen", "left_out", "contrasts", "effects", "inputs"),
                "calls",
                "differential",
            ),
            _node(
                nodes.check_quality,
                ("screen", "lines", "replicates"),
                "qc",
                ("qc", "qc_lines"),
                lists,
            ),
            _node(
                nodes.check_genes,
                ("screen", "left_out", "effects", "lines", "replicates"),
                "trust",
                "trust",
            ),
            _node(nodes.as_in_depmap, ("screen", "effects"), "calls", DEPMAP),
            *([recover] if has_truth else []),
        ],
        tags="calls",
    )


def _inputs(*names: str) -> dict[str, str]:
    return {name: INPUTS[name] for name in names}


def _lists(given: Collection[str]) -> dict[str, str]:
    return {name: GENE_LISTS[name] for name in GENE_LISTS if name in given}


def _node(
    step: Callable[..., Any],
    inputs: Iterable[str],
    settings: str,
    tables: str | Iterable[str],
    lists: Mapping[str, str] | None = None,
) -> Node:
    """A node that is named after its function, with one group of settings."""
    names = {**_inputs(*inputs), "settings": f"params:{DEPENDENCY}.{settings}", **(lists or {})}
    made = f"calls.{tables}" if isinstance(tables, str) else [f"calls.{name}" for name in tables]
    return node(step, names, made, name=step.__name__, namespace=NAMESPACE)
