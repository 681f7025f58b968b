"""Which lines are compared: parameters to weights of lines."""

import pandas as pd
import pytest

from partialpool.calls.inputs import DependencyInputs
from partialpool.errors import ScreenError

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
    "drop_failing": False,
    "contrasts": {},
    "standard_contrasts": {},
    "compare": [],
}


def weights(**changes) -> dict:
    return DependencyInputs.model_validate(NONE | changes).weights(TABLE)


def test_the_standard_contrast_is_mutant_against_wild_type_kras(parameters) -> None:
    found = parameters.dependency.inputs.weights(TABLE)
    third = -1 / 3
    expected = {"L1": third, "L2": 0.5, "L3": 0.5, "L4": third, "L5": third}
    assert found == {"kras_mutation": pytest.approx(expected)}


def test_a_standard_contrast_that_the_table_lacks_is_left_out(parameters) -> None:
    without = TABLE.drop(columns="kras_mutation")
    assert parameters.dependency.inputs.weights(without) == {}


def test_a_contrast_that_was_asked_for_must_be_there() -> None:
    with pytest.raises(ScreenError, match="column colour"):
        weights(contrasts={"mine": {"column": "colour", "group": "red"}})


def test_each_value_of_a_column_with_two_lines_is_compared() -> None:
    found = weights(compare="lineage")
    assert set(found) == {"lineage_Skin", "lineage_Lung"}
    assert found["lineage_Skin"]["L1"] == 0.5


def test_a_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(ValueError, match="names of contrasts"):
        weights(contrasts={"a/b": {"column": "lineage", "group": "Skin"}})
