"""Groups of lines as weights."""

from __future__ import annotations

import pandas as pd
import pytest
from pydantic import ValidationError

from partialpool.calls.call_settings import ContrastSettings
from partialpool.calls.contrasts import (
    contrast_weights,
    each_pair,
    each_value,
    lines_weights,
    weights_of,
)
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


def test_two_values_against_each_other(table) -> None:
    found = weights_of(table, ContrastSettings(column="lineage", group="Skin", against="Lung"))
    assert found == {"c": 0.5, "d": 0.5, "a": -0.5, "b": -0.5}
    lines = ContrastSettings(lines=("c", "d"), against_lines=("a", "b"))
    assert weights_of(table, lines) == found


def test_each_value_with_two_lines_against_the_rest(table) -> None:
    found = each_value(table, "lineage")
    assert list(found.weights) == ["lineage_Lung", "lineage_Skin"]
    assert found.weights["lineage_Skin"]["c"] == 0.5
    assert found.left_out == {
        "lineage_Bone": "1 of 6 lines with lineage = Bone",
        "lineage_Soft_tissue_Bone": "1 of 6 lines with lineage = Soft tissue/Bone",
    }
    table["lineage"] = table["lineage"].cat.rename_categories({"Lung": "Soft tissue/Lung"})
    names = ["lineage_Skin", "lineage_Soft_tissue_Lung"]
    assert list(each_value(table, "lineage").weights) == names


@pytest.mark.parametrize("compare", [each_value, each_pair])
def test_values_with_the_same_name_are_refused(table, compare) -> None:
    table["kind"] = ["A/B", "A/B", "A B", "A B", "C", "C"] * 2
    with pytest.raises(ScreenError, match="'A B', 'A/B', which get the same name"):
        compare(table, "kind")


@pytest.mark.parametrize("missing", [False, True])
def test_groups_can_be_whole_numbers(table, missing: bool) -> None:
    table["batch"] = [1, 1, 2, 2, 3, None if missing else 3] * 2
    contrast = ContrastSettings.model_validate({"column": "batch", "group": 1, "against": [2]})
    assert weights_of(table, contrast) == {"a": 0.5, "b": 0.5, "c": -0.5, "d": -0.5}
    assert ContrastSettings.model_validate(contrast.model_dump(mode="json")) == contrast


def test_a_value_of_all_lines_but_one_is_told(table) -> None:
    table["batch"] = ["x"] * 5 + ["y", *["x"] * 5, "y"]
    with pytest.raises(ScreenError, match="x: 5, y: 1"):
        each_value(table, "batch")
    table["batch"] = ["x", "x", "y", "y", "y", None] * 2
    assert list(each_value(table, "batch").weights) == ["batch_x", "batch_y"]


def test_each_pair_of_values_with_two_lines(table) -> None:
    table["kind"] = list("aabbcd") * 2
    found = each_pair(table, "kind")
    assert found.weights == {"kind_a_vs_b": {"a": 0.5, "b": 0.5, "c": -0.5, "d": -0.5}}
    assert found.left_out == {
        "kind_c": "1 line with kind = c",
        "kind_d": "1 line with kind = d",
    }
    table["kind"] = list("aabbcc") * 2
    assert list(each_pair(table, "kind").weights) == [
        *("kind_a_vs_b", "kind_a_vs_c", "kind_b_vs_c"),
    ]
    table["kind"] = list("aabcde") * 2
    with pytest.raises(ScreenError, match="two groups of lines by kind"):
        each_pair(table, "kind")


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
    with pytest.raises(ValidationError, match="lines with against_lines"):
        ContrastSettings(column="lineage", group="Skin", against_lines=("a",))
    with pytest.raises(ValidationError, match="column with group"):
        ContrastSettings(mutated="KRAS", group="G12D")
