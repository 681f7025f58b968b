"""Kedro's hooks that record runs with MLflow.

Why not kedro-mlflow (2.0.3, from its code): it opens one MLflow run per ``kedro run``, so the
metrics of models differ only in prefixes and can't be compared side by side. It works through
``mlflow.start_run``, whose active run is a global of each thread and unknown in worker processes.
It connects to the store when *any* Kedro command makes a context, and a server that is down ends
that command. It does not notice Ctrl-C or SIGTERM. What is needed here is small: compare the
catalog before and after, and send MLflow what is new.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.framework.hooks import hook_impl

from partialpool.parameters import flatten
from partialpool.tracking.interruption import Interruption
from partialpool.tracking.tracking_settings import TrackingSettings

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node

    from partialpool.tracking.outputs import Outputs
    from partialpool.tracking.records import FitRecord
    from partialpool.tracking.run import Status, TrackedRun

logger = logging.getLogger(__name__)

#: Parameters with the path of the input.
INPUTS = ("screen_path", "counts_path", "depmap_dir")
#: The start of the note on an error that names its node, also after a worker process.
NODE_NOTE = "In node "
MEGABYTE = 1e6
#: The pipeline that runs if no other is asked for.
DEFAULT = "__default__"
#: The dataset that lists the nodes that will run, if some may be left out.
NODES_TO_RUN = "nodes_to_run"


class TrackingHooks:
    """Records every ``kedro run`` as an MLflow run, and every fit made in it as its child.

    A run that fits nothing (figures only, fits kept) is recorded without children; one that makes
    nothing at all is not recorded.
    """

    def __init__(self) -> None:
        self._run: TrackedRun | None = None
        self._outputs: Outputs | None = None
        self._interruption = Interruption(self._interrupted)

    @hook_impl
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]
    ) -> None:
        """Open the run."""
        self._interrupted("KeyboardInterrupt")  # an earlier run of this process, if still open
        parameters = catalog.load("parameters")
        settings = TrackingSettings.model_validate(parameters["tracking"])
        if not settings.enabled or not _makes_something(pipeline, catalog):
            return
        from partialpool.tracking.outputs import Outputs
        from partialpool.tracking.records import run_tags, screen_name, title
        from partialpool.tracking.run import TrackedRun

        project, names = Path(run_params["project_path"]), _pipelines(run_params)
        screen = screen_name(next(filter(None, map(parameters.get, INPUTS)), None))
        limit = settings.max_artifact_mb * MEGABYTE
        outputs = Outputs(pipeline, catalog, screen, settings.figures, limit)
        run = TrackedRun(settings, project, title(screen, f"run of {names}" if names else "run"))
        tags = {"screen": screen, "pipelines": names or DEFAULT, **dict(run_tags(project))}
        run.start(tags, _params(run_params))
        if run.failure and settings.on_unreachable == "raise":
            _refuse(run)
        self._run, self._outputs = run, outputs
        self._interruption.watch()

    @hook_impl
    def on_node_error(self, error: Exception, node: Node) -> None:
        """Note the node on the error, which may come from a worker process."""
        error.add_note(f"{NODE_NOTE}{node.name}")

    @hook_impl
    def after_pipeline_run(self) -> None:
        """Record the fits and close the run."""
        run = self._finish("FINISHED")
        if run and run.failure and run.settings.on_unreachable == "raise":
            _refuse(run)

    @hook_impl
    def on_pipeline_error(self, error: Exception) -> None:
        """Record the fits that were made, and the error."""
        self._finish("FAILED", error)

    def _interrupted(self, signal_name: str) -> None:
        if self._run:
            logger.warning(
                "Interrupted. Finished results are saved; the next run continues from them."
            )
        self._finish("KILLED", f"interrupted ({signal_name})")

    def _finish(self, status: Status, error: Exception | str = "") -> TrackedRun | None:
        run, outputs = self._run, self._outputs
        self._run = self._outputs = None
        self._interruption.stop()
        if run and outputs:
            failed_node = _failed_node(error)
            for record in outputs.fits():
                run.log_fit(record, *_outcome(record, status, failed_node, error))
            for record in outputs.fits_used_again():
                run.log_lost_fit(record)
            run.finish(status, outputs.files(), error)
        return run


def _makes_something(pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]) -> bool:
    """Whether a run will run any node that has outputs."""
    if NODES_TO_RUN not in catalog:
        return True
    names = set(catalog.load(NODES_TO_RUN))
    return any(node.outputs for node in pipeline.nodes if node.name in names)


def _outcome(
    record: FitRecord, status: Status, failed_node: str, error: Exception | str
) -> tuple[Status, str]:
    """Status and error of a fit in a run that ended with ``status``."""
    if f".{record.name}." in failed_node:
        return "FAILED", f"{type(error).__name__}: {error}"
    if status == "FINISHED" or record.verdict:
        return "FINISHED", ""
    return "KILLED", "the run ended before the fit was checked"


def _failed_node(error: Exception | str) -> str:
    notes = getattr(error, "__notes__", [])
    return next((n.removeprefix(NODE_NOTE) for n in notes if n.startswith(NODE_NOTE)), "")


def _pipelines(run_params: dict[str, Any]) -> str:
    """The pipelines that were asked for; empty if none was."""
    names = set(run_params.get("pipeline_names") or ()) - {DEFAULT}
    return ",".join(sorted(names))


def _params(run_params: dict[str, Any]) -> dict[str, str]:
    """The options of the command line, except the settings of tracking."""
    apart = ("run_id", "project_path", "pipeline_names", "runtime_params", "runner")
    asked = {name: value for name, value in run_params.items() if value and name not in apart}
    asked["runner"] = run_params["runner"].partition(" object")[0].rpartition(".")[2]
    given = flatten(run_params.get("runtime_params") or {}, "params.")
    asked |= {k: v for k, v in given.items() if not k.startswith("params.tracking.")}
    return {name: str(value) for name, value in asked.items()}


def _refuse(run: TrackedRun) -> None:
    from partialpool.tracking.run import TrackingError

    assert run.failure is not None
    raise TrackingError(run.explain(run.failure)) from run.failure
