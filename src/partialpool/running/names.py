"""The names on the command line: environments, pipelines, nodes, datasets, tags."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partialpool.errors import PartialpoolError, Problem, shorten

if TYPE_CHECKING:
    from kedro.pipeline import Pipeline

#: The environment that all others change.
BASE = "base"
#: The pipeline that runs if no other is named.
DEFAULT = "__default__"
#: An error lists all names up to this number; of more, only similar ones.
LISTED = 20


class UnknownNameError(PartialpoolError, ValueError):
    """An option names something that does not exist."""


def environments(conf: Path) -> list[str]:
    """List the environments in a configuration folder, without the one that all others change."""
    folders = conf.iterdir() if conf.is_dir() else ()
    return sorted(folder.name for folder in folders if folder.is_dir() and folder.name != BASE)


def require_environment(name: str | None, conf: str) -> None:
    """Stop if there is no configuration, or if it has no environment of this name.

    Raises
    ------
    UnknownNameError
        Lists the environments that exist.
    """
    if "://" in conf or conf.endswith((".zip", ".tar.gz")):
        return  # Kedro can read these, and has its own message.
    if not Path(conf, BASE).is_dir():
        problem = Problem(
            expected="a folder conf/base, as in the project's folder",
            got=f"none at {Path(conf, BASE)}",
            fix="run the command in the project's folder, or give --conf-source",
        )
        raise UnknownNameError(str(problem))
    if name and name != BASE:
        _require("environment", "--env", [name], environments(Path(conf)))


def require_names(asked: Mapping[str, Any], pipelines: Mapping[str, Pipeline]) -> None:
    """Stop if a run is asked for a pipeline, node, dataset or tag that does not exist.

    Parameters
    ----------
    asked
        The arguments of ``KedroSession.run``.
    pipelines
        All pipelines by name.

    Raises
    ------
    UnknownNameError
        Lists the names that exist, or those that are similar.
    """
    names = asked.get("pipeline_names") or [DEFAULT]
    _require("pipeline", "--pipelines", names, pipelines.keys())
    pipeline = sum((pipelines[name] for name in names[1:]), pipelines[names[0]])
    nodes = [node.name for node in pipeline.nodes]
    tags = sorted({tag for node in pipeline.nodes for tag in node.tags})
    datasets = sorted(pipeline.datasets())
    for option, kind, known in (
        ("node_names", "node", nodes),
        ("from_nodes", "node", nodes),
        ("to_nodes", "node", nodes),
        ("from_inputs", "dataset", datasets),
        ("to_outputs", "dataset", datasets),
        ("tags", "tag", tags),
    ):
        flag = "--" + option.removeprefix("node_").replace("_", "-").replace("names", "nodes")
        _require(kind, flag, asked.get(option) or (), known)
    _require_a_node(asked, pipeline)


def _require_a_node(asked: Mapping[str, Any], pipeline: Pipeline) -> None:
    filters = ("tags", "from_nodes", "to_nodes", "node_names", "from_inputs", "to_outputs")
    given = {name: asked[name] for name in filters if asked.get(name)}
    try:
        pipeline.filter(**given, node_namespaces=asked.get("namespaces"))
    except ValueError:
        given["namespaces"] = asked.get("namespaces")
        values = ", ".join(f"{name} {shorten(list(v))}" for name, v in given.items() if v)
        problem = Problem(
            expected="options that select at least one node",
            got=f"none for {values}",
            fix="leave out some of these options; kedro registry describe PIPELINE lists the nodes",
        )
        raise UnknownNameError(str(problem)) from None


def _require(kind: str, option: str, asked: Iterable[str], known: Collection[str]) -> None:
    unknown = [name for name in asked if name not in known]
    if not unknown:
        return
    similar = [like for name in unknown for like in get_close_matches(name, known, n=3)]
    listed = list(known) if len(known) <= LISTED else list(dict.fromkeys(similar))
    fix = f"did you mean {similar[0]}?" if similar else f"give one of these {kind}s"
    if not listed:
        listed, fix = sorted(known), f"kedro registry describe PIPELINE lists every {kind}"
    problem = Problem(
        expected=f"{option}: one of {shorten(listed, shown=LISTED)}",
        got=f"no {kind} {shorten(unknown)}",
        fix=fix,
    )
    raise UnknownNameError(str(problem))
