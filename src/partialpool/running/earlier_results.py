"""Checks the earlier results that a run needs, before it starts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from partialpool.errors import PartialpoolError, Problem, shorten
from partialpool.running.inspection import Inspection

if TYPE_CHECKING:
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node


#: The pipeline that runs by default; messages do not name it.
EVERYTHING = "__default__"


class MissingInputError(PartialpoolError, FileNotFoundError):
    """A run needs a result of another pipeline, and there is none."""


class OutOfDateError(PartialpoolError, ValueError):
    """A result of an earlier run does not fit the present data, code or parameters."""


def require_earlier_results(
    pipeline: Pipeline, inspection: Inspection, registered: Mapping[str, Pipeline]
) -> None:
    """Check that the inputs of `pipeline` that other pipelines make exist and are up to date.

    Parameters
    ----------
    pipeline
        The pipeline that is about to run.
    inspection
        The inspection of this run.
    registered
        All pipelines by name; messages name those that make the missing results.

    Raises
    ------
    MissingInputError
        Names the missing datasets, and the pipelines that make them.
    OutOfDateError
        Names the datasets that are out of date, the reasons, and the pipelines that update them.
    """
    made_elsewhere = sorted(pipeline.inputs() & inspection.makers.keys())
    missing = [name for name in made_elsewhere if not _is_saved(name, inspection)]
    if missing:
        problem = Problem(
            expected="results of other pipelines, saved under data_root by an earlier run",
            got=f"{len(missing)} of {len(made_elsewhere)} datasets are missing: {shorten(missing)}",
            fix=f"first run --pipelines {_makers(missing, registered)}; or run the command "
            "without --pipelines and --nodes, which makes everything; or give the data_root of a "
            "run that has these results",
        )
        raise MissingInputError(str(problem))
    stale = [node for node in _before(pipeline, inspection) if any(inspection.state(node))]
    if stale:
        # A node that is out of date only because of others is listed if there is nothing else.
        own = [node for node in stale if inspection.state(node).own] or stale
        why = {node: inspection.state(node).own or inspection.state(node).reasons for node in own}
        makers = _makers([output for node in stale for output in node.outputs], registered)
        problem = Problem(
            expected="results of other pipelines that fit the present data, code and parameters",
            got=_list(why, inspection),
            fix=f"first run --pipelines {makers}; or run the command without --pipelines "
            "and --nodes, which updates everything; or give the parameters of the earlier run",
        )
        raise OutOfDateError(str(problem))


def require_nothing_out_of_date(pipeline: Pipeline, inspection: Inspection) -> None:
    """Check that no existing result, which would be kept, is out of date.

    Raises
    ------
    OutOfDateError
        Names the datasets that are out of date, and the reasons.
    """
    why = {
        node: state.changed
        for node in pipeline.nodes
        if (state := inspection.state(node)).changed and not state.missing
    }
    if why:
        problem = Problem(
            expected="with --only-missing-outputs: existing results that are up to date",
            got=_list(why, inspection),
            fix="leave out --only-missing-outputs and --runner: then the run makes what is missing "
            "and updates what is out of date",
        )
        raise OutOfDateError(str(problem))


def _list(why: Mapping[Node, tuple[str, ...]], inspection: Inspection) -> str:
    """List the outputs of nodes, grouped by the reasons why they are out of date."""
    outputs: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for node, reasons in why.items():
        outputs[reasons] += [n for n in node.outputs if inspection.is_in_files(n)] or node.outputs
    lines = (f"  {', '.join(names)}: {shorten(reasons)}" for reasons, names in outputs.items())
    total = sum(map(len, outputs.values()))
    return "\n".join([f"{total} datasets are out of date:", *lines])


def _before(pipeline: Pipeline, inspection: Inspection) -> Iterator[Node]:
    """Find all nodes outside of a pipeline that its inputs depend on."""
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
    """Choose few and small pipelines that make all `outputs`, joined for ``--pipelines``."""
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
