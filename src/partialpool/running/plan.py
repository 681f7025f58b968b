"""Which nodes of a pipeline run, and which results are kept."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from partialpool.errors import shorten
from partialpool.running.inspection import NO_RECORD, Inspection, State

if TYPE_CHECKING:
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """What a run does.

    Attributes
    ----------
    states
        Node -> whether it is up to date, in the order in which they run.
    helpers
        Nodes that are up to date but run, because another node needs an output that is not saved.
    always
        Nodes without outputs, such as those that only log a verdict.
    """

    states: Mapping[str, State]
    helpers: Collection[str] = field(default=frozenset())
    always: Collection[str] = field(default=frozenset())

    @property
    def made(self) -> list[str]:
        """Nodes that run and make something."""
        return [
            name
            for name, state in self.states.items()
            if name not in self.always and (any(state) or name in self.helpers)
        ]

    @property
    def run(self) -> list[str]:
        """Nodes that run."""
        made = set(self.made)
        return [name for name in self.states if name in made or name in self.always]

    def describe(self) -> Iterator[str]:
        """Describe what is kept, and why the other nodes run."""
        made = {name: self.states[name] for name in self.made}
        total = len(self.states) - len(self.always)
        if kept := total - len(made):
            yield f"kept the results of {kept} of {total} nodes: nothing has changed"
        why: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for name, state in made.items():
            if state.own and state.own != (NO_RECORD,):
                why[state.own].append(name)
        for reasons, names in why.items():
            yield f"running again: {shorten(names)} ({shorten(reasons)})"
        dependent = sum(not state.own for state in made.values())
        if why and dependent:
            nodes = "node" if dependent == 1 else "nodes"
            yield f"running again: {dependent} more {nodes} before or after these"


def make_plan(requested: Pipeline, inspection: Inspection, forced: Collection[str] = ()) -> Plan:
    """Find the nodes to run: those that are not up to date, and those that they depend on.

    Parameters
    ----------
    requested
        The nodes that may run.
    inspection
        The inspection of this run.
    forced
        Names of nodes that run even if nothing changed.
    """
    states: dict[str, State] = {}
    for node in requested.nodes:
        states[node.name] = inspection.state(node, node.name in forced)
    always = {node.name for node in requested.nodes if not node.outputs}
    running = {name for name, state in states.items() if any(state)} | always
    helpers: set[str] = set()
    for node in reversed(requested.nodes):
        if node.name in running:
            makers = _makers_of_unsaved_inputs(node, inspection)
            new = {maker for maker in makers if maker in states} - running
            helpers |= new
            running |= new
    return Plan(states, helpers, always)


def _makers_of_unsaved_inputs(node: Node, inspection: Inspection) -> set[str]:
    inputs = (name for name in node.inputs if name in inspection.makers)
    return {inspection.makers[n].name for n in inputs if not inspection.is_in_files(n)}
