"""Whether the process of an earlier run has ended, as far as this process can tell."""

from __future__ import annotations

import os
import re
from pathlib import Path

PROC = Path("/proc")
#: The position of a process's start time, in ticks since boot, among the fields after its name.
START_TIME = 19


def identity(process: int) -> str:
    """Identify a process beyond its number, which is used again; empty if nothing is known.

    Linux only. Three parts: the machine's boot, the process namespace (a container's numbers mean
    nothing in another container), and the start time of the process.
    """
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = re.sub(r"\D", "", str((PROC / "self/ns/pid").readlink()))
        # The name stands in brackets and may contain anything.
        fields = (PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
        return f"{boot[:8]} {namespace} {fields[START_TIME]}"
    except OSError:
        return ""


def is_gone(process: int, known: str) -> bool:
    """Check whether a process of this machine has ended.

    Parameters
    ----------
    process
        Its number.
    known
        Its ``identity`` while it ran. If this is empty, only the number counts.
    """
    if os.name != "posix":
        return False  # There, the signal by which this asks would end the process.
    mine = identity(os.getpid())
    if not known or not mine:
        return not _is_alive(process)
    boot, namespace, _ = known.split()
    my_boot, my_namespace, _ = mine.split()
    if boot != my_boot:
        return True
    if namespace != my_namespace:
        return False  # It is in another container and may still run.
    return not _is_alive(process) or identity(process) not in ("", known)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
