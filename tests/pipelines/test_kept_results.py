"""What a second run keeps and makes again, and what a part of the project refuses to build on.

One small run of everything is made once; each test works on a copy of its data.
"""

import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from shutil import copyfile, copytree
from typing import Any

import pandas as pd
import pytest
from kedro.runner import SequentialRunner

from partialpool.inference.convergence import ConvergenceError
from partialpool.running import inspection
from partialpool.running.code import Source
from partialpool.running.earlier_results import OutOfDateError

#: Few draws of two models, whatever the sampler then is worth, and no MLflow record.
QUICK = {
    "models": "gene cell_line",
    "draws": 100,
    "tune": 100,
    "chains": 2,
    "tracking": {"enabled": False},
}


@pytest.fixture(scope="session")
def first(run, tmp_path_factory) -> Path:
    """The data root of one run of everything."""
    data_root = tmp_path_factory.mktemp("first")
    run("test", data_root, QUICK)
    return data_root


class Copy:
    """A copy of the data of the first run, to be changed and run on."""

    def __init__(self, data: Path, run: Any) -> None:
        self.data, self._run = data, run
        self.before = self.times()

    def times(self) -> dict[str, int]:
        files = (path for path in self.data.rglob("*") if path.is_file())
        return {str(path.relative_to(self.data)): path.stat().st_mtime_ns for path in files}

    def run(self, *pipelines: str, parameters: dict | None = None, **what: Any) -> set[str]:
        """Run; give the files, of those but records, that were written."""
        given = QUICK | (parameters or {})
        self._run("test", self.data, given, pipeline_names=list(pipelines), **what)
        now = self.times()
        changed = {path for path in now if now[path] != self.before.get(path)}
        return {path for path in changed if not path.startswith(".made_from")}

    def of(self, fit: str, name: str) -> Path:
        return self.data / "07_model_output" / fit / name


@pytest.fixture
def copy(first: Path, run, tmp_path: Path) -> Copy:
    return Copy(copytree(first, tmp_path / "data"), run)


@pytest.fixture
def edited(monkeypatch):
    """As if a module had another statement."""

    def edit(module: str) -> None:
        read = Source._source
        monkeypatch.setattr(
            Source,
            "_source",
            lambda self, name: read(self, name) + ("\nx = 1\n" if name == module else ""),
        )

    return edit


def refused(copy: Copy, parameters: dict | None = None, **what: Any) -> str:
    """What the report says that it can't be made of; nothing is written."""
    with pytest.raises(OutOfDateError) as caught:
        copy.run("reporting", parameters=parameters, **what)
    assert copy.times().keys() == copy.before.keys()
    assert "Fix: first run --pipelines" in str(caught.value)
    return str(caught.value)


# ---- nothing changed ----


def test_an_unchanged_run_does_nothing_twice(copy: Copy, caplog) -> None:
    with caplog.at_level("INFO"):
        assert copy.run() == set()
    assert copy.times() == copy.before  # records included
    assert "nothing has changed" in caplog.text
    assert caplog.text.count("max R-hat") == 2  # verdicts are logged again
    assert caplog.messages[-1] == f"Report: {copy.data / '08_reporting/report.html'}"


def test_the_command_keeps_and_imports_nothing_heavy(copy: Copy, project) -> None:
    heavy = {"pymc", "pytensor", "arviz", "nutpie", "numba", "plotnine", "matplotlib", "mlflow"}
    params = {"data_root": copy.data, "tracking.enabled": "false"}
    params |= {name: value for name, value in QUICK.items() if name != "tracking"}
    given = ",".join(f"{name}={value}" for name, value in params.items())
    command = [sys.executable, "-X", "importtime", "-m", "kedro"]
    done = subprocess.run(
        [*command, "run", "--env", "test", "--params", given],
        cwd=project,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"kept the results of (\d+) of \1 nodes", done.stderr + done.stdout)
    assert copy.times() == copy.before
    imported = set(re.findall(r"\|\s+([\w.]+)$", done.stderr, flags=re.MULTILINE))
    assert imported & heavy == set()


# ---- results that are not what the fit left ----


def test_a_table_that_was_cut_is_made_again(copy: Copy) -> None:
    path = copy.of("gene", "effects.csv")
    whole = path.read_text()
    path.write_text(whole[: len(whole) // 2])

    assert "gene.effects was changed, replaced or cut" in refused(copy)
    written = copy.run("gene")
    assert path.read_text() == whole
    assert "07_model_output/gene/effects.csv" in written
    assert "03_primary/screen.parquet" not in written


@pytest.mark.parametrize(
    "name", ["predictions.parquet", "loo.parquet", "adequacy.csv", "scores.json", "verdict.json"]
)
def test_results_of_another_fit_are_refused_and_made_again(copy: Copy, name: str) -> None:
    path, mine = copy.of("gene", name), copy.of("gene", name).read_bytes()
    copyfile(copy.of("cell_line", name), path)
    assert path.read_bytes() != mine

    assert f"gene.{path.stem} was changed, replaced or cut since it was written" in refused(copy)
    assert f"07_model_output/gene/{name}" in copy.run("gene")
    if path.suffix != ".json":  # which tell their seconds
        assert path.read_bytes() == mine


def test_a_fit_whose_posterior_is_gone_is_refused(copy: Copy) -> None:
    (copy.data / "06_models/gene/posterior.nc").unlink()
    del copy.before["06_models/gene/posterior.nc"]
    with pytest.raises((OutOfDateError, FileNotFoundError), match=r"gene\.posterior"):
        copy.run("reporting")


# ---- data, parameters ----


def test_other_data_make_everything_again_also_with_only_missing_outputs(copy: Copy) -> None:
    seed = {"simulation": {"depmap_screen": {"seed": 5}}}
    reason = "parameter simulation.depmap_screen.seed 824 -> 5"
    assert reason in refused(copy, seed)

    with pytest.raises(OutOfDateError, match=r"simulation\.depmap_screen\.seed"):
        copy.run("gene", parameters=seed, only_missing_outputs=True, runner=SequentialRunner())
    assert copy.times() == copy.before

    written = copy.run("gene", parameters=seed, only_missing_outputs=True)
    assert {
        *("01_raw/simulated_screen.csv", "03_primary/screen.parquet"),
        *("06_models/gene/posterior.nc", "07_model_output/gene/effects.csv"),
    } <= written
    assert not [path for path in written if "cell_line" in path]


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        (
            {"modeling": {"gene": {"priors": {"mu_gene": {"sigma": 0.01}}}}},
            r"  gene\.posterior.*: parameter modeling.gene.priors.mu_gene.sigma 5\.0 -> 0\.01",
        ),
        ({"seed": 999}, "parameter modeling.cell_line.seed 824 -> 999"),
        ({"convergence": {"hdi_prob": 0.5}}, "parameter convergence.hdi_prob 0.89 -> 0.5"),
        ({"prediction": {"hdi_prob": 0.5}}, "parameter prediction.hdi_prob 0.89 -> 0.5"),
    ],
    ids=["prior", "seed", "convergence.hdi_prob", "prediction.hdi_prob"],
)
def test_a_report_of_other_parameters_than_the_fits_is_refused(
    copy: Copy, parameters: dict, reason: str
) -> None:
    assert re.search(reason, refused(copy, parameters))


def test_an_interval_probability_has_its_effect(copy: Copy) -> None:
    wide = pd.read_csv(copy.of("gene", "effects.csv"))
    copy.run("gene", parameters={"convergence": {"hdi_prob": 0.5}})
    narrow = pd.read_csv(copy.of("gene", "effects.csv"))

    width = [table["hdi_upper"] - table["hdi_lower"] for table in (wide, narrow)]
    assert (width[1] < width[0]).all()
    assert narrow["mean"].tolist() == wide["mean"].tolist()


def test_one_models_prior_refits_that_model_only(copy: Copy) -> None:
    change = {"modeling": {"gene": {"priors": {"mu_gene": {"sigma": 2.0}}}}}
    written = copy.run("gene", "cell_line", parameters=change)
    assert "06_models/gene/posterior.nc" in written
    assert not [path for path in written if "cell_line" in path]


def test_what_changes_no_result_makes_nothing_again(copy: Copy) -> None:
    assert copy.run("gene", parameters={"cores": 1}) == set()
    with suppress(ConvergenceError):  # which so few draws may deserve
        copy.run("gene", parameters={"convergence": {"on_failure": "raise"}})
    assert copy.times() == copy.before


def test_force_refits(copy: Copy) -> None:
    written = copy.run("gene", parameters={"force": True})
    assert {"06_models/gene/posterior.nc", "07_model_output/gene/effects.csv"} <= written
    assert "03_primary/screen.parquet" not in written


# ---- code ----


@pytest.mark.parametrize(
    ("module", "stale", "kept"),
    [
        ("partialpool.screen", {"gene.posterior", "cell_line.posterior"}, {"simulation.truth"}),
        (
            "partialpool.inference.sampling",
            {"gene.posterior", "cell_line.posterior"},
            {"screen", "data_quality"},
        ),
        ("partialpool.models.cell_line", {"cell_line.posterior"}, {"gene.posterior"}),
    ],
)
def test_results_of_other_code_are_refused(
    copy: Copy, edited, module: str, stale: set[str], kept: set[str]
) -> None:
    edited(module)
    said = refused(copy)
    lines = {
        name: reasons
        for line in said.splitlines()
        if line.startswith("  ")
        for names, _, reasons in [line.strip().partition(": ")]
        for name in names.split(", ")
    }
    for name in stale:
        assert f"the code of {module} changed" in lines[name]
    assert not kept & lines.keys()


def test_another_version_of_a_package_refits(copy: Copy, monkeypatch) -> None:
    found = inspection.versions

    def upgraded(packages: frozenset[str]) -> dict[str, str]:
        return found(packages) | ({"pymc": "9.9"} if "pymc" in packages else {})

    monkeypatch.setattr(inspection, "versions", upgraded)
    assert " -> 9.9" in refused(copy)


def test_the_record_says_what_a_fit_was_made_from(copy: Copy) -> None:
    (path,) = [
        path
        for path in (copy.data / ".made_from").rglob("*.json")
        if "gene.posterior" in json.loads(path.read_text())["outputs"]
    ]
    made_from = json.loads(path.read_text())["made_from"]
    assert set(made_from) == {"code", "versions", "parameters", "inputs"}
    assert made_from["parameters"]["modeling.gene.sampler.draws"] == QUICK["draws"]
    assert {"partialpool.models.gene", "partialpool.screen"} <= set(made_from["code"])
    assert {"Python", "numpy", "pandas"} <= set(made_from["versions"])
    assert set(made_from["inputs"]) == {"screen"}
