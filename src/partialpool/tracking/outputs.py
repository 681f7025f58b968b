"""What a run wrote, read from its catalog, so that any runner may have run it.

Nodes may run in other threads or processes, which can't tell the main process what they did.
So the files and the fits are looked at before and after, and what differs is what the run made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import fsspec

from partialpool.tracking.records import File, FitRecord

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node

#: What a fit is recorded with.
RESULTS = ("verdict", "scores", "coverage")
TABLES = (".csv", ".json", ".txt", ".md")
PICTURES = (".png", ".svg", ".pdf", ".html")


@dataclass(frozen=True)
class Stamp:
    """What tells a file from another version of it: when it was written, and its size."""

    modified: Any
    size: int


class Outputs:
    """The outputs of a pipeline, as they were when this was made and as they are now.

    Parameters
    ----------
    pipeline : that will run
    catalog : of the run
    max_bytes : larger files are left where they are
    """

    def __init__(self, pipeline: Pipeline, catalog: CatalogProtocol, max_bytes: float) -> None:
        self._catalog, self._max_bytes = catalog, max_bytes
        self._names = sorted(pipeline.all_outputs())
        self._tables = dict(_fits(pipeline.nodes))
        self._old_stamps = {name: self._stamp(name) for name in self._names}
        self._old_fits = {name: self._fit_id(name) for name in self._tables}

    def fits(self) -> list[FitRecord]:
        """The fits that were made since, oldest first."""
        made = [name for name in self._tables if self._fit_id(name) != self._old_fits[name]]
        return sorted((self._record(name) for name in made), key=lambda record: record.end)

    def fits_used_again(self) -> list[FitRecord]:
        """The fits that were there before and are still."""
        kept = [name for name, fit in self._old_fits.items() if fit and fit == self._fit_id(name)]
        return [self._record(name, only_new=False) for name in kept]

    def files(self, section: str | None = None, only_new: bool = True) -> tuple[File, ...]:
        """Tables and pictures of one model, or those of no model.

        Parameters
        ----------
        only_new : those written since
        """
        found = []
        for name in self._names:
            owner = name.partition(".")[0]
            wanted = owner == section if section else owner not in self._tables
            path = self.path(name)
            stamp = self._found(name, only_new)
            if wanted and stamp and path.endswith(TABLES + PICTURES):
                found.append((stamp, File(path, _folder(path))))
        return tuple(file for stamp, file in found if stamp.size <= self._max_bytes)

    def path(self, name: str) -> str:
        """Where a dataset lies, or an empty text if it is not a file."""
        if name not in self._catalog:
            return ""
        dataset: Any = self._catalog.get(name)
        path = str(dataset._describe().get("filepath") or "")
        protocol = getattr(dataset, "_protocol", "file")
        return path if protocol in ("file", "", None) or not path else f"{protocol}://{path}"

    def _record(self, name: str, only_new: bool = True) -> FitRecord:
        """A fit and its results: those written since, or whatever there is."""
        results = {
            result: self._catalog.load(f"{name}.{result}")
            for result in RESULTS
            if self._found(f"{name}.{result}", only_new)
        }
        coverage = results.get("coverage")
        return FitRecord(
            name=name,
            attributes=self._attributes(name),
            data_name=self._tables[name],
            data_source=self.path(self._tables[name]),
            verdict=results.get("verdict", {}),
            scores=results.get("scores", {}),
            truth_coverage=None if coverage is None else float(coverage["share_inside"].iloc[-1]),
            files=self.files(name, only_new),
        )

    def _found(self, name: str, only_new: bool) -> Stamp | None:
        """The stamp of a file that is there, or that was written since."""
        stamp = self._stamp(name)
        return None if only_new and stamp == self._old_stamps.get(name) else stamp

    def _stamp(self, name: str) -> Stamp | None:
        path = self.path(name)
        if not path:
            return None
        filesystem, local = fsspec.core.url_to_fs(path)
        if not filesystem.isfile(local):
            return None
        filesystem.invalidate_cache(local)
        info = filesystem.info(local)
        modified = info.get("mtime") or info.get("LastModified") or info.get("updated")
        return Stamp(modified, info["size"])

    def _fit_id(self, name: str) -> str | None:
        return self._attributes(name).get("fit_id")

    def _attributes(self, name: str) -> dict[str, Any]:
        """The provenance that a posterior carries; nothing if there is no whole posterior."""
        dataset: Any = self._catalog.get(f"{name}.posterior")
        return dataset.attributes()


def _fits(nodes: list[Node]) -> Iterator[tuple[str, str]]:
    """Namespace of each fit of a pipeline, and the table that it is fitted to."""
    for node in nodes:
        for output in node.outputs:
            namespace, _, name = output.partition(".")
            if name == "posterior":
                yield namespace, node.inputs[0]


def _folder(path: str) -> str:
    return "figures" if PurePath(path).suffix in PICTURES else ""
