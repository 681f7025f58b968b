"""Finds what a run wrote, from its catalog, with any runner.

Nodes may run in other threads or processes, so the main process can't observe them. It compares
the files and the fits before and after the run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import fsspec

from partialpool.tracking.records import SIMULATED, File, FitRecord

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node

#: The table that most models are fitted to; other tables are simulated.
SCREEN = "screen"
#: The results of a fit that are recorded.
RESULTS = ("verdict", "scores", "coverage")
#: Suffixes of the files that are copied, besides figures.
TABLES = (".csv", ".json")
#: The name of the figures of a section in the catalog, and of their folder in MLflow.
FIGURES = "figures"


@dataclass(frozen=True)
class Stamp:
    """The time and size by which versions of a file are distinguished."""

    modified: Any
    size: int


class Outputs:
    """The outputs of a pipeline, at the time when this is created and now.

    Parameters
    ----------
    pipeline
        The pipeline that will run.
    catalog
        The catalog of the run.
    screen
        The name of the screen.
    figures
        The names of the figures that are copied from every section.
    max_bytes
        Files larger than this are not copied.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        catalog: CatalogProtocol[Any, Any],
        screen: str,
        figures: Collection[str],
        max_bytes: float,
    ) -> None:
        self._catalog, self._screen = catalog, screen
        self._figures, self._max_bytes = figures, max_bytes
        self._names = sorted(pipeline.all_outputs())
        self._tables = dict(_fits(pipeline.nodes))
        self._old_stamps = {
            file.path: _stamp(file.path) for name in self._names for file in self._kept(name)
        }
        self._old_fits = {name: self._fit_id(name) for name in self._tables}

    def fits(self) -> list[FitRecord]:
        """The new fits, oldest first."""
        made = [name for name in self._tables if self._fit_id(name) != self._old_fits[name]]
        return sorted((self._record(name) for name in made), key=lambda record: record.end)

    def fits_used_again(self) -> list[FitRecord]:
        """The fits that existed before and have not changed."""
        kept = [name for name, fit in self._old_fits.items() if fit and fit == self._fit_id(name)]
        return [self._record(name, only_new=False) for name in kept]

    def files(self, section: str | None = None, only_new: bool = True) -> tuple[File, ...]:
        """Tables and chosen figures of a fit, or those that belong to no fit.

        Parameters
        ----------
        section
            The name of the fit.
        only_new
            Leave out files that have not changed.
        """
        found = []
        for name in self._names:
            owner = name.partition(".")[0]
            if owner == section if section else owner not in self._tables:
                found += [file for file in self._kept(name) if self._found(file.path, only_new)]
        return tuple(file for file in found if _size(file.path) <= self._max_bytes)

    def path(self, name: str) -> str:
        """The path or URL of a dataset; empty if it is not a file."""
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
        """A fit and its results: the new ones, or all."""
        results = {
            result: self._catalog.load(f"{name}.{result}")
            for result in RESULTS
            if self._found(self.path(f"{name}.{result}"), only_new)
        }
        coverage = results.get("coverage")
        return FitRecord(
            name=name,
            screen=self._screen if self._tables[name] == SCREEN else SIMULATED,
            attributes=self._attributes(name),
            data_name=self._tables[name],
            data_source=self.path(self._tables[name]),
            verdict=results.get("verdict", {}),
            scores=results.get("scores", {}),
            truth_coverage=None if coverage is None else float(coverage["share_inside"].iloc[-1]),
            files=self.files(name, only_new),
        )

    def _found(self, path: str, only_new: bool) -> bool:
        """Whether a file exists, or is new."""
        stamp = _stamp(path)
        return stamp is not None and not (only_new and stamp == self._old_stamps.get(path))

    def _fit_id(self, name: str) -> str | None:
        return self._attributes(name).get("fit_id")

    def _attributes(self, name: str) -> dict[str, Any]:
        """The attributes of a posterior; empty if there is none."""
        dataset: Any = self._catalog.get(f"{name}.posterior")
        attributes: dict[str, Any] = dataset.attributes()
        return attributes


def _fits(nodes: list[Node]) -> Iterator[tuple[str, str]]:
    """Yield the namespace of each fit of a pipeline, and the table that it is fitted to."""
    for node in nodes:
        for output in node.outputs:
            namespace, _, name = output.partition(".")
            if name == "posterior":
                yield namespace, node.inputs[0]


def _stamp(path: str) -> Stamp | None:
    """The stamp of a file, if it exists."""
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
