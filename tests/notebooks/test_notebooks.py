"""The notebooks run from top to bottom on a tiny screen, and are committed without outputs."""

import os
import re
from pathlib import Path
from shutil import copy, copytree, ignore_patterns
from typing import Any

import nbformat
import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from nbclient import NotebookClient
from nbformat import NotebookNode

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = ["comparing_runs", "guides_and_genes", "rna_expression"]
FITS = ["gene", "sgrna_in_gene", "cell_line", "mutation", "expression", "expression_simulated"]
OTHER_PRIOR = {"modeling": {"sgrna_in_gene": {"priors": {"sigma_sgrna": {"rate": 20}}}}}


def read(name: str) -> NotebookNode:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def code(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def figures(name: str) -> list[str]:
    """Catalog names of the figures that a notebook shows."""
    return re.findall(r'show\("([\w.]+)"\)', "\n".join(code(read(name))))


@pytest.fixture(scope="module")
def project(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, which no edit of the checkout changes between two runs."""
    folder = tmp_path_factory.mktemp("project")
    copy(root / "pyproject.toml", folder)
    for part in ("conf", "src", "notebooks"):
        copytree(root / part, folder / part, ignore=ignore_patterns("*.egg-info"))
    return folder


@pytest.fixture(scope="module")
def data(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the notebooks read: five fits, one of them twice, and the figures that they show."""
    data_root = tmp_path_factory.mktemp("data")
    bootstrap_project(project)

    def run(parameters: dict[str, Any], **what: Any) -> None:
        given = {"data_root": str(data_root), **parameters}
        with KedroSession.create(project, env="test", runtime_params=given) as session:
            session.run(**what)

    run(OTHER_PRIOR, pipeline_names=["sgrna_in_gene"])
    run({}, pipeline_names=FITS)
    shown = sorted({figure.rpartition(".")[0] for name in NOTEBOOKS for figure in figures(name)})
    run({}, pipeline_names=["reporting"], to_outputs=shown)
    return data_root


@pytest.fixture(scope="module")
def executed(project: Path, data: Path) -> dict[str, NotebookNode]:
    """Every notebook with its outputs; an error in a cell is an error here."""
    settings = {"PARTIALPOOL_ENV": "test", "PARTIALPOOL_DATA": str(data)}
    environment = os.environ | settings
    environment.pop("MLFLOW_TRACKING_URI", None)
    notebooks = {name: read(name) for name in NOTEBOOKS}
    for notebook in notebooks.values():
        client = NotebookClient(
            notebook, timeout=300, resources={"metadata": {"path": str(project / "notebooks")}}
        )
        client.execute(env=environment)
    return notebooks


def outputs(notebook: NotebookNode, kind: str) -> list[str]:
    """Every output of a MIME type."""
    return [
        output.data[kind]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if kind in output.get("data", {})
    ]


def test_these_are_all_the_notebooks() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == NOTEBOOKS


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_committed_notebooks_hold_no_outputs(name: str) -> None:
    notebook = read(name)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.outputs for cell in cells] == [[]] * len(cells)
    assert {cell.execution_count for cell in cells} == {None}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_they_use_no_private_code(name: str) -> None:
    """No name of a module or attribute that starts with an underscore."""
    assert re.findall(r"(?:\.|import )_\w+", "\n".join(code(read(name)))) == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_they_run_without_a_word_of_warning(executed, name: str) -> None:
    streams = [
        output
        for cell in executed[name].cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    ]
    assert [output.text for output in streams if output.name == "stderr"] == []


@pytest.mark.parametrize("name", ["guides_and_genes", "rna_expression"])
def test_every_figure_is_shown(executed, name: str) -> None:
    """Those of the catalog, and the trace of the published form that the notebook draws."""
    assert len(outputs(executed[name], "image/png")) == len(figures(name)) + 1


def test_both_forms_stand_side_by_side(executed) -> None:
    (table,) = [
        table
        for table in outputs(executed["guides_and_genes"], "text/plain")
        if "identified" in table
    ]
    assert "published" in table
    assert "max_r_hat" in table


def test_the_published_numbers_stand_beside_ours(executed) -> None:
    tables = outputs(executed["rna_expression"], "text/html")
    (table,) = [table for table in tables if "published form, ours" in table and "sd" in table]
    assert "-2.887" in table
    assert table.count("rna_effect[") == 5


def test_each_fit_is_a_row_and_runs_differ_in_their_prior_only(executed) -> None:
    rows, _, differing = outputs(executed["comparing_runs"], "text/html")
    assert rows.count("FINISHED") == len(FITS) + 1
    assert set(re.findall(r"<th>([\w.]+)</th>", differing)) - {"fit", "started"} == {
        "priors.sigma_sgrna.rate",
        "elpd_loo",
        "rmse",
        "max_r_hat",
    }
    prior = differing.split("priors.sigma_sgrna.rate")[1].split("</tr>")[0]
    assert re.findall(r"<td>(.+)</td>", prior) == ["20.0", "1.0"]
