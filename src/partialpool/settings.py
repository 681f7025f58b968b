"""Kedro's settings of the project."""

import warnings

from partialpool.defaults import default
from partialpool.running.hooks import ProjectHooks
from partialpool.tracking.hooks import TrackingHooks

# Pipelines read each other's datasets by the names that people use (`cell_line.verdict`,
# `simulation.truth`); Kedro warns of a dot in a name from any namespace but the node's own.
warnings.filterwarnings(
    "ignore", message="One or more dataset names contain '.' characters", category=UserWarning
)

HOOKS = (ProjectHooks(), TrackingHooks())
CONFIG_LOADER_ARGS = {
    # ${default:NAME} is a number of src/partialpool/defaults.yml.
    "custom_resolvers": {"default": default},
    "base_env": "base",
    "default_run_env": "local",
    # An environment says only what differs from base, down to the single number.
    "merge_strategy": {"parameters": "soft"},
}
