"""Wiring of one hierarchical model."""

from kedro.pipeline import Pipeline, node

from partialpool.pipelines import box
from partialpool.pipelines.bound import Bound
from partialpool.pipelines.modeling import nodes

#: Outputs of a model's node, saved as ``<model>.<output>``.
OUTPUTS = ("posterior", "prior", "convergence", "verdict", "effects")


def create_pipeline(name: str, screen: str) -> Pipeline:
    """Fit one model, and enforce its verdict.

    The verdict has a node of its own. So if it stops a run, all outputs of the fit are already
    saved. It also logs the verdict of a fit that is kept from an earlier run.

    Parameters
    ----------
    name
        Name of the fit, such as ``cell_line``, of its node, its datasets and its settings.
    screen
        Catalog name of the modelling table.
    """
    return Pipeline(
        [
            node(
                Bound(nodes.fit, name=name),
                [screen, f"params:modeling.{name}", "params:prediction", "params:convergence"],
                [f"{name}.{output}" for output in OUTPUTS],
                name=name,
                namespace=box(name),
            ),
            node(
                nodes.enforce_verdict,
                [f"{name}.verdict", "params:convergence"],
                None,
                name="enforce_verdict",
                namespace=box(name),
            ),
        ],
        tags=[name, "modeling"],
    )
