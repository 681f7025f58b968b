"""Wiring of the dependency model and its calls."""

from collections.abc import Collection, Mapping

from kedro.pipeline import Pipeline, node

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
#: What is called, and judged, in the order of the functions.
CALLED = ("effects", "hits", "genes", "differential")
CHECKED = ("qc", "qc_lines", "trust")
#: Arguments with the settings of judgements, and their groups.
JUDGES = {"quality": "qc", "trust": "trust"}
#: Tables in DepMap's layout.
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
    settings = {"settings": f"params:{DEPENDENCY}.calls"}
    judges = {name: f"params:{DEPENDENCY}.{group}" for name, group in JUDGES.items()}
    fit = _inputs("screen", "left_out", "effects")
    call = node(
        nodes.call,
        {**fit, **_inputs("genes", "counts", "contrasts", "inputs"), **settings, **lists},
        [f"{NAMESPACE}.{name}" for name in (*CALLED, *DEPMAP)],
        name="call",
        namespace=NAMESPACE,
    )
    check = node(
        nodes.check,
        {**fit, **_inputs("lines", "replicates"), **judges, **lists},
        [f"{NAMESPACE}.{name}" for name in CHECKED],
        name="check",
        namespace=NAMESPACE,
    )
    recover = node(
        nodes.recover,
        {**_inputs("called", "genes", "truth", "inputs"), **settings, **lists},
        f"{NAMESPACE}.recovery",
        name="recover",
        namespace=NAMESPACE,
    )
    return Pipeline([call, check, *([recover] if has_truth else [])], tags="calls")


def _inputs(*names: str) -> dict[str, str]:
    return {name: INPUTS[name] for name in names}


def _lists(given: Collection[str]) -> dict[str, str]:
    return {name: GENE_LISTS[name] for name in GENE_LISTS if name in given}
