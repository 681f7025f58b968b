"""Benchmarks are not collected with the other tests; so each is called once here."""

import subprocess
import sys
from pathlib import Path


def test_every_benchmark_can_be_called(root: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "tests/benchmarks", "-p", "benchmark"]
    done = subprocess.run(
        [*command, "--benchmark-disable", "-p", "no:cacheprovider"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
