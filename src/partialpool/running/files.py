"""What identifies the files of a dataset."""

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
    """A file: its content, and by what an unchanged one is known without reading it.

    Attributes
    ----------
    sha256
        Of its content, in hexadecimal.
    size
        Bytes.
    modified
        When, as the file system tells it.
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
    """Where a dataset lies.

    Attributes
    ----------
    url
        Of its file or folder: a path, or a URL that fsspec knows.
    files
        Names of its own files in the folder, where it shares that with others.
    """

    url: str
    files: frozenset[str] | None = None


def location(catalog: CatalogProtocol[Any, Any], name: str) -> Location | None:
    """Find where a dataset lies; None if it is not in files.

    A dataset that shares its folder with others names its own files by a method ``own_files``.
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

    Hidden files, which unfinished ones are, do not count.

    Parameters
    ----------
    where
        The file or folder.
    earlier
        An earlier fingerprint; files of the same size and time are not read again.

    Returns
    -------
    Fingerprint | None
        None if there is nothing.
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
    """Name below the root, empty for the root itself, and path of each file."""
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
    """SHA-256 of a file; size and time tell one content of it from the next."""
    digest = hashlib.sha256()
    with filesystem.open(path, "rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
