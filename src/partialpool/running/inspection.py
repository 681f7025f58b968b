"""What every node would be made from now, held against what it was made from."""

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

#: How Kedro calls a parameter among the inputs of a node, and all of them.
PARAMETER, ALL_PARAMETERS = "params:", "parameters"
#: Last parts of the names of parameters that change no result: how many processors work on it,
#: and what is done about a failed fit, for which a node that always runs asks.
WITHOUT_EFFECT = (".cores", ".on_failure")
#: The setting that says which model a group of parameters is about.
MODEL = "model"
#: Reasons that lie in no difference.
FORCED = "force=true asks for it"
NO_RECORD = "there is no record of how it was made"


class State(NamedTuple):
    """Whether what a node made is what it would make now; it is if all three are empty.

    Attributes
    ----------
    changed
        Reasons why it is not, as a person reads them.
    missing
        Outputs that are not there.
    after
        Inputs that are to be made again.
    """

    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def own(self) -> tuple[str, ...]:
        """Reasons that lie in this node and not in one before it."""
        return (*self.changed, *(f"{name} is missing" for name in self.missing))

    @property
    def reasons(self) -> tuple[str, ...]:
        """All reasons."""
        return (*self.own, *(f"input {name} is made again" for name in self.after))


class Inspection:
    """Looks at nodes, their records and the files of a catalog.

    Parameters
    ----------
    catalog
        Of the run.
    pipelines
        All that are registered, as one makes what another takes.
    parameters
        All of the project's, nested, as plain values.
    source
        Of the code.
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
        """Say whether a node is up to date, as of the first time that this is asked.

        Parameters
        ----------
        node
            A node of the pipeline.
        is_forced
            It is to be made again in any case.
        """
        if node.name not in self._states:
            state = self._look(node)
            changed = (*state.changed, FORCED) if is_forced else state.changed
            self._states[node.name] = state._replace(changed=changed)
        return self._states[node.name]

    def made_from(self, node: Node, record: Record | None = None) -> MadeFrom:
        """Find what a node is made from now.

        Parameters
        ----------
        node
            A node of the pipeline.
        record
            An earlier one, by which unchanged files are known without reading them.
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
        """Find what the outputs of a node hold now."""
        earlier = record.outputs if record else {}
        return {
            name: self._of_files(name, earlier.get(name))
            if self.is_in_files(name)
            else made_from.digest
            for name in node.outputs
        }

    def is_in_files(self, name: str) -> bool:
        """Whether a dataset outlives the run."""
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
        """Every parameter of a node by its dotted name, but for those without effect."""
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
        """The models that a node is about: named by its own settings or by those before it."""
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
