"""The project's own ``kedro run``, which does not repeat what is up to date."""

import copy

import click
from kedro.framework.cli.project import run as kedro_run

RUNNER = "partialpool.running.runner.IncrementalRunner"
HELP = f"""Runner of the pipeline. The default, {RUNNER}, runs only nodes that are not up to date. \
Kedro's 'SequentialRunner', 'ThreadRunner' and 'ParallelRunner' run all nodes."""


def _with_runner(option: click.Parameter) -> click.Parameter:
    changed = copy.copy(option)
    if changed.name == "runner":
        changed.default, changed.help = RUNNER, HELP
    return changed


run = copy.copy(kedro_run)
run.params = [_with_runner(option) for option in kedro_run.params]
cli = click.Group("partialpool", commands={"run": run})
