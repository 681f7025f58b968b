"""Whole projects in a folder of their own, so that what they write beside it is seen."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import copy, copytree, ignore_patterns
from typing import Any

import pandas as pd
import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

from partialpool.running.runner import IncrementalRunner

#: What Kedro's own plugins leave in the project folder; nothing of ours.
OF_PLUGINS = {".viz"}
#: The folder of records, under a data root.
RECORDS = ".made_from"


@pytest.fixture(scope="session")
def project(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with this checkout's configuration and code."""
    folder = tmp_path_factory.mktemp("project")
    copy(root / "pyproject.toml", folder)
    copytree(root / "conf", folder / "conf")
    copytree(root / "src", folder / "src", ignore=ignore_patterns("__pycache__", "*.egg-info"))
    return folder


@pytest.fixture(scope="session")
def files_of(project: Path) -> Callable[[Path | None], set[str]]:
    """Every file under a folder (the project's own by default), but for plugins' leavings."""

    def files(folder: Path | None = None) -> set[str]:
        folder = folder or project
        found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        return {str(path) for path in found if path.parts[0] not in OF_PLUGINS}

    return files


@pytest.fixture(scope="session")
def run(project: Path) -> Callable[..., Any]:
    """``kedro run`` in this process: (environment, data root, parameters, what to run).

    Like the command, it keeps what is up to date, unless it is given another ``runner``.
    """

    def run_project(
        env: str, data_root: Path, parameters: dict[str, Any] | None = None, **what: Any
    ) -> Any:
        bootstrap_project(project)
        given = {"data_root": str(data_root)} | (parameters or {})
        with KedroSession.create(project, env=env, runtime_params=given) as session:
            return session.run(**{"runner": IncrementalRunner()} | what)

    return run_project


@pytest.fixture(scope="session")
def kedro(project: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The real command line, in a process of its own."""

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kedro", *arguments],
            cwd=project,
            env=os.environ | {"COLUMNS": "300"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return command


@pytest.fixture(scope="session")
def minimal_table(simulated) -> pd.DataFrame:
    """The five columns that a screen must have, of the tiny screen."""
    columns = ["sgrna", "replicate_id", "lfc", "depmap_id", "hugo_symbol"]
    return simulated[0][columns].reset_index(drop=True)


@pytest.fixture(scope="session")
def written() -> Callable[[Path], list[str]]:
    """Files under a data root, whole or not, but for the records of how they were made."""

    def names(data_root: Path) -> list[str]:
        found = (path for path in data_root.rglob("*") if path.is_file())
        return sorted(path.name for path in found if RECORDS not in path.parts)

    return names
