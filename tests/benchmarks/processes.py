"""Measurements of processes: seconds, CPU seconds and peak memory.

Only the standard library is imported here and in ``run.py``, so that this process is small. The
recorded peak memory of a child is at least the size of its parent.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from signal import SIGKILL
from threading import TIMEOUT_MAX, Timer
from time import perf_counter
from typing import IO, Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
#: A worker prints this before its results, to distinguish them from other output.
MARK = "RESULT "
#: Number of bytes in the system's unit of memory.
MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
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
    """Run a command in the project's folder until it ends, or until the time limit.

    Parameters
    ----------
    environment : variables that differ from this process's
    limit_seconds : stops it then
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        start = perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **ENVIRONMENT, **(environment or {})},
            stdout=out,
            stderr=errors,
            start_new_session=True,  # so that its children can be stopped with it
        )
        stop = Timer(limit_seconds or TIMEOUT_MAX, os.killpg, (process.pid, SIGKILL))
        stop.daemon = True
        stop.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        late = stop.finished.is_set()
        stop.cancel()
        said, complained = _lines(out), _lines(errors)
    found = [json.loads(line[len(MARK) :]) for line in said if line.startswith(MARK)]
    failure = "not finished" if late else (complained or said or ["no message"])[-1]
    return Measured(
        round(seconds, 3),
        round(usage.ru_utime + usage.ru_stime, 3),
        round(usage.ru_maxrss * MAXRSS_BYTES / 1e6, 1),
        found[-1] if found else None,
        failure if process.returncode else None,
    )


def worker(script: str, *arguments: object, python: str = sys.executable) -> list[str]:
    """Make the command that runs a script of this folder."""
    return [python, str(HERE / script), *map(str, arguments)]


def report(results: Any) -> None:
    """Print the results of a worker for ``measure``."""
    print(MARK + json.dumps(results), flush=True)


def _lines(file: IO[bytes]) -> list[str]:
    """Lines that are not empty."""
    file.seek(0)
    return [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]


def cpu_seconds() -> float:
    """CPU seconds of this process and its children that have ended."""
    return sum(os.times()[:4])
