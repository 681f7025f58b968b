"""Kedro's hooks: checks before a run, the choice of its nodes, records, and its last lines."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.framework.project import pipelines
from kedro.io import MemoryDataset
from omegaconf.errors import OmegaConfBaseException

from partialpool.datasets.whole_file import HIDDEN, remove_abandoned
from partialpool.errors import ScreenError
from partialpool.models import DEPENDENCY, MODEL_NAMES
from partialpool.models.requirements import require_inputs
from partialpool.pipeline_registry import EMPTY, build_pipelines
from partialpool.pipelines.calls.pipeline import GENE_LISTS
from partialpool.pipelines.counts import INPUTS
from partialpool.pipelines.counts import create_pipeline as create_counts
from partialpool.pipelines.data_engineering import pipeline as data_engineering
from partialpool.running.earlier_results import (
    require_earlier_results,
    require_nothing_out_of_date,
)
from partialpool.running.ending import last_words
from partialpool.running.failures import show_only_messages
from partialpool.running.inspection import Inspection
from partialpool.running.parameters import (
    ParameterError,
    ProjectParameters,
    check_parameters,
    not_resolved,
    plain,
)
from partialpool.running.plan import make_plan
from partialpool.running.recorder import Recorder
from partialpool.running.runner import IncrementalRunner
from partialpool.tracking.hooks import NODES_TO_RUN

if TYPE_CHECKING:
    import pandas as pd
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node

    from partialpool.calls.inputs import DependencyInputs

logger = logging.getLogger(__name__)

#: The table that models are fitted to, unless a fit has its own.
SCREEN = "screen"
#: The namespace of the nodes that read and check the input table.
INPUT = data_engineering.NAMESPACE
#: The nodes of a fit have this tag.
FIT_TAG = "modeling"
POSTERIOR = ".posterior"
#: The folders under ``data_root`` in which datasets and records are saved, such as ``01_raw``.
LAYERS = ("[0-9][0-9]_*", ".made_from")


class ProjectHooks:
    """Checks parameters and earlier results, and chooses the nodes that run."""

    def __init__(self) -> None:
        self._models: list[str] = []
        self._inputs: DependencyInputs | None = None
        self._input: str | None = None
        self._recorder = Recorder(_inspect)

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Stop before anything runs if a parameter is wrong; choose the input and the models."""
        show_only_messages()
        parameters = check_parameters(_resolved(context))
        self._inputs = parameters.dependency.inputs
        self._input = parameters.source and getattr(parameters, parameters.source)
        built = build_pipelines(
            parameters.source is None,
            parameters.models,
            parameters.save,
            parameters.gene_lists,
            parameters.simulation.depmap_screen.deviations.planted,
            _counted(parameters),
            parameters.source or "screen_path",
        )
        pipelines.clear()  # what was registered for other parameters must not stay
        pipelines.update(built)

    @hook_impl(tryfirst=True)  # a run that can't begin is not recorded
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]
    ) -> None:
        """Stop if earlier results or columns are missing; choose the nodes that run."""
        for name in pipeline.inputs() & {*GENE_LISTS.values()}:
            catalog.load(name)  # a list that can't be used stops the run before the first fit
        inspection = _inspect(catalog)
        _tidy(Path(run_params["project_path"], inspection.parameters["tracking"]["data_root"]))
        nodes = {node.name: node for node in pipeline.nodes}
        if _keeps(run_params):
            forced = _forced(pipeline) if inspection.parameters["reuse"]["force"] else ()
            plan = make_plan(pipeline, inspection, forced)
            nodes = {name: nodes[name] for name in plan.run}
        if _keeps(run_params) or not run_params.get("only_missing_outputs"):
            require_earlier_results(pipeline, inspection, pipelines)
        else:
            require_nothing_out_of_date(pipeline, inspection)
        self._models = _fitted(nodes)
        if self._models and not any(SCREEN in node.outputs for node in nodes.values()):
            self._require_inputs(catalog.load(SCREEN))
        if _keeps(run_params):
            catalog[NODES_TO_RUN] = MemoryDataset([*nodes])
            for line in plan.describe():
                logger.info(line)

    @hook_impl
    def before_node_run(self, node: Node, catalog: CatalogProtocol[Any, Any]) -> None:
        """Note what the outputs of the node are made from."""
        self._recorder.start(node, catalog)

    @hook_impl
    def after_node_run(self, node: Node, outputs: dict[str, Any]) -> None:
        """Stop before the first fit if the screen lacks a column or rows that a model needs."""
        if SCREEN in node.outputs:
            self._require_inputs(outputs[SCREEN])

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, node: Node) -> None:
        """Write the record of the node when its last output is saved."""
        self._recorder.saved(node, dataset_name)

    @hook_impl(trylast=True)
    def after_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]
    ) -> None:
        """Log where the report is, or the command that makes one."""
        for line in last_words(run_params, pipeline, catalog):
            logger.info(line)

    @hook_impl(tryfirst=True)  # before the note that names the node
    def on_node_error(self, error: Exception, node: Node) -> None:
        """Name the file of the input table if something is wrong with it."""
        is_about_input = isinstance(error, ScreenError) and node.namespace == INPUT
        if is_about_input and self._input is not None:
            error.add_note(f"In {self._input}")

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Show only the message of an error that the user can fix, whatever was imported since."""
        show_only_messages()

    def _require_inputs(self, screen: pd.DataFrame) -> None:
        require_inputs(screen, self._models)
        if DEPENDENCY in self._models and self._inputs is not None:
            self._inputs.groups(screen)  # refuses contrasts that the screen does not have


def _resolved(context: KedroContext) -> dict[str, Any]:
    """Read all parameters, with every ``${...}`` replaced."""
    try:
        return dict(context.config_loader["parameters"])
    except OmegaConfBaseException as error:
        raise ParameterError(not_resolved(error.full_key, str(error))) from None


def _tidy(data_root: Path) -> None:
    """Remove what runs that were killed left unfinished, wherever this run will write."""
    for pattern in LAYERS:
        for layer in data_root.glob(pattern):
            remove_abandoned(layer.rglob(HIDDEN))


def _inspect(catalog: CatalogProtocol[Any, Any]) -> Inspection:
    """Inspect the project, with its checked parameters."""
    parameters = check_parameters(plain(catalog.load("parameters")))
    return Inspection(catalog, pipelines, parameters.model_dump(mode="json"))


def _counted(parameters: ProjectParameters) -> Pipeline:
    """The pipeline from counts or a DepMap release to the raw screen table, if one is given."""
    for kind, path in INPUTS.items():
        if parameters.source == path:
            has_guides = parameters.guides_path is not None
            return create_counts(kind, has_guides=has_guides, gene_lists=parameters.gene_lists)
    return EMPTY


def _keeps(run_params: dict[str, Any]) -> bool:
    return f".{IncrementalRunner.__name__} " in run_params["runner"]


def _forced(pipeline: Pipeline) -> list[str]:
    return [node.name for node in pipeline.nodes if FIT_TAG in node.tags and node.outputs]


def _fitted(nodes: dict[str, Node]) -> list[str]:
    """The models that are fitted to the screen."""
    fitted = {
        output.removesuffix(POSTERIOR)
        for node in nodes.values()
        if SCREEN in node.inputs
        for output in node.outputs
        if output.endswith(POSTERIOR)
    }
    return [name for name in MODEL_NAMES if name in fitted]
