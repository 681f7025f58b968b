"""Files that are written completely or not at all."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from fsspec.implementations.local import LocalFileSystem


@contextmanager
def replacing(path: str | os.PathLike[str], filesystem: Any = None) -> Iterator[Path]:
    """Give a temporary path to write to, which replaces the file at `path` afterwards.

    If the block ends with an error or an interruption, the file at `path` is unchanged and the
    temporary file is removed.

    Parameters
    ----------
    path
        Path of the file. Its folder is created if it does not exist.
    filesystem
        fsspec file system of `path`, the local one by default.
    """
    if filesystem is None or isinstance(filesystem, LocalFileSystem):
        with _beside(Path(path)) as unfinished:
            yield unfinished
            # Both are in one folder, and so on one disk, where replacing is one atomic step.
            os.replace(unfinished, path)
    else:
        with tempfile.TemporaryDirectory() as folder:
            unfinished = Path(folder) / PurePosixPath(path).name
            yield unfinished
            filesystem.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
            filesystem.put(str(unfinished), str(path))


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give the path of a hidden file in the folder of `path`, which is removed afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{uuid.uuid4().hex}.{path.name}")
    try:
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)
