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
    run({"figures": ["all"]}, pipeline_names=["reporting"], to_outputs=shown)
    return data_root


@pytest.fixture(scope="module")
def executed(project: Path, data: Path) -> dict[str, NotebookNode]:
    """Every notebook with its outputs; an error in a cell is an error here."""
    settings = {"PARTIALPOOL_ENV": "test", "PARTIALPOOL_DATA": str(data)}
    return {name: execute(name, project, settings) for name in NOTEBOOKS}


def execute(name: str, project: Path, settings: dict[str, str]) -> NotebookNode:
    """Run a notebook from top to bottom; an error in a cell is an error here."""
    notebook = read(name)
    environment = os.environ | settings
    environment.pop("MLFLOW_TRACKING_URI", None)
    folder = {"metadata": {"path": str(project / "notebooks")}}
    NotebookClient(notebook, timeout=300, resources=folder).execute(env=environment)
    return notebook


@pytest.fixture(scope="module")
def on_own_screen(project: Path, simulated, tmp_path_factory: pytest.TempPathFactory):
    """The notebook on a table with the five necessary columns, and three models."""
    folder = tmp_path_factory.mktemp("own")
    columns = ["sgrna", "replicate_id", "lfc", "depmap_id", "hugo_symbol"]
    simulated[0][columns].to_csv(folder / "screen.csv", index=False)
    given = {
        "screen_path": str(folder / "screen.csv"),
        "data_root": str(folder / "data"),
        "models": ["gene", "sgrna_in_gene", "cell_line"],
        "draws": 100,
        "tune": 100,
        "figures": ["all"],
        "tracking": {"enabled": False},
    }
    bootstrap_project(project)
    with KedroSession.create(project, env="depmap", runtime_params=given) as session:
        session.run()
    settings = {"PARTIALPOOL_ENV": "depmap", "PARTIALPOOL_DATA": str(folder / "data")}
    return execute("guides_and_genes", project, settings)


def outputs(notebook: NotebookNode, kind: str) -> list[str]:
    """Every output of a MIME type."""
    return [
        output.data[kind]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if kind in output.get("data", {})
    ]


def printed(notebook: NotebookNode, stream: str) -> str:
    """What the cells printed to a stream."""
    return "".join(
        output.text
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == stream
    )


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
    assert printed(executed[name], "stderr") == ""


@pytest.mark.parametrize("name", ["guides_and_genes", "rna_expression"])
def test_every_figure_is_shown(executed, name: str) -> None:
    """Those of the catalog, and the trace of the published form that the notebook draws."""
    assert len(outputs(executed[name], "image/png")) == len(figures(name)) + 1


def test_a_screen_of_your_own_gets_the_figures_that_it_has(on_own_screen) -> None:
    notes = " ".join(outputs(on_own_screen, "text/markdown"))
    for figure in (
        "mutation.figures.error_by_mutation_status",
        "mutation.figures.mutation_effects",
    ):
        assert f"This run has no figure `{figure}`" in notes
    for figure in ("data.figures.lfc_by_gene", "gene.figures.gene_effects"):
        assert figure not in notes
    shown = len(outputs(on_own_screen, "image/png"))
    assert shown + notes.count("no figure") == len(figures("guides_and_genes")) + 1
    assert "fitted: gene, sgrna_in_gene, cell_line\n" in printed(on_own_screen, "stdout")
    assert printed(on_own_screen, "stderr") == ""


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
