"""Fingerprints of the files of a dataset."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

import fsspec

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol

CHUNK = 2**20


class Mark(NamedTuple):
    """The content of a file, and its size and time, so that an unchanged file need not be read.

    Attributes
    ----------
    sha256
        The hash of its content, in hexadecimal.
    size
        The number of bytes.
    modified
        The time of the last change, as the file system gives it.
    """

    sha256: str
    size: int
    modified: str


@dataclass(frozen=True)
class Fingerprint:
    """The files of a dataset: path below the dataset's own (empty for a single file) -> mark."""

    files: Mapping[str, Mark]

    @property
    def content(self) -> dict[str, str]:
        """Path -> SHA-256; the same for equal files, whenever they were written."""
        return {path: mark.sha256 for path, mark in self.files.items()}


class Location(NamedTuple):
    """The place of a dataset.

    Attributes
    ----------
    url
        Its file or folder: a path, or a URL for fsspec.
    files
        The names of its own files, if it shares the folder with other datasets.
    """

    url: str
    files: frozenset[str] | None = None


def location(catalog: CatalogProtocol[Any, Any], name: str) -> Location | None:
    """Find the place of a dataset; None if it is not saved in files.

    A dataset that shares its folder with others has a method ``own_files``.
    """
    if name not in catalog:
        return None
    dataset: Any = catalog.get(name)
    about = dataset._describe()
    path = about.get("filepath") or about.get("path")
    if not path:
        return None
    protocol = getattr(dataset, "_protocol", None) or "file"
    own = getattr(dataset, "own_files", None)
    url = str(path) if protocol == "file" else f"{protocol}://{path}"
    return Location(url, frozenset(own()) if own else None)


def take(where: Location, earlier: Fingerprint | None = None) -> Fingerprint | None:
    """Take the fingerprint of a file, or of all files in a folder.

    Hidden files do not count, because unfinished files are hidden.

    Parameters
    ----------
    where
        The file or folder.
    earlier
        An earlier fingerprint; files with the same size and time are not read again.

    Returns
    -------
    Fingerprint | None
        The fingerprint; None if there is no file.
    """
    filesystem, root = fsspec.core.url_to_fs(where.url)
    filesystem.invalidate_cache()
    found = dict(_files(filesystem, root))
    if where.files is not None:
        found = {name: path for name, path in found.items() if name in where.files}
    known = earlier.files if earlier else {}
    marks = {name: _mark(filesystem, path, known.get(name)) for name, path in sorted(found.items())}
    return Fingerprint(marks) if marks else None


def _files(filesystem: Any, root: str) -> Iterator[tuple[str, str]]:
    """Yield each file: its name relative to the root (empty for the root itself), and its path."""
    if filesystem.isfile(root):
        yield "", root
        return
    for path in filesystem.find(root):
        name = path.removeprefix(root).lstrip("/")
        if not any(part.startswith(".") for part in PurePath(name).parts):
            yield name, path


def _mark(filesystem: Any, path: str, known: Mark | None) -> Mark:
    info = filesystem.info(path)
    modified = str(info.get("mtime") or info.get("LastModified") or info.get("updated"))
    if known and (known.size, known.modified) == (info["size"], modified):
        return known
    return Mark(_sha256(filesystem, path, info["size"], modified), info["size"], modified)


@cache
def _sha256(filesystem: Any, path: str, size: int, modified: str) -> str:  # noqa: ARG001
    """SHA-256 of a file; size and time are part of the cache's key."""
    digest = hashlib.sha256()
    with filesystem.open(path, "rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
