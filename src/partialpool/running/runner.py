"""The runner that makes only what is not up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro.runner import SequentialRunner

from partialpool.tracking.hooks import NODES_TO_RUN

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline
    from pluggy import PluginManager


class IncrementalRunner(SequentialRunner):
    """Runs nodes one after another, and leaves out those that are up to date, like ``make``.

    The project's hook chooses the nodes before the run (``partialpool.running.hooks``).
    ``--only-missing-outputs`` has no additional effect.
    """

    def __repr__(self) -> str:
        # Kedro-Viz shows the progress of a run if it finds SequentialRunner in this text.
        mine, base = type(self), SequentialRunner
        return (
            f"<{mine.__module__}.{mine.__name__} object, as "
            f"{base.__module__}.{base.__name__} object>"
        )

    def run(
        self,
        pipeline: Pipeline,
        catalog: CatalogProtocol[Any, Any],
        hook_manager: PluginManager | None = None,
        run_id: str | None = None,
        only_missing_outputs: bool = False,  # noqa: ARG002
    ) -> dict[str, Any]:
        """Run the nodes of a pipeline that are not up to date."""
        if NODES_TO_RUN in catalog:
            names = catalog.load(NODES_TO_RUN)
            pipeline = pipeline.filter(node_names=names) if names else type(pipeline)([])
        return super().run(pipeline, catalog, hook_manager, run_id)
