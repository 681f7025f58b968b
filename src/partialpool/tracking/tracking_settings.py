"""Settings of tracking. Every value comes from ``conf/``."""

from typing import Literal

from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from partialpool.parameters import Parameters


class TrackingSettings(Parameters):
    """Where runs are recorded, and what happens if that place can't be reached.

    Attributes
    ----------
    enabled
        Whether runs are recorded.
    tracking_uri
        The address of the store, such as ``http://host:5000`` or ``sqlite:///path.db``. None:
        the environment variable ``MLFLOW_TRACKING_URI`` or, if it is not set, ``mlflow.db`` in
        ``data_root``.
    data_root
        The folder of the embedded store, relative to the project's folder.
    experiment
        The name of the experiment. It is made if it does not exist.
    artifact_location
        The folder for files of a new experiment. None: ``mlartifacts`` in ``data_root`` or, with
        a server (http), the folder that the server chooses.
    on_unreachable
        ``warn``: the run continues with a warning. ``raise``: the run stops before it fits
        anything, or ends with an error after everything is saved.
    request_timeout, request_retries
        Timeout of each call to a server in seconds, and the number of retries. The environment
        variables ``MLFLOW_HTTP_REQUEST_*`` take precedence.
    figures
        Names of figures that are copied to the record, from every section. All tables are copied.
    max_artifact_mb
        Files larger than this are not copied.
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
