"""What a run wrote, read from its catalog, so that any runner may have run it.

Nodes may run in other threads or processes, which can't tell the main process what they did.
So the files and the fits are looked at before and after, and what differs is what the run made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import fsspec

from partialpool.tracking.records import File, FitRecord

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node

#: What a fit is recorded with.
RESULTS = ("verdict", "scores", "coverage")
#: Suffixes of the files that are copied besides figures.
TABLES = (".csv", ".json")
#: What the catalog calls a section's folder of figures, and a run's page the folder of them.
FIGURES = "figures"


@dataclass(frozen=True)
class Stamp:
    """What tells a file from another version of it: when it was written, and its size."""

    modified: Any
    size: int


class Outputs:
    """The outputs of a pipeline, as they were when this was made and as they are now.

    Parameters
    ----------
    pipeline
        That will run.
    catalog
        Of the run.
    figures
        Those of every section that are copied.
    max_bytes
        Larger files are left where they are.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        catalog: CatalogProtocol[Any, Any],
        figures: Collection[str],
        max_bytes: float,
    ) -> None:
        self._catalog, self._figures, self._max_bytes = catalog, figures, max_bytes
        self._names = sorted(pipeline.all_outputs())
        self._tables = dict(_fits(pipeline.nodes))
        self._old_stamps = {
            file.path: _stamp(file.path) for name in self._names for file in self._kept(name)
        }
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
        """Tables and chosen figures of one model, or those of no model.

        Parameters
        ----------
        section
            Name of the fit; None for what belongs to no fit.
        only_new
            Those written since.
        """
        found = []
        for name in self._names:
            owner = name.partition(".")[0]
            if owner == section if section else owner not in self._tables:
                found += [file for file in self._kept(name) if self._found(file.path, only_new)]
        return tuple(file for file in found if _size(file.path) <= self._max_bytes)

    def path(self, name: str) -> str:
        """Where a dataset lies, or an empty text if it is not a file."""
        if name not in self._catalog:
            return ""
        dataset: Any = self._catalog.get(name)
        path = str(dataset._describe().get("filepath") or "")
        protocol = getattr(dataset, "_protocol", "file")
        return path if protocol in ("file", "", None) or not path else f"{protocol}://{path}"

    def _kept(self, name: str) -> list[File]:
        """The files of a dataset that may be copied."""
        path = self.path(name)
        if path and name.endswith(f".{FIGURES}"):
            return [File(f"{path}/{figure}.png", FIGURES) for figure in self._figures]
        return [File(path)] if path.endswith(TABLES) else []

    def _record(self, name: str, only_new: bool = True) -> FitRecord:
        """A fit and its results: those written since, or whatever there is."""
        results = {
            result: self._catalog.load(f"{name}.{result}")
            for result in RESULTS
            if self._found(self.path(f"{name}.{result}"), only_new)
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

    def _found(self, path: str, only_new: bool) -> bool:
        """Whether a file is there, or was written since."""
        stamp = _stamp(path)
        return stamp is not None and not (only_new and stamp == self._old_stamps.get(path))

    def _fit_id(self, name: str) -> str | None:
        return self._attributes(name).get("fit_id")

    def _attributes(self, name: str) -> dict[str, Any]:
        """The provenance that a posterior carries; nothing if there is no whole posterior."""
        dataset: Any = self._catalog.get(f"{name}.posterior")
        attributes: dict[str, Any] = dataset.attributes()
        return attributes


def _fits(nodes: list[Node]) -> Iterator[tuple[str, str]]:
    """Namespace of each fit of a pipeline, and the table that it is fitted to."""
    for node in nodes:
        for output in node.outputs:
            namespace, _, name = output.partition(".")
            if name == "posterior":
                yield namespace, node.inputs[0]


def _stamp(path: str) -> Stamp | None:
    """The stamp of a file, if it is there."""
    if not path:
        return None
    filesystem, local = fsspec.core.url_to_fs(path)
    if not filesystem.isfile(local):
        return None
    filesystem.invalidate_cache(local)
    info = filesystem.info(local)
    modified = info.get("mtime") or info.get("LastModified") or info.get("updated")
    return Stamp(modified, info["size"])


def _size(path: str) -> int:
    stamp = _stamp(path)
    return stamp.size if stamp else 0
