"""The last lines of a run: the report, or the command that makes one."""

import pytest
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline, node

from partialpool.datasets.files import TextDataset
from partialpool.running.ending import last_words


def _same(value: object) -> object:
    return value


def pipeline(*outputs: str) -> Pipeline:
    return Pipeline([node(_same, "screen", name, name=name.replace(".", "_")) for name in outputs])


def words(asked: Pipeline, catalog: DataCatalog | None = None, **run_params: object) -> list[str]:
    return [*last_words(run_params, asked, catalog or DataCatalog())]


def test_a_run_with_a_report_ends_with_its_absolute_path(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    catalog = DataCatalog({"report": TextDataset(filepath="data/report.html")})
    path = tmp_path / "data/report.html"
    assert words(pipeline("gene.posterior", "report"), catalog) == [f"Report: {path}"]


def test_calls_are_named_before_the_report(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = {"calls.hits": "data/hits.csv", "report": "data/report.html"}
    catalog = DataCatalog({n: TextDataset(filepath=path) for n, path in files.items()})
    assert words(pipeline("calls.hits", "dependency.posterior"), catalog) == [
        f"Dependencies: {tmp_path}/data/hits.csv"
    ]
    assert [line.split(":")[0] for line in words(pipeline(*files), catalog)] == [
        "Dependencies",
        "Report",
    ]


def test_a_run_without_fits_says_nothing() -> None:
    assert words(pipeline("data_quality")) == []


@pytest.mark.parametrize(
    ("fits", "models"),
    [
        (["gene"], "gene"),
        (["cell_line", "gene"], "gene,cell_line"),
        (["expression_simulated"], "expression"),
    ],
)
def test_fits_alone_end_with_the_command_that_makes_a_report(fits, models) -> None:
    asked = pipeline(*(f"{fit}.posterior" for fit in fits))
    (line,) = words(asked, env=None)
    assert line == f"For a report of these results: kedro run --params models={models}"


def test_the_command_shows_no_password() -> None:
    given = {"screen_path": "https://me:secret@host/screen.csv"}
    (line,) = words(pipeline("gene.posterior"), runtime_params=given)
    assert "secret" not in line
    assert "screen_path=https://***@host/screen.csv" in line


def test_the_command_has_the_parameters_of_the_run() -> None:
    given = {
        "data_root": "my data",
        "models": ["full"],
        "force": True,
        "modeling": {"gene": {"seed": 1}},
    }
    (line,) = words(pipeline("gene.posterior"), env="depmap", runtime_params=given)
    assert line.endswith(
        "kedro run --env depmap --params 'data_root=my data,modeling.gene.seed=1,models=gene'"
    )
