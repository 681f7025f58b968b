"""Every benchmark runs on tiny sizes and leaves its results; no time is asserted."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from partialpool.models import MODELS


@pytest.fixture
def rows(root: Path, tmp_path: Path):
    """Rows that a benchmark writes."""

    def run(name: str) -> list[dict[str, Any]]:
        command = [sys.executable, "tests/benchmarks/run.py", name, "--tiny", "--rounds", "1"]
        done = subprocess.run(
            [*command, "--results", str(tmp_path)],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads((tmp_path / f"{name}.json").read_text())["rows"]

    return run


def test_growth(rows) -> None:
    found = rows("growth")
    assert {row["along"] for row in found} == {"rows", "guides", "lines"}
    assert all(row["seconds"] > 0 for row in found)
