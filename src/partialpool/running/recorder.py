"""Records what nodes were made from, while they run."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from partialpool.running.inspection import Inspection
from partialpool.running.records import MadeFrom, Record

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol
    from kedro.pipeline.node import Node


@dataclass
class _Running:
    inspection: Inspection
    made_from: MadeFrom
    saved: set[str] = field(default_factory=set)


class Recorder:
    """Writes the record of each node when all of its outputs are saved.

    It works in the thread or process in which the node runs.

    Parameters
    ----------
    look
        Makes the inspection of a catalog.
    """

    def __init__(self, look: Callable[[CatalogProtocol[Any, Any]], Inspection]) -> None:
        self._look = look
        self._inspection: Inspection | None = None
        self._running: dict[str, _Running] = {}

    def start(self, node: Node, catalog: CatalogProtocol[Any, Any]) -> None:
        """Note what the outputs of a node are made from, before it runs."""
        # For a generator it is unknown when all outputs are saved.
        if node.outputs and not inspect.isgeneratorfunction(node.func):
            if self._inspection is None or self._inspection.catalog is not catalog:
                self._inspection = self._look(catalog)
            earlier = self._inspection.records.read(node.name)
            made_from = self._inspection.made_from(node, earlier)
            self._running[node.name] = _Running(self._inspection, made_from)

    def saved(self, node: Node, dataset: str) -> None:
        """Note that an output is saved; after the last one, write the record."""
        running = self._running.get(node.name)
        if running is None:
            return
        running.saved.add(dataset)
        if running.saved.issuperset(node.outputs):
            del self._running[node.name]
            outputs = running.inspection.outputs(node, running.made_from)
            running.inspection.records.write(node.name, Record(running.made_from, outputs))
