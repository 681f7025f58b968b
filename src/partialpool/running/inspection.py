"""Compares what the outputs of a node would be made from now with what they were made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from partialpool.parameters import flatten
from partialpool.running.code import SOURCE, Source, versions
from partialpool.running.files import location, take
from partialpool.running.records import Held, MadeFrom, Record, Records, damage, differences

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node

#: Kedro's names for a parameter among the inputs of a node, and for all parameters.
PARAMETER, ALL_PARAMETERS = "params:", "parameters"
#: Last parts of the names of parameters that change no result: how many processors work on it,
#: and whether a failed fit stops the run, which a node without outputs does.
WITHOUT_EFFECT = (".cores", ".on_failure")
#: The setting that names the model of a group of parameters.
MODEL = "model"
#: Reasons other than a difference.
FORCED = "force=true"
NO_RECORD = "there is no record of how it was made"


class State(NamedTuple):
    """Why the outputs of a node are not up to date; they are if all three are empty.

    Attributes
    ----------
    changed
        What has changed, in words for the log.
    missing
        Outputs that do not exist.
    after
        Inputs that are not up to date themselves.
    """

    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def own(self) -> tuple[str, ...]:
        """Reasons in this node, not in the nodes before it."""
        return (*self.changed, *(f"{name} is missing" for name in self.missing))

    @property
    def reasons(self) -> tuple[str, ...]:
        """All reasons."""
        return (*self.own, *(f"input {name} is out of date" for name in self.after))


class Inspection:
    """Compares nodes with their records and with the files of a catalog.

    Parameters
    ----------
    catalog
        The catalog of the run.
    pipelines
        All registered pipelines, because one uses the outputs of another.
    parameters
        All parameters of the project, nested, as plain values.
    source
        The source code.
    """

    def __init__(
        self,
        catalog: CatalogProtocol[Any, Any],
        pipelines: Mapping[str, Pipeline],
        parameters: Mapping[str, Any],
        source: Source = SOURCE,
    ) -> None:
        self.catalog = catalog
        self.records = Records(catalog)
        self.makers = {
            output: node
            for pipeline in pipelines.values()
            for node in pipeline.nodes
            for output in node.outputs
        }
        self.parameters, self._source = parameters, source
        self._states: dict[str, State] = {}
        self._about: dict[str, frozenset[str]] = {}

    def state(self, node: Node, is_forced: bool = False) -> State:
        """Find out whether a node is up to date; the first answer is kept for the whole run.

        Parameters
        ----------
        node
            A node of the pipeline.
        is_forced
            Whether the node runs again in any case.
        """
        if node.name not in self._states:
            state = self._look(node)
            changed = (*state.changed, FORCED) if is_forced else state.changed
            self._states[node.name] = state._replace(changed=changed)
        return self._states[node.name]

    def made_from(self, node: Node, record: Record | None = None) -> MadeFrom:
        """Find what the outputs of a node would be made from now.

        Parameters
        ----------
        node
            A node of the pipeline.
        record
            An earlier record, so that unchanged files need not be read again.
        """
        code = self._source.behind(node.func, self._models(node))
        earlier = record.made_from.inputs if record else {}
        return MadeFrom(
            code=code.hashes,
            versions=versions(code.packages),
            parameters=self._settings(node),
            inputs={name: self._held(name, earlier.get(name)) for name in _datasets(node)},
        )

    def outputs(
        self, node: Node, made_from: MadeFrom, record: Record | None = None
    ) -> dict[str, Any]:
        """Find what the outputs of a node contain now."""
        earlier = record.outputs if record else {}
        return {
            name: self._of_files(name, earlier.get(name))
            if self.is_in_files(name)
            else made_from.digest
            for name in node.outputs
        }

    def is_in_files(self, name: str) -> bool:
        """Whether a dataset is saved in files."""
        return location(self.catalog, name) is not None

    def _look(self, node: Node) -> State:
        after = tuple(
            name
            for name in _datasets(node)
            if name in self.makers and any(self.state(self.makers[name]))
        )
        if not node.outputs:
            return State(after=after)
        record = self.records.read(node.name)
        if record is None:
            return State((NO_RECORD,), after=after)
        now = self.made_from(node, record)
        outputs = self.outputs(node, now, record)
        changed = (*differences(record.made_from, now, after), *damage(record, outputs))
        missing = tuple(name for name, held in outputs.items() if held is None)
        return State(changed, missing, after)

    def _settings(self, node: Node) -> dict[str, Any]:
        """All parameters of a node by dotted name, except those that change no result."""
        found: dict[str, Any] = {}
        for name in _parameters(node):
            value = self._value(name)
            found |= flatten(value, f"{name}.") if isinstance(value, Mapping) else {name: value}
        return {n: v for n, v in found.items() if not f".{n}".endswith(WITHOUT_EFFECT)}

    def _value(self, name: str) -> Any:
        value: Any = self.parameters
        for key in name.split(".") if name != ALL_PARAMETERS else ():
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def _models(self, node: Node) -> frozenset[str]:
        """The models that a node works on: named in its settings or in those of earlier nodes."""
        if node.name not in self._about:
            settings = [self._value(name) for name in _parameters(node)]
            own = {s[MODEL] for s in settings if isinstance(s, Mapping) and MODEL in s}
            before = (self.makers[name] for name in _datasets(node) if name in self.makers)
            self._about[node.name] = frozenset(own).union(*map(self._models, before))
        return self._about[node.name]

    def _held(self, name: str, earlier: Held) -> Held:
        if self.is_in_files(name):
            return self._of_files(name, earlier)
        maker = self.makers.get(name)
        record = self.records.read(maker.name) if maker else None
        return record.made_from.digest if record else None

    def _of_files(self, name: str, earlier: Held) -> Held:
        where = location(self.catalog, name)
        return take(where, None if isinstance(earlier, str) else earlier) if where else None


def _parameters(node: Node) -> list[str]:
    found = (name for name in node.inputs if _is_parameter(name))
    return [name.removeprefix(PARAMETER) for name in found]


def _datasets(node: Node) -> list[str]:
    return [name for name in node.inputs if not _is_parameter(name)]


def _is_parameter(name: str) -> bool:
    return name.startswith(PARAMETER) or name == ALL_PARAMETERS
