"""The screen as the models see it: what it holds, what it leaves out, what it refuses."""

from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest

from partialpool.errors import ScreenError
from partialpool.screen import KEYS, Screen


def small_table(**columns) -> pd.DataFrame:
    """Three guides of two genes in two lines; the second line has two replicates."""
    table = pd.DataFrame(
        {
            "hugo_symbol": ["TP53"] * 6 + ["KRAS"] * 3,
            "sgrna": ["t2"] * 3 + ["t1"] * 3 + ["k1"] * 3,
            "depmap_id": ["L2", "L1", "L1"] * 3,
            "replicate_id": ["L2_a", "L1_a", "L1_b"] * 3,
            "lfc": np.arange(9) / 10,
            "gene_cn_z": np.linspace(-1, 1, 9),
        }
    )
    return table.assign(**columns)


def test_labels_stand_in_order_of_appearance() -> None:
    screen = Screen.from_table(small_table())

    assert screen.labels["gene"] == ("TP53", "KRAS")
    assert screen.labels["sgrna"] == ("t2", "t1", "k1")
    assert screen.labels["cell_line"] == ("L2", "L1")
    assert screen.coords["cell_line"] == ["L2", "L1"]


def test_a_declared_order_of_labels_is_kept() -> None:
    lines = pd.Categorical(["L2", "L1", "L1"] * 3, categories=["L0", "L1", "L2"], ordered=True)
    screen = Screen.from_table(small_table(depmap_id=lines))

    assert screen.labels["cell_line"] == ("L1", "L2")  # and L0, which no row has, is gone
    assert screen.codes["cell_line"].tolist() == [1, 0, 0] * 3


def test_every_guide_has_its_gene() -> None:
    screen = Screen.from_table(small_table())
    assert screen.parents(("sgrna",), ("gene",)).tolist() == [0, 0, 1]


def test_rows_keep_their_order_and_their_keys() -> None:
    table = small_table()
    screen = Screen.from_table(table)

    assert screen.n_rows == 9
    assert screen.lfc.tolist() == table["lfc"].tolist()
    assert screen.keys.columns.tolist() == list(KEYS)
    assert screen.keys["replicate_id"].tolist() == table["replicate_id"].tolist()


def test_an_index_over_several_dims_is_the_position_in_the_flattened_effect() -> None:
    screen = Screen.from_table(small_table())
    dims = ("gene", "cell_line")
    effect = np.array([["TP53 L2", "TP53 L1"], ["KRAS L2", "KRAS L1"]])  # (gene, cell_line)

    assert screen.size(dims) == 4
    expected = screen.keys["hugo_symbol"] + " " + screen.keys["depmap_id"]
    assert effect.ravel()[screen.index(dims)].tolist() == expected.tolist()
    assert screen.index(("sgrna",), slice(2, 5)).tolist() == [0, 1, 1]


@pytest.mark.parametrize("size", [1, 2, 4, 9, 100])
def test_chunks_cover_the_rows_once_in_order(size: int) -> None:
    screen = Screen.from_table(small_table())
    parts = [screen.lfc[rows] for rows in screen.chunks(size)]

    assert max(map(len, parts)) == min(size, 9)
    assert np.concatenate(parts).tolist() == screen.lfc.tolist()


def test_nothing_of_it_can_be_changed() -> None:
    screen = Screen.from_table(small_table(), ["gene_cn_z"])

    with pytest.raises(FrozenInstanceError):
        screen.lfc = np.zeros(9)
    arrays = [screen.lfc, *screen.codes.values(), *screen.covariates.values()]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    for mapping in (screen.codes, screen.labels, screen.covariates):
        with pytest.raises(TypeError):
            mapping["gene"] = None


def test_a_later_change_of_the_table_does_not_reach_it() -> None:
    table = small_table()
    screen = Screen.from_table(table)
    table.loc[0, "lfc"] = 99.0
    table.loc[0, "replicate_id"] = "other"

    assert screen.lfc[0] == 0.0
    assert screen.keys.loc[0, "replicate_id"] == "L2_a"


def test_equal_data_have_equal_hashes() -> None:
    one, other = (Screen.from_table(small_table(), ["gene_cn_z"]) for _ in range(2))
    assert one.content_hash == other.content_hash


@pytest.mark.parametrize(
    "change",
    [
        {"lfc": [0.05, *np.arange(1, 9) / 10]},
        {"sgrna": ["t3"] * 3 + ["t1"] * 3 + ["k1"] * 3},
        {"hugo_symbol": ["TP54"] * 6 + ["KRAS"] * 3},
        {"depmap_id": ["L2", "L1", "L3"] * 3},
        {"gene_cn_z": [-0.9, *np.linspace(-1, 1, 9)[1:]]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_other_data_have_another_hash(change) -> None:
    one = Screen.from_table(small_table(), ["gene_cn_z"])
    other = Screen.from_table(small_table(**change), ["gene_cn_z"])
    assert one.content_hash != other.content_hash


def test_a_covariate_that_is_not_asked_for_is_not_in_the_hash() -> None:
    one = Screen.from_table(small_table())
    other = Screen.from_table(small_table(gene_cn_z=0.0))
    assert one.content_hash == other.content_hash


def test_rows_without_a_covariate_are_left_out_and_counted() -> None:
    z = [np.nan] * 3 + [0.5] * 6
    table = small_table(gene_cn_z=z)
    screen = Screen.from_table(table, ["gene_cn_z"])

    assert (screen.n_rows, screen.n_left_out) == (6, 3)
    assert screen.lfc.tolist() == [0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
    assert screen.labels["sgrna"] == ("t1", "k1")  # t2 lost all its rows
    assert screen.parents(("sgrna",), ("gene",)).tolist() == [0, 1]
    assert Screen.from_table(table).n_left_out == 0


def test_a_nullable_boolean_covariate_becomes_numbers() -> None:
    mutated = pd.array([True, False, None] * 3, dtype="boolean")
    screen = Screen.from_table(small_table(is_mutated=mutated), ["is_mutated"])

    assert screen.covariates["is_mutated"].tolist() == [1.0, 0.0] * 3
    assert screen.n_left_out == 3


@pytest.mark.parametrize(
    ("covariate", "source"),
    [("gene_cn_z", "gene_cn"), ("rna_expr_z", "rna_expr"), ("is_mutated", "n_muts")],
)
def test_a_missing_covariate_is_named_by_its_input_column(covariate: str, source: str) -> None:
    table = small_table().drop(columns="gene_cn_z")
    with pytest.raises(ScreenError) as caught:
        Screen.from_table(table, [covariate])

    expected, got, fix = str(caught.value).split("\n")
    assert f"column {source} in the input table" in expected
    assert "without it" in got
    assert f"add {source}" in fix


def test_a_table_that_is_not_a_modelling_table_is_refused() -> None:
    with pytest.raises(ScreenError, match="Got: a table without lfc, depmap_id"):
        Screen.from_table(small_table().drop(columns=["lfc", "depmap_id"]))


def test_one_gene_is_not_enough() -> None:
    with pytest.raises(ScreenError, match=r"at least 2 genes.*\nGot: 3 rows of 1 genes \(KRAS\)"):
        Screen.from_table(small_table().query("hugo_symbol == 'KRAS'"))


def test_one_gene_with_the_covariate_is_not_enough() -> None:
    z = [np.nan] * 6 + [0.5] * 3
    with pytest.raises(ScreenError, match="rows with gene_cn_z of at least 2 genes"):
        Screen.from_table(small_table(gene_cn_z=z), ["gene_cn_z"])
