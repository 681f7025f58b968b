"""What a part of the project needs from an earlier run, looked for before anything is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from partialpool.errors import PartialpoolError, Problem, shorten

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline
    from kedro.pipeline.node import Node

#: What tells whether the results of a fit belong together; the last of a simulated screen only.
TOLD_BY = ("verdict", "scores", "convergence", "effects", "recovery")


class MissingInputError(PartialpoolError, FileNotFoundError):
    """Something that another pipeline makes is needed and not there."""


def require_earlier_outputs(
    pipeline: Pipeline, catalog: CatalogProtocol, registered: Mapping[str, Pipeline]
) -> None:
    """Check that what `pipeline` takes from other pipelines was saved by an earlier run.

    Parameters
    ----------
    pipeline : what is to be run
    catalog : of the run
    registered : every pipeline by name; the smallest that makes something is named in the message

    Raises
    ------
    MissingInputError
        Names what is missing, and the pipelines that make it.
    """
    by_size = sorted(registered, key=lambda name: len(registered[name].nodes), reverse=True)
    makers = {output: name for name in by_size for output in registered[name].all_outputs()}
    made_elsewhere = sorted(pipeline.inputs() & makers.keys())
    missing = [name for name in made_elsewhere if not _is_saved(name, catalog)]
    if missing:
        wanted = ",".join(dict.fromkeys(makers[name] for name in missing))
        problem = Problem(
            needed="what other pipelines make, saved under data_root by an earlier run",
            came=f"{len(missing)} of {len(made_elsewhere)} datasets are missing: "
            f"{shorten(missing)}",
            mend="the same command without --pipelines and --nodes makes everything, with "
            f"--pipelines {wanted} it makes these; or name the data_root of a run that made them",
        )
        raise MissingInputError(str(problem))


def require_one_fit_each(pipeline: Pipeline, catalog: CatalogProtocol) -> None:
    """Check that the fits that `pipeline` only shows are of one run each, on the present screen.

    Parameters
    ----------
    pipeline : what is to be run
    catalog : of the run

    Raises
    ------
    OutOfDateError
        Names all fits that are out of date.
    """
    from partialpool.inference.settings import FitSettings
    from partialpool.report.same_fit import OutOfDateError, why_out_of_date

    given, reasons = pipeline.inputs(), {}
    for fit, node in _gathered_fits(pipeline):
        needed = [item for item in node.inputs if not item.startswith("params:")]
        screen = next(item for item in needed if not item.startswith(f"{fit}."))
        told = {name: f"{fit}.{name}" for name in TOLD_BY if f"{fit}.{name}" in needed}
        if given.issuperset([screen, *told.values()]):
            results = {name: catalog.load(item) for name, item in told.items()}
            settings = FitSettings.model_validate(catalog.load(f"params:modeling.{fit}"))
            made_from = results["verdict"] | {"model": settings.model}
            if reason := why_out_of_date(made_from, catalog.load(screen), results):
                reasons[fit] = reason
    if reasons:
        raise OutOfDateError.of(reasons)


def _gathered_fits(pipeline: Pipeline) -> Iterator[tuple[str, Node]]:
    """Name of each fit that a report shows, and the node that gathers it."""
    for node in pipeline.nodes:
        for output in node.outputs:
            fit, _, name = output.partition(".")
            if name == "section" and f"{fit}.verdict" in node.inputs:
                yield fit, node


def _is_saved(name: str, catalog: CatalogProtocol) -> bool:
    return name in catalog and catalog.exists(name)
