"""Kedro's session, with a check of the names that a run is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession

from partialpool.running.failures import show_only_messages
from partialpool.running.names import require_environment, require_names


class ProjectSession(KedroSession):
    """The session of the command line: an unknown name is an error that lists the known ones."""

    _asked: Mapping[str, Any] | None = None

    def run(self, *args: Any, **asked: Any) -> dict[str, Any]:
        """Run pipelines, as ``KedroSession.run`` does."""
        self._asked = asked
        return super().run(*args, **asked)

    def load_context(self) -> KedroContext:
        """Load the configuration; check names as soon as the pipelines are known."""
        show_only_messages()
        require_environment(self.store.get("env"), self._conf_source)
        context = super().load_context()
        if self._asked is not None:
            require_names(self._asked, pipelines)
        return context
