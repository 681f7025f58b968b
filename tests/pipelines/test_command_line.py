"""The real ``kedro`` command: exit codes, messages, and what it imports."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pandas as pd
import pytest

from partialpool import cli
from partialpool.models import MODELS

HEAVY = {"pymc", "pytensor", "arviz", "nutpie", "plotnine", "matplotlib", "mlflow", "pandera"}


@pytest.fixture
def kedro_run(kedro, written, tmp_path: Path):
    """``kedro run --params``, without MLflow; gives exit code, output, and what was written."""

    def command(env: str, *arguments: str, **parameters: object):
        given = {"data_root": tmp_path / "data", "tracking.enabled": "false", **parameters}
        params = ",".join(f"{name}={value}" for name, value in given.items())
        done = kedro("run", "--env", env, "--params", params, *arguments)
        return done.returncode, done.stdout + done.stderr, written(tmp_path / "data")

    return command


def test_a_bad_table_ends_with_code_1_and_says_all(kedro_run, minimal_table, tmp_path) -> None:
    path = tmp_path / "screen.csv"
    minimal_table.assign(lfc="high").drop(columns="sgrna").to_csv(path, index=False)
    code, output, written = kedro_run("depmap", screen_path=path)

    assert code == 1
    assert "2 problems." in output
    for part in ("no sgrna; columns found:", "numbers in column lfc", "Fix: "):
        assert part in output
    assert "Traceback" not in output
    assert output.rstrip().endswith(f"In {path}\nIn node data_engineering.validate")
    assert output.count("Got: no sgrna") == 1  # Kedro logs the error of a node too
    assert "resume" not in output
    assert written == []


def test_a_missing_file_ends_with_code_1(kedro_run, tmp_path) -> None:
    code, output, written = kedro_run("depmap", screen_path=tmp_path / "nowhere.csv.gz")
    assert code == 1
    assert f"Got: no file at {tmp_path / 'nowhere.csv.gz'}" in output
    assert "Traceback" not in output  # though Kedro wraps the error in one of its own
    assert written == []


def test_an_unknown_parameter_ends_with_code_1(kedro_run) -> None:
    code, output, written = kedro_run("test", drws=5, draws=-1)
    assert code == 1
    assert "ParameterError: 2 parameters can't be used:" in output
    assert "drws: no such parameter (did you mean draws?); got 5" in output
    assert "Traceback" not in output
    assert "greater than or equal to 4; got -1" in output
    assert written == []


def test_figures_without_fits_name_what_is_missing_and_who_makes_it(kedro_run) -> None:
    code, output, written = kedro_run("test", "--pipelines", "reporting", models="gene")
    assert code == 1
    assert "MissingInputError: Expected: results of other pipelines" in output
    missing = "comparison.tables.model_comparison, data_quality, gene.adequacy, "
    assert f"datasets are missing: {missing}" in output
    assert "Fix: first run --pipelines evaluation,gene;" in output
    assert "Traceback" not in output
    assert written == []


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            ("--env", "nowhere"),
            "Expected: --env: one of counts, depmap, depmap_release, local, published, test\n"
            "Got: no environment nowhere",
        ),
        (
            ("--pipelines", "repotring"),
            "full, expression_simulated\nGot: no pipeline repotring\nFix: did you mean reporting?",
        ),
        (
            ("--nodes", "models.gene.gen"),
            "Got: no node models.gene.gen\nFix: did you mean models.gene.gene?",
        ),
        (("--nodes", "xyz"), "Got: no node xyz\nFix: kedro registry describe PIPELINE lists"),
        (("--tags", "fits"), "Got: no tag fits"),
        (("--to-outputs", "gene.posteriors"), "Fix: did you mean gene.posterior?"),
        (
            ("--from-nodes", "models.gene.evaluate", "--to-nodes", "models.gene.gene"),
            "Expected: options that select at least one node\nGot: none for from_nodes",
        ),
        (("--runner", "Sequential"), "give SequentialRunner, ThreadRunner or ParallelRunner"),
    ],
    ids=["environment", "pipeline", "node", "unlike any", "tag", "dataset", "none", "runner"],
)
def test_an_unknown_name_is_an_error_that_lists_the_known_ones(kedro_run, asked, message) -> None:
    code, output, written = kedro_run("test", *asked)
    assert code in (1, 2)
    assert message in output
    assert "Traceback" not in output
    assert written == []


def test_an_unknown_model_is_an_error_that_lists_the_known_ones(kedro_run) -> None:
    code, output, written = kedro_run("test", models="gene,guide")
    assert code == 1
    assert f"there is no model guide; there are {', '.join(MODELS)}" in output
    assert written == []


@pytest.mark.parametrize("separator", [",", " "], ids=["comma", "space"])
def test_models_are_a_list_on_the_command_line(kedro_run, separator) -> None:
    models = separator.join(["gene", "cell_line"])
    code, output, _ = kedro_run("test", "--tags", "simulation", models=models, seed=7)
    assert code == 0, output


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ("", {}),
        ("draws=500, chains=2", {"draws": 500, "chains": 2}),
        ("models=gene,cell_line,seed=7", {"models": ["gene", "cell_line"], "seed": 7}),
        ("seed=7,models=[gene,full]", {"models": ["gene", "full"], "seed": 7}),
        ("models=gene cell_line", {"models": "gene cell_line"}),
        ("modeling.gene.seed=1", {"modeling": {"gene": {"seed": 1}}}),
        ("screen_path=a=b.csv", {"screen_path": "a=b.csv"}),
    ],
)
def test_commas_separate_parameters_and_items_of_lists(given, values) -> None:
    context = click.Context(cli.run)
    assert cli.read_params(context, cli.run.params[0], given) == values


@pytest.mark.parametrize("given", ["draws", "=5", "gene,models=full"])
def test_a_value_without_a_name_is_an_error(given) -> None:
    with pytest.raises(click.BadParameter, match="expected name=value"):
        cli.read_params(click.Context(cli.run), cli.run.params[0], given)


def test_a_malformed_interpolation_names_the_parameter() -> None:
    with pytest.raises(click.BadParameter, match="Got: draws: ") as caught:
        cli.read_params(click.Context(cli.run), cli.run.params[0], "seed=3,draws=${")
    assert "Fix: correct --params" in str(caught.value)


@pytest.mark.parametrize("arguments", [[], ["--help"]], ids=["bare", "help"])
def test_the_command_alone_prints_what_it_can_do(project, arguments) -> None:
    done = command(project, *arguments)
    assert done.returncode == 0
    assert "partialpool run" in done.stdout
    for names in (
        "counts, depmap, depmap_release, local, published, test",
        "__default__, simulation",
        ", ".join(MODELS),
    ):
        assert names in " ".join(done.stdout.split())
    assert "docs/index.md" in done.stdout


def test_the_command_runs_what_kedro_runs(project, tmp_path, written) -> None:
    params = f"data_root={tmp_path},tracking.enabled=false"
    done = command(project, "run", "--env", "test", "--pipelines", "simulation", "--params", params)
    assert done.returncode == 0, done.stderr
    assert "simulated_screen.csv" in written(tmp_path)


def test_outside_of_the_project_the_command_says_so(tmp_path) -> None:
    done = command(tmp_path, "run")
    assert done.returncode == 1
    assert "Fix: run the command in the project's folder" in done.stderr
    assert "Traceback" not in done.stderr


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``partialpool`` in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "partialpool", *arguments],
        cwd=folder,
        env=os.environ | {"COLUMNS": "300"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_home_folder_in_a_path_is_found(kedro_run, minimal_table, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    minimal_table.to_csv(tmp_path / "screen.csv", index=False)
    code, output, _ = kedro_run(
        "depmap",
        "--pipelines",
        "data_engineering",
        screen_path="~/screen.csv",
        data_root="~/results",
    )
    assert code == 0, output
    assert (tmp_path / "results/03_primary/screen.parquet").exists()


def test_a_good_table_ends_with_code_0(kedro_run, minimal_table, tmp_path) -> None:
    path = tmp_path / "screen.csv.gz"
    minimal_table.to_csv(path, index=False)
    code, output, written = kedro_run("depmap", "--pipelines", "data_engineering", screen_path=path)
    assert code == 0, output
    assert written == ["data_quality.csv", "screen.parquet"]
    assert len(pd.read_parquet(tmp_path / "data/03_primary/screen.parquet")) == len(minimal_table)
    assert "Kept 288 of 288 rows" in output


@pytest.mark.slow
def test_a_log_holds_plain_lines(kedro_run, minimal_table, tmp_path) -> None:
    """No control characters where no person watches: no bars, no colours, no carriage returns."""
    path = tmp_path / "screen.csv"
    minimal_table.to_csv(path, index=False)
    code, output, _ = kedro_run(
        "depmap", "--pipelines", "gene", screen_path=path, draws=50, tune=50, chains=2
    )
    assert code == 0, output
    assert re.findall(r"[\x00-\x08\x0b-\x1f\x7f]", output) == []
    assert re.search(r"INFO +gene: sampling 100 draws", output)
    assert re.search(r"gene: (passed|FAILED); max R-hat", output)
    last = output.rstrip().splitlines()[-1]
    assert "For a report of these results: kedro run --env depmap --params " in last
    assert f"screen_path={path}" in last
    assert last.endswith(",models=gene")


def test_the_command_line_starts_without_what_is_heavy(kedro, project) -> None:
    """Pipelines are listed without importing what only their nodes need."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "kedro", "registry", "list"],
        cwd=project,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert "sgrna_in_gene" in done.stdout
    imported = set(re.findall(r"\|\s+([\w.]+)$", done.stderr, flags=re.MULTILINE))
    assert "partialpool.pipeline_registry" in imported
    assert imported & HEAVY == set()
