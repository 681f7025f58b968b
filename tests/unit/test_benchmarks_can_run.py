"""Every benchmark runs on tiny sizes and leaves its results; no time is asserted."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

Rows = list[dict[str, Any]]


@pytest.fixture
def rows(root: Path, tmp_path: Path) -> Callable[..., Rows]:
    """Run a benchmark, and read what it wrote."""

    def run(*arguments: str) -> Rows:
        command = [sys.executable, "tests/benchmarks/run.py", *arguments, "--tiny", "--rounds", "1"]
        done = subprocess.run(
            [*command, "--results", str(tmp_path)],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root / "src")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads((tmp_path / f"{arguments[0]}.json").read_text())["rows"]

    return run


@pytest.fixture
def load(root: Path, monkeypatch) -> Callable[[str], ModuleType]:
    """Import a script that is in no package."""

    def module(path: str) -> ModuleType:
        spec = spec_from_file_location(Path(path).stem, root / path)
        found = module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, found)  # where dataclasses look it up
        spec.loader.exec_module(found)
        return found

    return module


def test_whole_runs(rows) -> None:
    found = rows("runs")
    assert [row["state"] for row in found] == ["cold", "warm", "unchanged"]
    assert all(row["cpu_seconds"] > 0 and row["peak_mb"] > 0 for row in found)


def test_models(rows) -> None:
    cold, warm = rows("models")
    assert (cold["state"], warm["state"]) == ("cold", "warm")
    assert {"gather statistics", "set up kernel", "LOO", "prior draws"} < set(warm["again"])
    assert set(warm["first"]) == set(warm["again"])
    # Tiny screens: 6 genes, their mean and spread, and the noise; 2 chains x 2,000 draws.
    assert (warm["n_parameters"], warm["draws"]) == (9, 4000)
    assert warm["min_ess_bulk"] > 0


def test_growth(rows) -> None:
    *found, process = rows("growth")
    assert process["peak_mb"] > 0
    assert {(row["along"], row["layout"]) for row in found} == {
        ("rows", "random"),
        ("guides", "balanced"),
        ("guides", "random"),
        ("lines", "balanced"),
        ("lines", "random"),
    }
    assert all(row["seconds"] > 0 for row in found)


def test_counts(rows) -> None:
    *steps, process = rows("counts")
    assert [step["step"] for step in steps] == [
        *("write counts", "read counts", "join labels", "QC of sequences"),
        *("write modelling table", "matrix for the model"),
    ]
    assert process["rows"] == 400 * 20  # 24 sequences, 4 of them pDNA
    assert process["peak_mb"] > 0


def test_side_by_side(rows) -> None:
    """Another package is measured, or reported as not installed."""
    ours, lme4, bambi = rows("side_by_side", "--others", "bambi (nutpie)")
    assert len(ours["seconds"]) == len(ours["cpu_seconds"]) == 4
    assert min(ours["seconds"]) > 0
    assert ours["draws"] == "2 x 50"
    assert [lme4["name"], bambi["name"]] == ["lme4", "bambi (nutpie)"]
    for other in (lme4, bambi):
        assert other.get("failure") == "not installed" or min(other["seconds"]) > 0


@pytest.mark.slow
def test_every_other_package(rows) -> None:
    for other in rows("side_by_side"):
        assert other.get("failure") == "not installed" or min(other["seconds"]) > 0


def test_usage_is_that_of_the_whole_family(root) -> None:
    """200 MB that a child of the child fills; measured by a small process.

    Linux counts what a process held before it became another one, so a large one can't tell.
    """
    code = """
import subprocess, sys
import processes
inner = [sys.executable, "-c", "bytearray(200_000_000)"]
fill = f"import subprocess; subprocess.run({inner})"
found = processes.measure([sys.executable, "-c", fill])
print(found.peak_mb, found.cpu_seconds)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root / "tests/benchmarks",
        capture_output=True,
        text=True,
        check=True,
    )
    peak_mb, cpu_seconds = map(float, done.stdout.split())
    assert 190 < peak_mb < 300
    assert cpu_seconds > 0


def test_failures_and_results_of_workers(load) -> None:
    processes = load("tests/benchmarks/processes.py")
    told = processes.measure([sys.executable, "-c", "print('hello'); print('RESULT [1, 2]')"])
    assert told.results == [1, 2]
    failed = processes.measure([sys.executable, "-c", "raise SystemExit('no such thing')"])
    assert failed.failure == "no such thing"
    late = processes.measure([sys.executable, "-c", "import time; time.sleep(60)"], None, 0.3)
    assert late.failure == "not finished"


def test_exponent_of_the_largest_sizes(load) -> None:
    """Seconds = 3 n^1.5 at the largest four; constant below."""
    results = load("docs/benchmark_results.py")
    sizes = [1, 2, 10, 20, 40, 80]
    seconds = [100, 100, *(3 * n**1.5 for n in sizes[2:])]
    slope, intercept = results.exponent(sizes, seconds)
    assert slope == pytest.approx(1.5)
    assert intercept == pytest.approx(1.0986123)  # log 3
