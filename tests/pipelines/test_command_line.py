"""The real ``kedro`` command: exit codes, messages, and what it imports."""

import re
from pathlib import Path

import pandas as pd
import pytest

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
    assert output.rstrip().endswith("In node data_engineering.validate")
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
    assert "drws: no such parameter (did you mean draws?); got 5" in output
    assert "Traceback" not in output
    assert "greater than or equal to 4; got -1" in output
    assert written == []


def test_figures_without_fits_name_what_is_missing_and_who_makes_it(kedro_run) -> None:
    code, output, written = kedro_run("test", "--pipelines", "reporting", models="gene")
    assert code == 1
    assert "MissingInputError: Expected: what other pipelines make" in output
    missing = "comparison.tables.model_comparison, data_quality, gene.convergence, "
    assert f"datasets are missing: {missing}" in output
    assert "with --pipelines evaluation,gene it makes these" in output
    assert "Traceback" not in output
    assert written == []


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("--pipelines", "repotring"), "Did you mean one of these instead?\n    reporting"),
        (("--nodes", "fit_gene"), "does not contain nodes named ['fit_gene']"),
        (("--env", "nowhere"), "is not a valid directory"),
    ],
    ids=["pipeline", "node", "environment"],
)
def test_what_kedro_does_not_find_by_name_is_told_plainly(kedro_run, asked, told) -> None:
    code, output, written = kedro_run("test", *asked)
    assert code == 1
    assert told in output
    assert "Traceback" not in output
    assert written == []


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


def test_the_command_line_starts_without_what_is_heavy(kedro, project) -> None:
    """Pipelines are listed without importing what only their nodes need."""
    import os
    import subprocess
    import sys

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
