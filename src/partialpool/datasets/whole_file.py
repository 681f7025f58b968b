"""Files that appear completely or not at all."""

from __future__ import annotations

import os
import re
import socket
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from fsspec.implementations.local import LocalFileSystem

from partialpool.process import identity, is_gone

#: A pattern for the names of unfinished files.
HIDDEN = ".unfinished~*"
#: The name of an unfinished file: hidden, with the process that writes it and the final name.
UNFINISHED = re.compile(r"\.unfinished~(?P<host>[^~]*)~(?P<pid>\d+)~(?P<identity>[^~]*)~.+")


@contextmanager
def replacing(path: str | os.PathLike[str], filesystem: Any = None) -> Iterator[Path]:
    """Give a local path to write to; the file written there then replaces the file at `path`.

    If the block ends with an error or an interruption, the file at `path` does not change, and the
    unfinished file is removed. A process that is killed can't do that, so the next one that writes
    to the same folder does.

    Parameters
    ----------
    path
        The path of the file. Its folder is created if it does not exist.
    filesystem
        The fsspec file system of `path`; the default is the local one.
    """
    if filesystem is None or isinstance(filesystem, LocalFileSystem):
        with _beside(Path(path)) as unfinished:
            yield unfinished
            # Both are in one folder, so on one disk, where this is a single step.
            os.replace(unfinished, path)
    else:
        with tempfile.TemporaryDirectory() as folder:
            unfinished = Path(folder) / PurePosixPath(path).name
            yield unfinished
            filesystem.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
            filesystem.put(str(unfinished), str(path))


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give a hidden path in the folder of `path`; no file is there afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_abandoned(path.parent.glob(HIDDEN))
    unfinished = path.with_name(_unfinished_name(path.name))
    try:
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)


def _unfinished_name(name: str) -> str:
    process = os.getpid()
    known = identity(process).replace(" ", "-")
    return f".unfinished~{socket.gethostname()}~{process}~{known}~{uuid.uuid4().hex[:8]}.{name}"


def remove_abandoned(files: Iterable[Path]) -> None:
    """Remove those files that processes of this machine left unfinished when they were killed.

    Parameters
    ----------
    files
        Files whose names match ``HIDDEN``. The others are left as they are.
    """
    for file in files:
        writer = UNFINISHED.fullmatch(file.name)
        if (
            writer
            and writer["host"] == socket.gethostname()
            and is_gone(int(writer["pid"]), writer["identity"].replace("-", " "))
        ):
            file.unlink(missing_ok=True)
