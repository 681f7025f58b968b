"""Kedro's settings of the project."""

import warnings
from pathlib import Path

from partialpool.defaults import default
from partialpool.running.hooks import ProjectHooks
from partialpool.running.session import ProjectSession
from partialpool.tracking.hooks import TrackingHooks

# Pipelines read each other's datasets by the names that people use (`cell_line.verdict`,
# `simulation.truth`); Kedro warns of a dot in a name from any namespace but the node's own.
warnings.filterwarnings(
    "ignore", message="One or more dataset names contain '.' characters", category=UserWarning
)

HOOKS = (ProjectHooks(), TrackingHooks())
SESSION_CLASS = ProjectSession
CONFIG_LOADER_ARGS = {
    "custom_resolvers": {
        # ${default:NAME} is a number of src/partialpool/defaults.yml.
        "default": default,
        # ${home:PATH} is the path with ~ replaced by the home folder.
        "home": lambda path: str(Path(path).expanduser()) if str(path).startswith("~") else path,
    },
    "base_env": "base",
    "default_run_env": "local",
    # An environment says only what differs from base, down to the single number.
    "merge_strategy": {"parameters": "soft"},
}
