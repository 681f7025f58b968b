"""Processes that are measured from outside: seconds, CPU seconds and peak memory.

Only the standard library is imported here and in ``run.py``: a child's record of its largest size
starts at that of the process which made it, so the parent must be small.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Timer
from time import perf_counter
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
#: A worker prints this before its results, so that other lines on its output do no harm.
MARK = "RESULT "
#: Of every process that is measured.
ENVIRONMENT = {"KEDRO_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1", "MPLBACKEND": "Agg"}


@dataclass(frozen=True)
class Measured:
    """A process that ended.

    Attributes
    ----------
    seconds : from start to end
    cpu_seconds : of the process and its children
    peak_mb : memory of the largest of them, in 10^6 bytes
    results : what it printed after ``MARK``; None if it printed nothing
    failure : the last line of its errors if it failed, ``not finished`` if it was stopped
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    results: Any = None
    failure: str | None = None

    @property
    def usage(self) -> dict[str, float]:
        """The three numbers."""
        kept = ("seconds", "cpu_seconds", "peak_mb")
        return {name: value for name, value in asdict(self).items() if name in kept}


def measure(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    limit_seconds: float | None = None,
) -> Measured:
    """Run a command in the project's folder to its end, or until the limit.

    Parameters
    ----------
    environment : variables that differ from this process's
    limit_seconds : stops it then
    """
    variables = {**os.environ, **ENVIRONMENT, **(environment or {})}
    start = perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=variables,
        stdout=(out := _unnamed()),
        stderr=(errors := _unnamed()),
    )
    stopped = Timer(limit_seconds, process.kill) if limit_seconds else None
    if stopped:
        stopped.start()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    late = stopped is not None and not stopped.is_alive()
    if stopped:
        stopped.cancel()
    lines = _text(out).splitlines()
    found = [json.loads(line[len(MARK) :]) for line in lines if line.startswith(MARK)]
    failure = None
    if process.returncode:
        said = _text(errors).strip().splitlines() or lines or ["no message"]
        failure = "not finished" if late else said[-1]
    return Measured(
        round(seconds, 3),
        round(usage.ru_utime + usage.ru_stime, 3),
        round(usage.ru_maxrss * _BYTES / 1e6, 1),
        found[-1] if found else None,
        failure,
    )


def worker(script: str, *arguments: object, python: str = sys.executable) -> list[str]:
    """Make the command that runs a script of this folder."""
    return [python, str(HERE / script), *map(str, arguments)]


def report(results: Any) -> None:
    """Print the results of a worker for ``measure``."""
    print(MARK + json.dumps(results), flush=True)


#: Bytes in a unit of the system's record of memory.
_BYTES = 1 if sys.platform == "darwin" else 1024


def _unnamed() -> Any:
    import tempfile

    return tempfile.TemporaryFile()


def _text(file: Any) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")
