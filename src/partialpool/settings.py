"""Kedro's settings of the project."""

from partialpool.hooks import ProjectHooks
from partialpool.tracking.hooks import TrackingHooks

HOOKS = (ProjectHooks(), TrackingHooks())
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    # An environment says only what differs from base, down to the single number.
    "merge_strategy": {"parameters": "soft"},
}
