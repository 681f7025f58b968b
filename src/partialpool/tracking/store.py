"""The store of MLflow: an embedded database, or a server."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from partialpool.tracking.tracking_settings import TrackingSettings

if TYPE_CHECKING:
    from mlflow import MlflowClient

SQLITE = "sqlite:///"


def tracking_uri(settings: TrackingSettings, project: Path) -> str:
    """The address of the store; relative paths start at the project's folder."""
    uri = settings.tracking_uri or os.environ.get("MLFLOW_TRACKING_URI")
    if not uri:
        return SQLITE + (_local_folder(settings, project) / "mlflow.db").as_posix()
    if uri.startswith(SQLITE):
        return SQLITE + (project / uri.removeprefix(SQLITE)).as_posix()
    return uri


def open_store(settings: TrackingSettings, project: Path) -> tuple[MlflowClient, str]:
    """Connect, and find or create the experiment.

    Returns
    -------
    tuple[MlflowClient, str]
        The client and the experiment's id.
    """
    from mlflow import MlflowClient

    uri = tracking_uri(settings, project)
    if uri.startswith(SQLITE):
        Path(uri.removeprefix(SQLITE)).parent.mkdir(parents=True, exist_ok=True)
    client = MlflowClient(tracking_uri=uri, registry_uri=uri)
    return client, _experiment_id(client, settings, uri, project)


@contextmanager
def short_requests(settings: TrackingSettings) -> Iterator[None]:
    """Limit how long MLflow waits for a server, and silence its log.

    With MLflow's own limits, a server that is down delays a run by minutes.
    """
    # Its own usage statistics stay off unless the user asks for them; it reads this on import,
    # when it also sets up its logging.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow  # noqa: F401

    wanted = {
        "MLFLOW_HTTP_REQUEST_TIMEOUT": settings.request_timeout,
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": settings.request_retries,
    }
    ours = {name: str(value) for name, value in wanted.items() if name not in os.environ}
    noisy = [logging.getLogger(name) for name in ("urllib3.connectionpool", "mlflow", "alembic")]
    levels = [logger.level for logger in noisy]
    os.environ.update(ours)
    for logger in noisy:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for name in ours:
            os.environ.pop(name, None)
        for logger, level in zip(noisy, levels, strict=True):
            logger.setLevel(level)


def without_password(text: str) -> str:
    """Hide user and password in the URLs of a text, even if the password contains an @."""
    return re.sub(r"://[^/\s]+@", "://***@", text)


def _experiment_id(
    client: MlflowClient, settings: TrackingSettings, uri: str, project: Path
) -> str:
    found = client.get_experiment_by_name(settings.experiment)
    if found:
        return found.experiment_id
    location = settings.artifact_location
    if location is None and not uri.startswith(("http:", "https:")):
        location = (_local_folder(settings, project) / "mlartifacts").as_uri()
    try:
        return client.create_experiment(settings.experiment, artifact_location=location)
    except Exception:
        made_meanwhile = client.get_experiment_by_name(settings.experiment)  # by another run
        if not made_meanwhile:
            raise
        return made_meanwhile.experiment_id


def _local_folder(settings: TrackingSettings, project: Path) -> Path:
    if "://" in settings.data_root:
        raise ValueError(
            "Expected: a local folder for mlflow.db and mlartifacts\n"
            f"Got: data_root {settings.data_root}\n"
            "Fix: give tracking.tracking_uri and tracking.artifact_location, "
            "or tracking.enabled=false"
        )
    return (project / settings.data_root).resolve()
