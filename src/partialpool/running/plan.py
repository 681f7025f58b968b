"""Which nodes a run runs, and which it keeps."""

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
        Up to date, and run all the same: what they give to others lies in no file.
    always
        They make nothing that could be kept, such as those that only tell a verdict.
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
        """Say what is kept, and why the rest is made again."""
        made = {name: self.states[name] for name in self.made}
        total = len(self.states) - len(self.always)
        if kept := total - len(made):
            yield f"kept {kept} of {total} nodes: nothing that they are made from changed"
        why: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for name, state in made.items():
            if state.own and state.own != (NO_RECORD,):
                why[state.own].append(name)
        for reasons, names in why.items():
            yield f"made again: {shorten(names)} ({shorten(reasons)})"
        follow = sum(not state.own for state in made.values())
        if follow:
            yield f"made again: {follow} more, which these build on or which build on these"


def make_plan(requested: Pipeline, inspection: Inspection, forced: Collection[str] = ()) -> Plan:
    """Find the nodes to run: those that are not up to date, and what they need of others.

    Parameters
    ----------
    requested
        Nodes that may run.
    inspection
        What is known of every node.
    forced
        Names of nodes that run even where nothing changed.
    """
    states: dict[str, State] = {}
    for node in requested.nodes:
        states[node.name] = inspection.state(node, node.name in forced)
    always = {node.name for node in requested.nodes if not node.outputs}
    running = {name for name, state in states.items() if any(state)} | always
    helpers: set[str] = set()
    for node in reversed(requested.nodes):
        if node.name in running:
            makers = _makers_of_what_lies_in_no_file(node, inspection)
            new = {maker for maker in makers if maker in states} - running
            helpers |= new
            running |= new
    return Plan(states, helpers, always)


def _makers_of_what_lies_in_no_file(node: Node, inspection: Inspection) -> set[str]:
    inputs = (name for name in node.inputs if name in inspection.makers)
    return {inspection.makers[n].name for n in inputs if not inspection.is_in_files(n)}
