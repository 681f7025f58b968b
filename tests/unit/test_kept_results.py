"""Nodes are made again if and only if something that they are made from changed: toy pipelines."""

import json
from pathlib import Path
from typing import Any

import pytest
from kedro.framework.hooks import hook_impl
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner, ThreadRunner

from partialpool.running import inspection as inspections
from partialpool.running.earlier_results import (
    MissingInputError,
    OutOfDateError,
    require_earlier_results,
    require_nothing_out_of_date,
)
from partialpool.running.inspection import Inspection
from partialpool.running.plan import Plan, make_plan
from partialpool.running.recorder import Recorder
from partialpool.running.records import Records
from partialpool.running.runner import IncrementalRunner
from partialpool.tracking.hooks import NODES_TO_RUN

PARAMETERS = {"scale": 2, "fit": {"seed": 1, "sampler": {"cores": 2, "draws": 9}}}
FILES = ("raw", "scaled", "summed", "shown")


def scale(raw: int, by: int) -> int:
    return raw * by


def add(scaled: int, fit: Any) -> tuple[int, dict]:
    return scaled + 1, {"section": scaled}


def show(section: dict, raw: int) -> str:
    return f"{section} of {raw}"


def tell(summed: int) -> None:
    """Makes nothing."""


#: raw -> scaled -> summed and section, which lies in no file -> shown.
FIRST = Pipeline([node(scale, ["raw", "params:scale"], "scaled", name="data.scale")])
SECOND = Pipeline(
    [
        node(add, ["scaled", "params:fit"], ["summed", "section"], name="add"),
        node(show, ["section", "raw"], "shown", name="show"),
        node(tell, "summed", None, name="tell"),
    ]
)
ALL = {"__default__": FIRST + SECOND, "first": FIRST, "second": SECOND}


class Project:
    """A toy project in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.parameters = folder, PARAMETERS
        self.write("raw", 10)

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def write(self, name: str, value: Any) -> None:
        self.path(name).write_text(json.dumps(value))

    def read(self, name: str) -> Any:
        return json.loads(self.path(name).read_text())

    def catalog(self) -> DataCatalog:
        def in_file(path: Path) -> dict[str, str]:
            return {"type": "partialpool.datasets.files.JSONDataset", "filepath": str(path)}

        files = {name: in_file(self.path(name)) for name in FILES}
        records = {"made_from/{node}": in_file(self.folder / ".made_from/{node}.json")}
        catalog = DataCatalog.from_config(files | records)
        for name, value in self.parameters.items():
            catalog[f"params:{name}"] = MemoryDataset(value)
        return catalog

    def inspection(self, catalog: DataCatalog | None = None) -> Inspection:
        return Inspection(catalog or self.catalog(), ALL, self.parameters)

    def plan(self, pipeline: str = "__default__", forced: tuple[str, ...] = ()) -> Plan:
        return make_plan(ALL[pipeline], self.inspection(), forced)

    def run(self, pipeline: str = "__default__", runner: Any = None) -> list[str]:
        """Run what the plan says, or everything with another runner; give the nodes that ran."""
        catalog, ran = self.catalog(), []
        catalog[NODES_TO_RUN] = MemoryDataset(self.plan(pipeline).run)
        manager, recorder = _create_hook_manager(), Recorder(self.inspection)

        class Hooks:
            @hook_impl
            def before_node_run(self, node, catalog) -> None:
                ran.append(node.name)
                recorder.start(node, catalog)

            @hook_impl
            def after_dataset_saved(self, dataset_name, node) -> None:
                recorder.saved(node, dataset_name)

        manager.register(Hooks())
        (runner or IncrementalRunner()).run(ALL[pipeline], catalog, manager)
        return ran


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Made once."""
    made = Project(tmp_path)
    assert set(made.run()) == {"data.scale", "add", "show", "tell"}
    assert made.read("shown") == "{'section': 20} of 10"
    return made


def test_an_unchanged_run_makes_nothing(project) -> None:
    before = {path: path.stat().st_mtime_ns for path in project.folder.rglob("*.json")}
    assert project.run() == ["tell"]  # of which nothing could be kept
    assert {path: path.stat().st_mtime_ns for path in project.folder.rglob("*.json")} == before
    plan = project.plan()
    assert plan.made == []
    assert [*plan.describe()] == ["kept the results of 3 of 3 nodes: nothing has changed"]


def test_other_runners_make_everything(project) -> None:
    for runner in (SequentialRunner(), ThreadRunner()):
        assert set(project.run(runner=runner)) == {"data.scale", "add", "show", "tell"}


def test_a_parameter_makes_again_what_it_shapes_and_what_builds_on_it(project) -> None:
    project.parameters = {"scale": 2, "fit": {"seed": 7, "sampler": {"cores": 2, "draws": 9}}}
    plan = project.plan()
    assert plan.states["data.scale"] == ((), (), ())
    assert plan.states["add"].own == ("parameter fit.seed 1 -> 7",)
    assert plan.states["show"].own == ()
    assert plan.states["show"].reasons == ("input section is out of date",)
    assert [*plan.describe()] == [
        "kept the results of 1 of 3 nodes: nothing has changed",
        "running again: add (parameter fit.seed 1 -> 7)",
        "running again: 1 more node before or after these",
    ]
    assert set(project.run()) == {"add", "show", "tell"}
    assert project.plan().made == []


def test_cores_change_no_result(project) -> None:
    project.parameters = {"scale": 2, "fit": {"seed": 1, "sampler": {"cores": 8, "draws": 9}}}
    assert project.plan().made == []


def test_a_changed_input_is_found_by_its_content(project) -> None:
    project.write("raw", 10)  # the same again, at another time
    assert project.plan().made == []
    project.write("raw", 11)
    assert project.plan().states["data.scale"].own == ("input raw changed",)
    project.run()
    assert project.read("scaled") == 22
    assert project.read("shown") == "{'section': 22} of 11"


@pytest.mark.parametrize("content", ["9", ""])
def test_an_output_that_was_changed_or_cut_is_made_again(project, content) -> None:
    project.path("summed").write_text(content)
    (reason,) = project.plan().states["add"].own
    assert reason == "summed was changed, replaced or cut since it was written"
    assert set(project.run()) == {"add", "show", "tell"}
    assert project.read("summed") == 21


def test_a_missing_output_is_made_again_with_what_it_needs_from_memory(project) -> None:
    project.path("shown").unlink()
    plan = project.plan()
    assert plan.states["show"].own == ("shown is missing",)
    assert plan.states["add"] == ((), (), ())
    assert set(plan.helpers) == {"add"}
    assert set(project.run()) == {"add", "show", "tell"}
    assert project.read("shown") == "{'section': 20} of 10"


def test_what_was_killed_midway_is_made_again(project) -> None:
    project.parameters = {"scale": 3, "fit": PARAMETERS["fit"]}
    catalog = project.catalog()
    recorder = Recorder(project.inspection)
    (first,) = FIRST.nodes
    recorder.start(first, catalog)
    catalog.save("scaled", 30)  # and no more: no record is written
    project.parameters = PARAMETERS
    assert project.plan().states["data.scale"].own == (
        "scaled was changed, replaced or cut since it was written",
    )


def test_force_makes_again(project) -> None:
    plan = project.plan(forced=("add",))
    assert plan.states["add"].own == ("force=true",)
    assert plan.made == ["add", "show"]


def test_another_version_of_a_package_is_told(project, monkeypatch) -> None:
    def installed(numpy: str) -> None:
        found = {"Python": "3.11.7", "numpy": numpy}
        monkeypatch.setattr(inspections, "versions", lambda packages: found)

    installed("2.4.1")
    project.run(runner=SequentialRunner())
    assert project.plan().made == []
    installed("2.4.2")
    assert project.plan().states["add"].own == ("numpy 2.4.1 -> 2.4.2",)


def test_an_unreadable_record_is_as_good_as_none(project) -> None:
    (project.folder / ".made_from/add.json").write_text('{"made_from": []}')
    assert Records(project.catalog()).read("add") is None
    assert project.plan().states["add"].own == ("there is no record of how it was made",)


# ---- a part of the pipeline ----


def need(project: Project, pipeline: str = "second") -> None:
    require_earlier_results(ALL[pipeline], project.inspection(), ALL)


def test_a_part_takes_what_is_up_to_date(project) -> None:
    need(project)
    assert project.run("second") == ["tell"]


def test_a_part_refuses_what_is_missing(project) -> None:
    project.path("scaled").unlink()
    with pytest.raises(MissingInputError, match=r"missing: scaled\n.*--pipelines first"):
        need(project)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda p: p.write("raw", 11), "input raw changed"),
        (lambda p: p.write("scaled", 1), "scaled was changed, replaced or cut"),
        (
            lambda p: setattr(p, "parameters", PARAMETERS | {"scale": 5}),
            "parameter scale 2 -> 5",
        ),
    ],
    ids=["data", "result", "parameter"],
)
def test_a_part_refuses_what_is_out_of_date(project, change, reason) -> None:
    change(project)
    with pytest.raises(OutOfDateError) as caught:
        need(project)
    assert f"  scaled: {reason}" in str(caught.value)
    assert "Fix: first run --pipelines first;" in str(caught.value)


def test_a_message_names_few_pipelines_that_make_everything(project) -> None:
    one = SECOND.only_nodes("add")  # as much of what is needed as all of SECOND, and less else
    registered = ALL | {"one": one}
    project.write("raw", 11)
    last = Pipeline([node(tell, ["summed"], None, name="last")])
    with pytest.raises(OutOfDateError, match="first run --pipelines first,one;"):
        require_earlier_results(last, project.inspection(), registered)


def test_only_missing_outputs_refuses_what_it_would_leave(project) -> None:
    project.path("shown").unlink()
    require_nothing_out_of_date(ALL["__default__"], project.inspection())
    project.write("raw", 11)
    with pytest.raises(OutOfDateError, match="  scaled: input raw changed"):
        require_nothing_out_of_date(ALL["__default__"], project.inspection())
