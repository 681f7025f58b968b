"""What a part of the project needs from earlier runs, looked for before anything is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from partialpool.errors import PartialpoolError, Problem, shorten
from partialpool.running.inspection import Inspection

if TYPE_CHECKING:
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node


#: The pipeline that a message needs not name: it runs if none is asked for.
EVERYTHING = "__default__"


class MissingInputError(PartialpoolError, FileNotFoundError):
    """Something that another pipeline makes is needed and not there."""


class OutOfDateError(PartialpoolError, ValueError):
    """A result of an earlier run is not what would be made now."""


def require_earlier_results(
    pipeline: Pipeline, inspection: Inspection, registered: Mapping[str, Pipeline]
) -> None:
    """Check that what `pipeline` takes from other pipelines is there and up to date.

    Parameters
    ----------
    pipeline
        What is to be run.
    inspection
        Of the run.
    registered
        Every pipeline by name; messages name those that make what is needed.

    Raises
    ------
    MissingInputError
        Names what is missing, and the pipelines that make it.
    OutOfDateError
        Names what is out of date, why, and the pipelines that make it again.
    """
    made_elsewhere = sorted(pipeline.inputs() & inspection.makers.keys())
    missing = [name for name in made_elsewhere if not _is_saved(name, inspection)]
    if missing:
        problem = Problem(
            expected="what other pipelines make, saved under data_root by an earlier run",
            got=f"{len(missing)} of {len(made_elsewhere)} datasets are missing: {shorten(missing)}",
            fix="the same command without --pipelines and --nodes makes everything, with "
            f"--pipelines {_makers(missing, registered)} it makes these; or name the data_root of "
            "a run that made them",
        )
        raise MissingInputError(str(problem))
    stale = [node for node in _before(pipeline, inspection) if any(inspection.state(node))]
    if stale:
        # What only follows from others is not worth a line, unless there is nothing else.
        own = [node for node in stale if inspection.state(node).own] or stale
        why = {node: inspection.state(node).own or inspection.state(node).reasons for node in own}
        makers = _makers([output for node in stale for output in node.outputs], registered)
        problem = Problem(
            expected="of other pipelines, results that are made from the present data, code and "
            "parameters",
            got=_list(why, inspection),
            fix=f"the same command with --pipelines {makers} makes them again, without "
            "--pipelines and --nodes it makes everything that is out of date; or give the "
            "parameters that they were made with",
        )
        raise OutOfDateError(str(problem))


def require_nothing_out_of_date(pipeline: Pipeline, inspection: Inspection) -> None:
    """Check that nothing that is there, and so would be left alone, is out of date.

    Raises
    ------
    OutOfDateError
        Names what is out of date, and why.
    """
    why = {
        node: state.changed
        for node in pipeline.nodes
        if (state := inspection.state(node)).changed and not state.missing
    }
    if why:
        problem = Problem(
            expected="with --only-missing-outputs, results that are up to date where there are any",
            got=_list(why, inspection),
            fix="the same command without --only-missing-outputs and --runner makes what is "
            "missing and what is out of date",
        )
        raise OutOfDateError(str(problem))


def _list(why: Mapping[Node, tuple[str, ...]], inspection: Inspection) -> str:
    """The outputs of nodes, those that have the same reasons together."""
    outputs: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for node, reasons in why.items():
        outputs[reasons] += [n for n in node.outputs if inspection.is_in_files(n)] or node.outputs
    lines = (f"  {', '.join(names)}: {shorten(reasons)}" for reasons, names in outputs.items())
    total = sum(map(len, outputs.values()))
    return "\n".join([f"{total} datasets that are out of date:", *lines])


def _before(pipeline: Pipeline, inspection: Inspection) -> Iterator[Node]:
    """The nodes outside of a pipeline that its inputs come from, near or far."""
    inside = {node.name for node in pipeline.nodes}
    waiting = sorted(pipeline.inputs())
    seen: set[str] = set()
    while waiting:
        maker = inspection.makers.get(waiting.pop())
        if maker and maker.name not in inside | seen:
            seen.add(maker.name)
            waiting += maker.inputs
            yield maker


def _makers(outputs: Iterable[str], registered: Mapping[str, Pipeline]) -> str:
    """Few and small pipelines that make all of something, as ``--pipelines`` takes them."""
    made = {name: found.all_outputs() for name, found in registered.items() if name != EVERYTHING}
    needed = set(outputs) & set().union(*made.values())
    chosen = set()
    while needed:
        best = max(made, key=lambda name: (len(made[name] & needed), -len(made[name])))
        chosen.add(best)
        needed -= made[best]
    return ",".join(name for name in made if name in chosen)


def _is_saved(name: str, inspection: Inspection) -> bool:
    return inspection.is_in_files(name) and inspection.catalog.exists(name)
