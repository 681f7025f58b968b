"""Wiring of one hierarchical model."""

from collections.abc import Collection

from kedro.pipeline import Pipeline, node

from partialpool.pipelines import box
from partialpool.pipelines.bound import Bound
from partialpool.pipelines.modeling import nodes
from partialpool.pipelines.results import FITTED, datasets


def create_pipeline(name: str, screen: str, save: Collection[str] = ()) -> Pipeline:
    """Fit one model, and enforce its verdict.

    The verdict has a node of its own. When it stops a run, everything that the fit gave is saved,
    and it is reported again when the fit is reused.

    Parameters
    ----------
    name
        Name of the fit, such as ``cell_line``; its node, datasets and settings bear it.
    screen
        Catalog name of the modelling table.
    save
        What is saved on request; with ``prior``, draws from the prior.
    """
    settings = f"params:modeling.{name}"
    fit = node(
        Bound(nodes.fit, name=name),
        [screen, settings, "params:convergence"],
        list(datasets(name, FITTED).values()),
        name=name,
        namespace=box(name),
    )
    enforce = node(
        nodes.enforce_verdict,
        [f"{name}.verdict", "params:convergence"],
        None,
        name="enforce_verdict",
        namespace=box(name),
    )
    draw_prior = node(
        nodes.draw_prior,
        [screen, settings, "params:prediction"],
        f"{name}.prior",
        name="draw_prior",
        namespace=box(name),
    )
    wanted = [draw_prior] if "prior" in save else []
    return Pipeline([fit, enforce, *wanted], tags=[name, "modeling"])
