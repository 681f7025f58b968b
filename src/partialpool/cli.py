"""The command line: ``kedro run`` with this project's runner and parameters, and a help page."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import click
from kedro.framework.cli.project import run as kedro_run
from kedro.utils import find_kedro_project, load_obj
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

RUNNER = "partialpool.running.runner.IncrementalRunner"
RUNNER_HELP = f"""The runner of the pipeline. The default, {RUNNER}, runs only what is not up to \
date. Kedro's 'SequentialRunner', 'ThreadRunner' and 'ParallelRunner' run everything."""
PARAMS_HELP = """Parameters that differ from conf/, such as draws=500,models=gene,cell_line. \
Commas separate the parameters and the items of a list; a dot leads into a group, such as \
modeling.gene.seed=1."""
ABOUT = """Partial pooling for pooled CRISPR screens: fit hierarchical Bayesian models to the log \
fold changes of a screen, and report which genes the cell lines depend on."""
#: A comma that is not inside the brackets of a YAML list.
COMMA = re.compile(r",(?![^\[\]]*\])")


def read_params(context: click.Context, option: click.Parameter, given: Any) -> Any:
    """Read ``--params``: ``models=gene,cell_line`` is one parameter, a list.

    Kedro itself takes every comma for the start of a new parameter.
    """
    if isinstance(given, dict):  # from a file, --config
        return given
    values: dict[str, list[str]] = {}
    name = ""
    for item in filter(None, map(str.strip, COMMA.split(given or ""))):
        key, equals, value = item.partition("=")
        if equals:
            name = key.strip()
            values[name] = [value]
        elif name:
            values[name].append(item)
        if not name:
            raise click.BadParameter(
                f"expected name=value, such as --params draws=500,models=gene,cell_line; "
                f"got {item!r}.",
                context,
                option,
            )
    try:
        return OmegaConf.to_container(OmegaConf.from_dotlist([*map(_as_dotlist, values.items())]))
    except OmegaConfBaseException as error:
        from partialpool.running.parameters import not_resolved

        raise click.BadParameter(
            not_resolved(error.full_key, str(error)), context, option
        ) from None


def check_runner(context: click.Context, option: click.Parameter, name: str | None) -> str | None:
    """Stop if there is no such runner."""
    try:
        load_obj(name or RUNNER, "kedro.runner")
    except (ImportError, AttributeError):
        raise click.BadParameter(
            f"there is no runner {name!r}. Leave --runner out, or give SequentialRunner, "
            "ThreadRunner or ParallelRunner.",
            context,
            option,
        ) from None
    return name


def _as_dotlist(parameter: tuple[str, list[str]]) -> str:
    name, items = parameter
    return f"{name}={items[0]}" if len(items) == 1 else f"{name}=[{','.join(items)}]"


def _changed(option: click.Parameter) -> click.Parameter:
    """Kedro's option, or a changed copy of it."""
    changed: Any = copy.copy(option)
    if changed.name == "runner":
        changed.default, changed.help, changed.callback = RUNNER, RUNNER_HELP, check_runner
    elif changed.name == "params":
        changed.help, changed.callback = PARAMS_HELP, read_params
    return cast("click.Parameter", changed)


class HelpfulGroup(click.Group):
    """A group of commands whose help lists what can be run."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write examples, the names that the options take, and where the documentation is."""
        with formatter.section("Examples"):
            formatter.write_dl(
                [
                    ("partialpool run", "fit the default models to the simulated screen"),
                    ("partialpool run --params draws=2000", "with another parameter"),
                    ("partialpool run --pipelines cell_line", "fit one model, without a report"),
                    (
                        "partialpool run --env depmap --params screen_path=my.csv,models=gene",
                        "fit to a screen of your own",
                    ),
                    (
                        "partialpool run --env counts --params "
                        "counts_path=counts.csv,samples_path=samples.csv",
                        "start from counts of reads",
                    ),
                    ("partialpool run --help", "all options; the same as kedro run --help"),
                ]
            )
        for title, names in _choices():
            with formatter.section(title):
                formatter.write_text(", ".join(names) or "run this in the project's folder")
        with formatter.section("Documentation"):
            formatter.write_text("README.md and docs/index.md in the project's folder")


def _choices() -> Iterator[tuple[str, list[str]]]:
    from partialpool.models import MODEL_NAMES
    from partialpool.pipeline_registry import register_pipelines
    from partialpool.running.names import environments

    project = find_kedro_project(Path.cwd()) or Path.cwd()
    yield "Environments (--env)", environments(project / "conf")
    yield "Pipelines (--pipelines)", [*register_pipelines()]
    yield "Models (--params models=...)", [*MODEL_NAMES]


def _help() -> None:
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


run = copy.copy(kedro_run)
run.params = [_changed(option) for option in kedro_run.params]
run.help = "Run the pipelines of the project: the same as kedro run."
cli = HelpfulGroup(
    "partialpool",
    commands={"run": run},
    callback=_help,
    invoke_without_command=True,
    help=ABOUT,
)
