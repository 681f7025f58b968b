"""Benchmarks are run on purpose: ``pytest tests/benchmarks -p benchmark``."""

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Without the plugin (``pyproject.toml`` turns it off) there is nothing here to collect."""
    return None if config.pluginmanager.hasplugin("benchmark") else True
