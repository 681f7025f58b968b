"""Which lines are compared: parameters to weights of lines."""

import pandas as pd
import pytest

from partialpool.calls.inputs import DependencyInputs
from partialpool.errors import ScreenError
from partialpool.inference.gibbs import fitting
from partialpool.line_lists import read_lines
from partialpool.pipelines.calls import nodes

#: Line -> lineage, KRAS.
LINES = {
    "L1": ("Skin", "WT"),
    "L2": ("Skin", "G12D"),
    "L3": ("Lung", "G13D"),
    "L4": ("Lung", "WT"),
    "L5": ("Bone", "WT"),
}
TABLE = pd.DataFrame(
    [
        {"depmap_id": line, "lineage": lineage, "kras_mutation": kras, "hugo_symbol": gene}
        for line, (lineage, kras) in LINES.items()
        for gene in ("A", "B")
    ]
)
NONE = {
    "copy_number": True,
    "count_noise": True,
    "drop_failing": False,
    "contrasts": {},
    "standard_contrasts": {},
    "compare": [],
    "compare_pairs": [],
}


def weights(**changes) -> dict:
    return DependencyInputs.model_validate(NONE | changes).groups(TABLE).weights


def test_the_standard_contrast_is_mutant_against_wild_type_kras(parameters) -> None:
    found = parameters.dependency.inputs.groups(TABLE).weights
    third = -1 / 3
    expected = {"L1": third, "L2": 0.5, "L3": 0.5, "L4": third, "L5": third}
    assert found == {"kras_mutation": pytest.approx(expected)}


def test_a_standard_contrast_that_the_table_lacks_is_left_out_and_told(parameters) -> None:
    without = TABLE.drop(columns="kras_mutation")
    found = parameters.dependency.inputs.groups(without)
    assert found.weights == {}
    told = "expected column kras_mutation; the table does not have it"
    assert found.left_out == {"kras_mutation": told}


def test_a_contrast_that_was_asked_for_must_be_there() -> None:
    with pytest.raises(ScreenError, match="column colour"):
        weights(contrasts={"mine": {"column": "colour", "group": "red"}})


def test_each_value_of_a_column_with_two_lines_is_compared() -> None:
    inputs = DependencyInputs.model_validate(NONE | {"compare": "lineage"})
    found = inputs.groups(TABLE)
    assert set(found.weights) == {"lineage_Skin", "lineage_Lung"}
    assert found.weights["lineage_Skin"]["L1"] == 0.5
    assert found.left_out == {"lineage_Bone": "1 of 5 lines with lineage = Bone"}


def test_each_value_is_compared_with_each_other_on_request() -> None:
    found = weights(compare_pairs="lineage", compare="lineage")
    assert set(found) == {"lineage_Skin", "lineage_Lung", "lineage_Lung_vs_Skin"}
    assert found["lineage_Lung_vs_Skin"] == {"L3": 0.5, "L4": 0.5, "L1": -0.5, "L2": -0.5}


def test_a_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(ValueError, match="names of contrasts"):
        weights(contrasts={"a/b": {"column": "lineage", "group": "Skin"}})


class NotFittedError(Exception):
    """Raised in the place of a fit."""


def test_contrasts_that_are_left_out_are_warnings_if_they_were_asked_for(
    monkeypatch, caplog, parameters
) -> None:
    def no_fit(*_, **__):
        raise NotFittedError

    monkeypatch.setattr(fitting, "fit_table", no_fit)
    caplog.set_level("INFO", logger=nodes.__name__)
    standard = {"kras_mutation": {"column": "kras_mutation", "against": "WT"}}
    given = NONE | {"standard_contrasts": standard, "compare": "lineage"}
    inputs, how = DependencyInputs.model_validate(given), parameters.dependency.fit
    screen = TABLE.drop(columns="kras_mutation").assign(replicate_id="r")
    with pytest.raises(NotFittedError):
        nodes.fit(screen, [], how, inputs, None)
    levels = {record.args[0]: record.levelname for record in caplog.records}
    assert levels == {"kras_mutation": "INFO", "lineage_Bone": "WARNING"}


@pytest.mark.parametrize("drop", [False, True])
def test_the_log_says_how_to_leave_failing_replicates_out(monkeypatch, caplog, drop: bool) -> None:
    monkeypatch.setattr(nodes.qc, "replicate_qc", lambda *_: None)
    monkeypatch.setattr(nodes.qc, "failing", lambda _: ["r1"])
    inputs = DependencyInputs.model_validate(NONE | {"drop_failing": drop})
    screen = TABLE.assign(replicate_id="r1")
    assert nodes.choose_replicates(screen, inputs, None) == (["r1"] if drop else [])
    assert ("drop_failing=true leaves them out" in caplog.text) is not drop


# ---- files with lines ----


@pytest.fixture
def write(tmp_path):
    def to_file(text: str, name: str = "lines.csv") -> str:
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return to_file


def test_a_file_with_one_column_is_one_group(write) -> None:
    path = write("my lines\nL1\nL3\nL1\n\n", "mine.csv")
    assert read_lines(path) == {"mine": ("L1", "L3")}
    half = {"L1": 0.5, "L3": 0.5, **dict.fromkeys(("L2", "L4", "L5"), -1 / 3)}
    assert weights(contrast_path=path) == {"mine": pytest.approx(half)}
    assert weights(contrasts={"x": {"file": path}}) == {"x": pytest.approx(half)}


def test_a_column_names_several_groups(write) -> None:
    path = write("contrast\tModelID\nno 1\tL1\nno 1\tL2\nb\tL3\nb\tL4\n", "x.tsv")
    found = weights(contrast_path=path)
    assert set(found) == {"no_1", "b"}
    assert found["b"]["L3"] == 0.5
    assert set(weights(contrasts={"x": {"file": path}})) == {"x_no_1", "x_b"}


def test_a_file_against_another_one(write) -> None:
    one, other = write("line\nL1\nL2\n", "a.csv"), write("line\nL4\nL5\n", "b.csv")
    expected = {"L1": 0.5, "L2": 0.5, "L4": -0.5, "L5": -0.5}
    assert weights(contrasts={"x": {"file": one, "against_file": other}}) == {"x": expected}
    assert weights(contrasts={"x": {"lines": ["L1", "L2"], "against_file": other}}) == {
        "x": expected
    }


def test_settings_contain_the_lines_and_not_the_path(write) -> None:
    """So another content is another fit, and the same content elsewhere is not."""
    inputs = DependencyInputs.model_validate(NONE | {"contrast_path": write("line\nL1\nL2\n")})
    again = DependencyInputs.model_validate(inputs.model_dump(mode="json"))
    assert again == inputs
    assert inputs.contrasts["lines"].lines == ("L1", "L2")


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        (None, "absent.csv", "no file at .*absent.csv"),
        ("a,b\nL1,x\n", "lines.csv", "columns a, b in"),
        ("line\n\n", "lines.csv", "no lines in"),
        ("line,group\nL1,a\nL2,\n", "lines.csv", "none in row 3"),
        ("line\nL1\n", "lines.docx", "lines.docx"),
        ("", "lines.csv", "lines.csv with"),
    ],
)
def test_a_file_without_lines_is_refused(write, tmp_path, text, name: str, said: str) -> None:
    path = write(text, name) if text is not None else str(tmp_path / name)
    with pytest.raises(ValueError, match=said) as caught:
        DependencyInputs.model_validate(NONE | {"contrast_path": path})
    assert "Fix: correct the path or the file" in str(caught.value)


@pytest.mark.parametrize(
    ("contrasts", "said"),
    [
        ({"x": {"file": "FILE", "lines": ["L1"]}}, "contrast x has file and lines"),
        ({"x": {"file": "FILE", "column": "lineage"}}, "column and lines"),
        ({"b": {"column": "lineage", "group": "Skin"}}, "several contrasts are called b"),
        ({"x": {"lines": ["L1", "L2"], "against_file": "FILE"}}, "2: a, b"),
    ],
)
def test_a_contrast_with_files_is_given_in_one_way(write, contrasts: dict, said: str) -> None:
    path = write("line,group\nL1,a\nL2,a\nL3,b\nL4,b\n")
    given = {
        name: {k: path if v == "FILE" else v for k, v in contrast.items()}
        for name, contrast in contrasts.items()
    }
    with pytest.raises(ValueError, match=said):
        DependencyInputs.model_validate(NONE | {"contrast_path": path, "contrasts": given})


def test_lines_that_the_screen_does_not_have_are_named(write) -> None:
    with pytest.raises(ScreenError, match=r"2 that are not in the screen: L7, L8(.|\n)*such as L1"):
        weights(contrast_path=write("line\nL1\nL7\nL8\n"))
