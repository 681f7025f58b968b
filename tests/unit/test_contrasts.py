"""Groups of lines as weights."""

from __future__ import annotations

import pandas as pd
import pytest
from pydantic import ValidationError

from partialpool.calls.call_settings import ContrastSettings
from partialpool.calls.contrasts import contrast_weights, each_value, lines_weights, weights_of
from partialpool.errors import ScreenError


@pytest.fixture
def table() -> pd.DataFrame:
    """Two genes in six lines."""
    lines = pd.DataFrame(
        {
            "depmap_id": list("abcdef"),
            "kras_mutation": ["G12D", "G12V", "WT", "WT", "WT", None],
            "lineage": ["Lung", "Lung", "Skin", "Skin", "Bone", "Soft tissue/Bone"],
            "is_mutated": [True, True, False, False, None, False],
        }
    )
    other = lines.assign(is_mutated=False)
    both = pd.concat([lines.assign(hugo_symbol="BRAF"), other.assign(hugo_symbol="TP53")])
    return both.astype({"depmap_id": "category", "lineage": "category", "is_mutated": "boolean"})


def test_mutant_against_wild_type(table) -> None:
    """The line without a known status is in neither group."""
    third = -1 / 3
    expected = {"a": 0.5, "b": 0.5, "c": third, "d": third, "e": third}
    assert contrast_weights(table, "kras_mutation", against="WT") == pytest.approx(expected)
    both = contrast_weights(table, "kras_mutation", ["G12D", "G12V"], "WT")
    assert both == pytest.approx(expected)


def test_one_value_against_all_others(table) -> None:
    found = contrast_weights(table, "lineage", "Lung")
    assert found == {"a": 0.5, "b": 0.5, "c": -0.25, "d": -0.25, "e": -0.25, "f": -0.25}


def test_mutated_lines_of_a_gene(table) -> None:
    found = contrast_weights(table, "is_mutated", True, gene="BRAF")
    third = -1 / 3
    assert found == pytest.approx({"a": 0.5, "b": 0.5, "c": third, "d": third, "f": third})
    assert weights_of(table, ContrastSettings(mutated="BRAF")) == found


def test_listed_lines(table) -> None:
    assert lines_weights(table, ["a", "c"], ["e", "f"]) == {
        "a": 0.5,
        "c": 0.5,
        "e": -0.5,
        "f": -0.5,
    }
    rest = lines_weights(table, ["a", "c"])
    assert rest == {"a": 0.5, "c": 0.5, "b": -0.25, "d": -0.25, "e": -0.25, "f": -0.25}
    assert weights_of(table, ContrastSettings(lines=("a", "c"))) == rest


def test_each_value_with_two_lines_against_the_rest(table) -> None:
    found = each_value(table, "lineage")
    assert list(found) == ["lineage_Lung", "lineage_Skin"]
    assert found["lineage_Skin"]["c"] == 0.5
    table["lineage"] = table["lineage"].cat.rename_categories({"Lung": "Soft tissue/Lung"})
    assert list(each_value(table, "lineage")) == ["lineage_Skin", "lineage_Soft_tissue_Lung"]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        ({"column": "lineage", "group": "Bone"}, "1 with lineage = Bone"),
        ({"column": "kras_mutation", "group": ["WT", "G12D"]}, "1 with kras_mutation = G12V"),
        ({"column": "lineage", "group": "Liver"}, "values found: Bone, Lung, Skin"),
        ({"column": "lineage", "group": "Lung", "against": ["Lung", "Skin"]}, "2 in both"),
        ({"column": "lineage"}, "neither group nor against"),
        ({"column": "status", "group": "x"}, "column status"),
        ({"column": "is_mutated", "group": True}, "several in 2 lines"),
        ({"column": "is_mutated", "group": True, "gene": "KRAS"}, "KRAS, which has no rows"),
        ({"column": "is_mutated", "group": True, "gene": "TP53"}, "values found: False"),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_groups_that_cannot_be_compared_are_refused(table, ask, said) -> None:
    with pytest.raises(ScreenError, match=said):
        contrast_weights(table, **ask)


def test_unknown_or_too_few_lines_are_refused(table) -> None:
    with pytest.raises(ScreenError, match="1 that are not in the screen: z"):
        lines_weights(table, ["a", "z"])
    with pytest.raises(ScreenError, match="1 with the given lines"):
        lines_weights(table, ["a"])
    with pytest.raises(ScreenError, match="A: 1, B: 1"):
        each_value(pd.DataFrame({"depmap_id": ["x", "y"], "k": ["A", "B"]}), "k")


def test_a_contrast_is_given_in_one_way() -> None:
    with pytest.raises(ValidationError, match="none of them"):
        ContrastSettings()
    with pytest.raises(ValidationError, match="column and lines"):
        ContrastSettings(column="lineage", lines=("a",))
