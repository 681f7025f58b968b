"""The last lines that a run logs: where the report is, or how to get one."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partialpool.models import MODELS
from partialpool.parameters import flatten
from partialpool.pipeline_registry import EXPRESSION_ON_ITS_OWN_SCREEN, EXPRESSION_SIMULATED
from partialpool.running.files import location
from partialpool.tracking.store import without_password

if TYPE_CHECKING:
    from kedro.io import CatalogProtocol
    from kedro.pipeline import Pipeline

REPORT, HITS = "report", "calls.hits"
#: Parameters that the command for a report sets itself, or that would repeat the fits.
NOT_REPEATED = ("models", "force")


def last_words(
    run_params: Mapping[str, Any], pipeline: Pipeline, catalog: CatalogProtocol[Any, Any]
) -> Iterator[str]:
    """Say where calls and the report are. After fits alone, give the command for a report.

    Parameters
    ----------
    run_params
        The description of the run that Kedro passes to hooks.
    pipeline
        The requested nodes, including those that were up to date.
    catalog
        The catalog of the run.
    """
    outputs = pipeline.all_outputs()
    models = _fitted_models(outputs)
    if HITS in outputs:
        yield f"Dependencies: {_absolute(catalog, HITS)}"
    if REPORT in outputs:
        yield f"Report: {_absolute(catalog, REPORT)}"
    elif models:
        yield f"For a report of these results: {_command(run_params, models)}"


def _fitted_models(outputs: set[str]) -> list[str]:
    models = [name for name in MODELS if f"{name}.posterior" in outputs]
    if f"{EXPRESSION_ON_ITS_OWN_SCREEN}.posterior" in outputs:
        models = list(dict.fromkeys([*models, EXPRESSION_SIMULATED.model.name]))
    return models


def _absolute(catalog: CatalogProtocol[Any, Any], name: str) -> str:
    where = location(catalog, name)
    url = where.url if where else name
    return url if "://" in url else str(Path(url).resolve())


def _command(run_params: Mapping[str, Any], models: list[str]) -> str:
    given = flatten(run_params.get("runtime_params") or {})
    values = {name: _as_text(value) for name, value in given.items() if name not in NOT_REPEATED}
    params = ",".join(f"{name}={value}" for name, value in values.items())
    params = ",".join(filter(None, [params, f"models={','.join(models)}"]))
    env = run_params.get("env")
    words = [
        "kedro",
        "run",
        *(["--env", env] if env and env != "local" else []),
        "--params",
        params,
    ]
    return shlex.join(words)


def _as_text(value: Any) -> str:
    """A value as ``--params`` takes it, without a password that a log must not show."""
    return without_password(",".join(map(str, value)) if isinstance(value, list) else str(value))
