"""Settings of the project for Kedro."""

import warnings
from pathlib import Path

from partialpool.defaults import default
from partialpool.running.hooks import ProjectHooks
from partialpool.running.session import ProjectSession
from partialpool.tracking.hooks import TrackingHooks

# Dataset names contain dots (`cell_line.verdict`, `simulation.truth`), and pipelines read each
# other's datasets. Kedro warns if a name with a dot is not from the node's own namespace.
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
    # An environment contains only the numbers that differ from base.
    "merge_strategy": {"parameters": "soft"},
}
