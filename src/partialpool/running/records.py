"""Records of what the outputs of every node were made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from partialpool.running.files import Fingerprint, Mark

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol

#: The content of a dataset: its files, or, without files, the digest of what it was made from.
Held = Fingerprint | str | None


@dataclass(frozen=True)
class MadeFrom:
    """Everything that determines the outputs of a node.

    Attributes
    ----------
    code
        Module or function -> SHA-256.
    versions
        Python and each package that this code imports -> version.
    parameters
        Dotted name -> value.
    inputs
        Dataset -> its content; None if it did not exist.
    """

    code: Mapping[str, str]
    versions: Mapping[str, str]
    parameters: Mapping[str, Any]
    inputs: Mapping[str, Held]

    @property
    def digest(self) -> str:
        """Identifies outputs that are not saved: it is equal if all of this is equal."""
        inputs = {name: _content(held) for name, held in self.inputs.items()}
        parts = [self.code, self.versions, self.parameters, inputs]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Record:
    """A completed node: what it was made from, and the content of its outputs."""

    made_from: MadeFrom
    outputs: Mapping[str, Held]


def differences(old: MadeFrom, new: MadeFrom, apart_from: Collection[str] = ()) -> Iterator[str]:
    """Describe what changed, such as ``parameter seed 1 -> 2`` or ``numpy 2.4.1 -> 2.4.2``.

    Parameters
    ----------
    old, new
        What the outputs were made from, and what they would be made from now.
    apart_from
        Inputs that do not count.
    """
    for part in sorted(old.code.keys() | new.code.keys()):
        if old.code.get(part) != new.code.get(part):
            yield f"the code of {part} changed" if part in new.code else f"{part} is not used now"
    for name, (before, now) in _changed(old.versions, new.versions):
        yield f"{name} {before} -> {now}"
    for name, (before, now) in _changed(old.parameters, new.parameters):
        yield f"parameter {name} {before} -> {now}"
    for name in sorted((old.inputs.keys() | new.inputs.keys()) - set(apart_from)):
        yield from _changed_input(name, old.inputs, new.inputs)


def damage(record: Record, outputs: Mapping[str, Held]) -> Iterator[str]:
    """Describe which existing files are not as the node wrote them."""
    for name, held in outputs.items():
        left = record.outputs.get(name)
        if isinstance(held, Fingerprint) and _content(held) != _content(left):
            yield f"{name} was changed, replaced or cut since it was written"


class Records:
    """The records of all nodes, in the datasets ``made_from/<node>`` of a catalog.

    Parameters
    ----------
    catalog
        The catalog of a run; without such datasets, no records are kept.
    """

    def __init__(self, catalog: CatalogProtocol[Any, Any]) -> None:
        self._catalog = catalog

    def read(self, node: str) -> Record | None:
        """Read a record; None if it does not exist or can't be read."""
        name = _dataset(node)
        if name not in self._catalog or not self._catalog.exists(name):
            return None
        try:
            return _from_json(self._catalog.load(name))
        except (ValueError, KeyError, TypeError, AttributeError):
            return None  # Another version wrote it; the node runs again.

    def write(self, node: str, record: Record) -> None:
        """Write a record, completely or not at all."""
        if _dataset(node) in self._catalog:
            self._catalog.save(_dataset(node), _as_json(record))


def _dataset(node: str) -> str:
    # Without dots, which the names of results contain.
    return "made_from/" + "/".join(quote(part, safe="") for part in node.split("."))


def _changed(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for name in [*new, *(name for name in old if name not in new)]:
        before, now = old.get(name, "none"), new.get(name, "none")
        if before != now:
            yield name, (before, now)


def _changed_input(name: str, old: Mapping[str, Held], new: Mapping[str, Held]) -> Iterator[str]:
    if name not in old:
        yield f"input {name} is new"
    elif name not in new:
        yield f"input {name} is not used now"
    elif new[name] is None:
        yield f"input {name} is missing"
    elif _content(old[name]) != _content(new[name]):
        yield f"input {name} changed"


def _content(held: Held) -> Any:
    return held.content if isinstance(held, Fingerprint) else held


def _as_json(record: Record) -> dict[str, Any]:
    made_from = vars(record.made_from) | {"inputs": _plain(record.made_from.inputs)}
    return {"made_from": made_from, "outputs": _plain(record.outputs)}


def _plain(datasets: Mapping[str, Held]) -> dict[str, Any]:
    return {
        name: dict(held.files) if isinstance(held, Fingerprint) else held
        for name, held in datasets.items()
    }


def _from_json(found: dict[str, Any]) -> Record:
    made_from = found["made_from"]
    return Record(
        MadeFrom(**made_from | {"inputs": _held(made_from["inputs"])}), _held(found["outputs"])
    )


def _held(datasets: Mapping[str, Any]) -> dict[str, Held]:
    return {
        name: Fingerprint({path: Mark(*mark) for path, mark in held.items()})
        if isinstance(held, dict)
        else held
        for name, held in datasets.items()
    }
