"""Whether the process of an earlier run is gone, as far as this one can tell."""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")
#: Of the fields after a process's name: when it started, in ticks since the machine did.
START_TIME = 19


def identity(process: int) -> str:
    """What tells a process from another of the same number; empty where it can't be read.

    The boot of the machine, the namespace (a container's numbers mean nothing in another), and
    when the process started. Linux only.
    """
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = (PROC / "self/ns/pid").readlink()
        # The name stands in brackets and may hold anything.
        fields = (PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
        return f"{boot} {namespace} {fields[START_TIME]}"
    except OSError:
        return ""


def is_gone(process: int, told: str) -> bool:
    """Whether a process of a machine of this name has ended.

    Parameters
    ----------
    process
        Its number.
    told
        Its ``identity``, or nothing where that was not known; then only the number counts.
    """
    mine = identity(os.getpid())
    if not told or not mine:
        return not _is_alive(process)
    boot, namespace, _ = told.split()
    my_boot, my_namespace, _ = mine.split()
    if boot != my_boot:
        return True
    if namespace != my_namespace:
        return False  # of another container: it may well be there
    return not _is_alive(process) or identity(process) not in ("", told)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
