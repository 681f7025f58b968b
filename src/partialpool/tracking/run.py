"""One MLflow run for a ``kedro run``, with a child for each fit.

Only ``MlflowClient`` with explicit run ids: MLflow's "active run" is a global of each thread.
"""

from __future__ import annotations

import getpass
import logging
import os
import socket
import tempfile
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import fsspec

from partialpool.errors import PartialpoolError
from partialpool.process import identity, is_gone
from partialpool.tracking.records import File, FitRecord
from partialpool.tracking.store import (
    open_store,
    short_requests,
    tracking_uri,
    without_password,
)
from partialpool.tracking.tracking_settings import TrackingSettings

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

logger = logging.getLogger(__name__)

Status = Literal["FINISHED", "FAILED", "KILLED"]
#: MLflow's limits of one request, and of the length of a value.
BATCH, MAX_PARAM, MAX_TAG = 100, 6000, 8000
#: Tags that show whether the process of a run still exists.
HOST, PROCESS, IDENTITY = "partialpool.host", "partialpool.pid", "partialpool.process"
#: The tag that names the run which recorded a fit of an earlier, killed run.
RECORDED_BY = "partialpool.recorded_by"
#: MLflow's tag that makes a run the child of another.
PARENT = "mlflow.parentRunId"


class TrackingError(PartialpoolError, RuntimeError):
    """A run could not be recorded, and the settings make this an error."""


class TrackedRun:
    """The record of one ``kedro run``.

    An error of the store never ends the run. The first one is logged as a warning and kept in
    ``failure``.
    """

    def __init__(self, settings: TrackingSettings, project: Path, name: str) -> None:
        self.settings, self.project, self.name = settings, project, name
        self.failure: Exception | None = None
        self._client: MlflowClient | None = None
        self._experiment = self._id = ""
        self._children: set[str] = set()
        self._started = datetime.now(UTC)

    def start(self, tags: Mapping[str, str], params: Mapping[str, str]) -> None:
        """Open the run, and close the runs of processes of this machine that have ended."""
        self._tags = {
            **tags,
            HOST: socket.gethostname(),
            PROCESS: str(os.getpid()),
            **({IDENTITY: known} if (known := identity(os.getpid())) else {}),
            "mlflow.user": _user(),
            "mlflow.source.type": "PROJECT",
        }
        self._params = dict(params)
        with self._surviving():
            self._open()

    def log_fit(self, record: FitRecord, status: Status, error: str = "") -> None:
        """Record a fit as a child of the run, unless it is recorded already."""
        if record.attributes["fit_id"] in self._children:
            return
        with self._surviving():
            self._open()
            tags = self._tags | ({"error": error} if error else {})
            self._log_child(record, self._id, tags, status)
            self._children.add(record.attributes["fit_id"])

    def log_lost_fit(self, record: FitRecord) -> None:
        """Record a fit that a killed run made but did not record, as a child of that run.

        Nothing happens if the fit is recorded already, or if no killed run can have made it.
        """
        with self._surviving():
            client = self._open()
            query = f"tags.fit_id = '{record.attributes['fit_id']}'"
            if client.search_runs([self._experiment], query, max_results=1):
                return
            if parent := self._killed_at(record.end):
                inherited = {k: v for k, v in parent.data.tags.items() if k in self._tags}
                tags = inherited | {RECORDED_BY: self._id}
                self._log_child(record, parent.info.run_id, tags, "FINISHED")

    def finish(
        self, status: Status, files: tuple[File, ...] = (), error: BaseException | str = ""
    ) -> None:
        """Close the run."""
        with self._surviving():
            client = self._open()
            seconds = (datetime.now(UTC) - self._started).total_seconds()
            self._log(self._id, {"n_fits": len(self._children), "run_seconds": seconds}, {}, files)
            for name, text in _cut(_describe(error), MAX_TAG).items():
                client.set_tag(self._id, name, text)
            if isinstance(error, BaseException):
                client.log_text(self._id, without_password(_traceback(error)), "error.txt")
            client.set_terminated(self._id, status)

    def _open(self) -> MlflowClient:
        """The client; the run is opened as soon as the store answers."""
        if self._client is None or not self._id:
            self._client, self._experiment = open_store(self.settings, self.project)
            self._close_orphans()
            self._id = self._client.create_run(
                self._experiment,
                start_time=round(self._started.timestamp() * 1000),
                tags=_cut(self._tags, MAX_TAG),
                run_name=self.name,
            ).info.run_id
            self._log(self._id, {}, self._params, ())
            logger.info("Recorded by MLflow in %s, run %s", self._where, self._id)
        return self._client

    def _close_orphans(self) -> None:
        """Mark open runs of this machine whose process has ended as killed."""
        if self._client is None or os.name != "posix":
            return
        host = socket.gethostname().replace("'", "")
        query = f"attributes.status = 'RUNNING' and tags.`{HOST}` = '{host}'"
        for run in self._client.search_runs([self._experiment], query):
            if is_gone(int(run.data.tags[PROCESS]), run.data.tags.get(IDENTITY, "")):
                self._client.set_tag(run.info.run_id, "error", "its process was killed")
                self._client.set_terminated(run.info.run_id, "KILLED")

    def _killed_at(self, moment: datetime) -> Run | None:
        """The latest killed run that was open at a moment."""
        assert self._client is not None
        at = round(moment.timestamp() * 1000)
        query = f"attributes.status = 'KILLED' and attributes.start_time <= {at}"
        order = ["attributes.start_time DESC"]
        killed = self._client.search_runs([self._experiment], query, order_by=order)
        return next(
            (run for run in killed if (run.info.end_time or 0) >= at and not _is_child(run)), None
        )

    def _log_child(
        self, record: FitRecord, parent: str, tags: Mapping[str, str], status: Status
    ) -> None:
        assert self._client is not None
        end = round(record.end.timestamp() * 1000)
        child = self._client.create_run(
            self._experiment,
            start_time=end - round(record.seconds * 1000),
            tags=_cut({**tags, **record.tags(), PARENT: parent}, MAX_TAG),
            run_name=record.title,
        ).info.run_id
        self._log(child, record.metrics(), record.params(), record.files)
        self._client.log_dict(child, record.settings, "settings.json")
        self._log_dataset(child, record)
        self._client.set_terminated(child, status, end_time=end)

    def _log(
        self,
        run: str,
        metrics: Mapping[str, float],
        params: Mapping[str, str],
        files: tuple[File, ...],
    ) -> None:
        from mlflow.entities import Metric, Param

        assert self._client is not None
        now = round(datetime.now(UTC).timestamp() * 1000)
        pairs = list(_cut(params, MAX_PARAM).items())
        self._client.log_batch(run, metrics=[Metric(k, v, now, 0) for k, v in metrics.items()])
        for start in range(0, len(pairs), BATCH):
            batch = [Param(k, v) for k, v in pairs[start : start + BATCH]]
            self._client.log_batch(run, params=batch)
        for file in files:
            with _local(file.path) as path:
                self._client.log_artifact(run, path, file.folder or None)

    def _log_dataset(self, run: str, record: FitRecord) -> None:
        from mlflow.entities import Dataset, DatasetInput, InputTag

        assert self._client is not None
        tags = [InputTag("mlflow.data.context", "fit")]
        self._client.log_inputs(run, [DatasetInput(Dataset(**record.dataset()), tags)])

    @property
    def _where(self) -> str:
        return without_password(tracking_uri(self.settings, self.project))

    @contextmanager
    def _surviving(self) -> Iterator[None]:
        """Keep the run going whatever the store does; warn of the first error only."""
        try:
            with short_requests(self.settings):
                yield
        except Exception as error:
            if self.failure is None:
                logger.warning("%s", self.explain(error))
            self.failure = error

    def explain(self, error: Exception) -> str:
        """Explain what is not recorded, why, and how to fix it."""
        cause = without_password(" ".join(str(error).split()))[:300]
        return (
            "MLflow does not record this run; all results are still saved under "
            f"{self.settings.data_root}.\n"
            f"Expected: an MLflow store at tracking.tracking_uri = {self.settings_uri}\n"
            f"Got: {type(error).__name__}: {cause}\n"
            "Fix: start the server or correct the address, or give "
            "--params tracking.enabled=false"
        )

    @property
    def settings_uri(self) -> str:
        """The address of the store, or the setting if no address follows from it."""
        try:
            return self._where
        except ValueError:
            return str(self.settings.tracking_uri)


def _describe(error: BaseException | str) -> dict[str, str]:
    if not error:
        return {}
    if isinstance(error, str):
        return {"error": error}
    return {"error": f"{type(error).__name__}: {error}", "error_type": type(error).__name__}


def _traceback(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def _cut(values: Mapping[str, str], limit: int) -> dict[str, str]:
    """Remove passwords from values, and shorten those that are too long for MLflow."""
    safe = {k: without_password(v) for k, v in values.items()}
    return {k: v if len(v) <= limit else v[: limit - 3] + "..." for k, v in safe.items()}


@contextmanager
def _local(path: str) -> Iterator[str]:
    """The path of a local copy of a file; the file itself if it is local."""
    filesystem, inner = fsspec.core.url_to_fs(path)
    if "file" in filesystem.protocol:
        yield inner
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = str(Path(folder) / Path(inner).name)
        filesystem.get(inner, copy)
        yield copy


def _is_child(run: Run) -> bool:
    return PARENT in run.data.tags


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
