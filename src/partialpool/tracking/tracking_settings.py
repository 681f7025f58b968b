"""Settings of tracking; every value comes from ``conf/``."""

from typing import Literal

from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from partialpool.parameters import Parameters


class TrackingSettings(Parameters):
    """Where runs are recorded, and what happens if that place can't be reached.

    Attributes
    ----------
    enabled
        Record runs at all.
    tracking_uri
        As MLflow knows it (``http://host:5000``, ``sqlite:///path.db``); None: what
        the environment variable ``MLFLOW_TRACKING_URI`` says, else ``mlflow.db`` in
        ``data_root``.
    data_root
        The folder of the embedded store, from the project's folder.
    experiment
        Name of the experiment that runs are filed under; made if it is new.
    artifact_location
        Where a new experiment keeps its files; None: ``mlartifacts`` in
        ``data_root``, or wherever a server (http) chooses.
    on_unreachable
        ``warn``: the run goes on and ends well; ``raise``: it stops before it
        fits anything, or ends with an error after everything is saved.
    request_timeout, request_retries
        Of each call to a server, seconds and count; the
        environment variables ``MLFLOW_HTTP_REQUEST_*`` come first.
    figures
        Those that are copied to the record, by name; of a fit, and of what else has them.
        All tables are copied.
    max_artifact_mb
        Files larger than this stay where they are and are not copied.
    """

    enabled: bool
    tracking_uri: str | None
    data_root: str
    experiment: str
    artifact_location: str | None
    on_unreachable: Literal["warn", "raise"]
    request_timeout: PositiveInt
    request_retries: NonNegativeInt
    figures: tuple[str, ...]
    max_artifact_mb: PositiveFloat
