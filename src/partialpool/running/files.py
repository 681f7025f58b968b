"""What identifies the files of a dataset."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
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
    sha256 : of its content, in hexadecimal
    size : bytes
    modified : when, as the file system tells it
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


def take(url: str, earlier: Fingerprint | None = None) -> Fingerprint | None:
    """Take the fingerprint of a file, or of all files in a folder.

    Hidden files, which unfinished ones are, do not count.

    Parameters
    ----------
    url : path, or a URL that fsspec knows
    earlier : an earlier fingerprint; files of the same size and time are not read again

    Returns
    -------
    None if there is nothing.
    """
    filesystem, root = fsspec.core.url_to_fs(url)
    filesystem.invalidate_cache()
    if filesystem.isfile(root):
        found = {"": root}
    else:
        inside = {path.removeprefix(root).lstrip("/"): path for path in filesystem.find(root)}
        found = {name: path for name, path in inside.items() if not _is_hidden(name)}
    known = earlier.files if earlier else {}
    marks = {name: _mark(filesystem, path, known.get(name)) for name, path in sorted(found.items())}
    return Fingerprint(marks) if marks else None


def location(catalog: CatalogProtocol, name: str) -> str | None:
    """Where a dataset lies, as a path or URL; None if it is not in files."""
    if name not in catalog:
        return None
    dataset: Any = catalog.get(name)
    about = dataset._describe()
    path = about.get("filepath") or about.get("path")
    protocol = getattr(dataset, "_protocol", "file")
    if not path or protocol in ("file", "", None):
        return str(path) if path else None
    return f"{protocol}://{path}"


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


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in PurePath(name).parts)
