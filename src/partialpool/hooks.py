"""What happens around a Kedro run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.framework.project import pipelines

from partialpool.earlier_runs import require_earlier_outputs, require_one_fit_each
from partialpool.failures import tell_plainly
from partialpool.models import MODELS
from partialpool.models.requirements import require_inputs
from partialpool.pipeline_registry import build_pipelines
from partialpool.pipelines import box
from partialpool.project_parameters import check_parameters

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node

#: The dataset that models are fitted to, unless they bring one of their own.
SCREEN = "screen"


class ProjectHooks:
    """Checks parameters and the screen first, and points the pipelines at the user's own screen."""

    def __init__(self) -> None:
        self._models: list[str] = []

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Stop before anything runs if a parameter is wrong; choose the input and the models."""
        tell_plainly()
        parameters = check_parameters(context.config_loader["parameters"])
        built = build_pipelines(parameters.screen_path is None, parameters.models)
        pipelines.clear()  # what was registered for other parameters must not stay
        pipelines.update(built)

    @hook_impl(tryfirst=True)  # before a run that can't begin is recorded
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol
    ) -> None:
        """Stop if an earlier run or its screen won't do; note which models will be fitted."""
        if not run_params.get("only_missing_outputs"):  # may need less than the whole pipeline
            require_earlier_outputs(pipeline, catalog, pipelines)
            require_one_fit_each(pipeline, catalog)
        fitted = {node.name for node in pipeline.nodes if SCREEN in node.inputs}
        self._models = [name for name in MODELS if f"{box(name)}.{name}" in fitted]
        if self._models and SCREEN in pipeline.inputs():
            require_inputs(catalog.load(SCREEN), self._models)

    @hook_impl
    def after_node_run(self, node: Node, outputs: dict[str, Any]) -> None:
        """Stop before the first fit if the screen lacks what some model needs."""
        if SCREEN in node.outputs:
            require_inputs(outputs[SCREEN], self._models)

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Let the error's message stand alone, whatever was imported since."""
        tell_plainly()
