"""Wiring of one hierarchical model."""

from kedro.pipeline import Pipeline, node

from partialpool.pipelines import box
from partialpool.pipelines.bound import Bound
from partialpool.pipelines.modeling import nodes

#: What a model's node gives, each saved as ``<model>.<output>``.
OUTPUTS = ("posterior", "prior", "convergence", "verdict", "effects")


def create_pipeline(name: str, screen: str) -> Pipeline:
    """Fit one model, and enforce its verdict.

    The verdict has a node of its own. When that stops a run, everything that the fit gave is
    saved; and it speaks again where the fit itself is used again.

    Parameters
    ----------
    name
        Of the fit, such as ``cell_line``: of its node, its datasets and
        its settings.
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
