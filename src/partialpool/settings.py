"""Settings of the project for Kedro."""

import warnings

from partialpool.defaults import default
from partialpool.running.hooks import ProjectHooks
from partialpool.tracking.hooks import TrackingHooks

# Dataset names contain dots (`cell_line.verdict`, `simulation.truth`), and pipelines read each
# other's datasets. Kedro warns if a name with a dot is not from the node's own namespace.
warnings.filterwarnings(
    "ignore", message="One or more dataset names contain '.' characters", category=UserWarning
)

HOOKS = (ProjectHooks(), TrackingHooks())
CONFIG_LOADER_ARGS = {
    # ${default:NAME} is a number in src/partialpool/defaults.yml.
    "custom_resolvers": {"default": default},
    "base_env": "base",
    "default_run_env": "local",
    # An environment contains only the numbers that differ from base.
    "merge_strategy": {"parameters": "soft"},
}
