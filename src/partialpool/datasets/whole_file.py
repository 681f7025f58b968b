"""Files that appear whole or not at all."""

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
    """Give a local place to write to; what was written there then becomes the file at `path`.

    If the block is left by an error or an interruption, the file at `path` stays as it was and
    what was written is removed.

    Parameters
    ----------
    path
        Of the file; its folder is made if it is not there.
    filesystem
        Of fsspec, on which `path` lies (the local one by default).
    """
    if filesystem is None or isinstance(filesystem, LocalFileSystem):
        with _beside(Path(path)) as unfinished:
            yield unfinished
            # In the same folder, and so on the same disk, where this is one step.
            os.replace(unfinished, path)
    else:
        with tempfile.TemporaryDirectory() as folder:
            unfinished = Path(folder) / PurePosixPath(path).name
            yield unfinished
            filesystem.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
            filesystem.put(str(unfinished), str(path))


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give a hidden name in the folder of `path`, which is gone afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{uuid.uuid4().hex}.{path.name}")
    try:
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)
