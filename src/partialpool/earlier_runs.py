"""What a part of the project needs from an earlier run, looked for before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from partialpool.errors import PartialpoolError, Problem, shorten

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline


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
            mend=f"`kedro run` makes everything; `kedro run --pipelines {wanted}` makes these; "
            "or name the data_root of a run that made them",
        )
        raise MissingInputError(str(problem))


def _is_saved(name: str, catalog: CatalogProtocol) -> bool:
    return name in catalog and catalog.exists(name)
