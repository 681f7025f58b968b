"""Summaries of the modelling table."""

import pandas as pd
import pytest

from partialpool.figures.parts.screen_summary import describe, has_values, lineages


def test_describe_takes_numbers_only_and_counts_what_is_there() -> None:
    table = pd.DataFrame(
        {
            "lfc": [1.0, 2.0, 3.0, 6.0],
            "n_muts": pd.array([0, None, 2, 1], dtype="Int64"),
            "passes_qc": pd.array([True, False, None, True], dtype="boolean"),
            "sgrna": list("abcd"),
        }
    )
    summary = describe(table).set_index("column")
    assert list(summary.index) == ["lfc", "n_muts"]
    assert summary.loc["lfc"].to_dict() == pytest.approx(
        {
            "count": 4,
            "mean": 3.0,
            "std": (14 / 3) ** 0.5,  # deviations -2, -1, 0, 3
            "min": 1.0,
            "q25": 1.75,
            "median": 2.5,
            "q75": 3.75,
            "max": 6.0,
        }
    )
    assert summary.loc["n_muts", ["count", "mean"]].tolist() == [3, 1.0]


def test_describe_takes_batches_where_they_are_numbers() -> None:
    """As in the published table, whose batches are 2, 3 and 4; they are text in the screen."""
    numbered = pd.DataFrame({"lfc": [0.0] * 4, "pdna_batch": ["2", "3", None, "4"], "n": [1] * 4})
    summary = describe(numbered).set_index("column")
    assert list(summary.index) == ["lfc", "pdna_batch", "n"]
    batch = summary.loc["pdna_batch"]
    assert batch[["count", "mean", "std", "min", "max"]].tolist() == [3, 3, 1, 2, 4]

    named = numbered.assign(pdna_batch=["2", "Avana-3", None, "4"])
    assert list(describe(named)["column"]) == ["lfc", "n"]
    absent = numbered.assign(pdna_batch=pd.Series([None] * 4, dtype="str"))
    assert list(describe(absent)["column"]) == ["lfc", "n"]


def test_describe_without_numbers_is_an_empty_table() -> None:
    summary = describe(pd.DataFrame({"sgrna": ["a"]}))
    assert summary.empty
    assert list(summary)[:3] == ["column", "count", "mean"]


def test_has_values() -> None:
    table = pd.DataFrame({"a": [None, 1.0], "b": [None, None]})
    assert has_values(table, "a")
    assert not has_values(table, "b")
    assert not has_values(table, "c")


def test_an_unknown_lineage_is_none() -> None:
    table = pd.DataFrame(
        {
            "depmap_id": pd.Categorical(["A", "B", "B", "C", "D", "E"]),
            "lineage": pd.Categorical([None, "unknown", "lung", "Unknown ", "", "skin"]),
        }
    )
    assert lineages(table) == {"B": "lung", "E": "skin"}
    assert lineages(table.drop(columns="lineage")) == {}
