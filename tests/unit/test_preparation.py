"""From the raw screen to the modelling table: types, rules, exclusions, order and covariates."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from pydantic import ValidationError

from partialpool import preparation
from partialpool.datasets.files import ParquetDataset
from partialpool.datasets.screen_table import ScreenTableDataset
from partialpool.errors import ScreenError
from partialpool.pipelines.data_engineering import create_pipeline
from partialpool.preparation import (
    CONSTANT_CN,
    DataSettings,
    categorise,
    exclude,
    prepare,
)
from partialpool.preparation.covariates import z_within

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = REPOSITORY.parent / "shared" / "data"

SETTINGS = DataSettings(
    drop_failed_qc=True, drop_missing_lfc=True, merge_labels=False, drop_copies=False, cn_max=10.0
)

# Every message says all three.
PARTS = ("Expected: ", "\nGot: ", "\nFix: ")

# The machine may be busy, so no deadline.
relaxed = settings(deadline=None, max_examples=30)


def change(**changes: Any) -> DataSettings:
    return DataSettings(**{**SETTINGS.model_dump(), **changes})


def validate(raw: pd.DataFrame) -> pd.DataFrame:
    return preparation.validate(raw, SETTINGS)


def screen(**columns: Any) -> pd.DataFrame:
    """Make a small raw screen: 3 guides of 2 genes in 2 replicates of 2 lines, guide by guide."""
    table = pd.DataFrame(
        {
            "sgrna": ["a", "a", "b", "b", "c", "c"],
            "replicate_id": ["r1", "r2"] * 3,
            "lfc": [0.1, -0.2, 0.3, -0.4, 0.5, -0.6],
            "depmap_id": ["ACH-1", "ACH-2"] * 3,
            "hugo_symbol": ["KRAS"] * 4 + ["TP53"] * 2,
        }
    )
    return table.assign(**columns)


def refusal(raw: pd.DataFrame, given: DataSettings = SETTINGS) -> str:
    with pytest.raises(ScreenError) as caught:
        prepare(raw, given)
    message = str(caught.value)
    for part in PARTS:
        assert part in message
    return message


def quality(raw: pd.DataFrame, given: DataSettings = SETTINGS) -> pd.DataFrame:
    return prepare(raw, given)[1].set_index("item")


# ---- validation: what is read, and as what ----


def test_five_columns_are_enough() -> None:
    raw = screen()
    table, report = prepare(raw, SETTINGS)

    assert table.columns.tolist() == raw.columns.tolist()
    assert table["lfc"].tolist() == raw["lfc"].tolist()
    count = report.set_index("item")["count"]
    assert count["rows kept"] == count["rows without gene_cn"] == 6
    assert count["missing sgrna x replicate pairs"] == 0


def test_the_raw_table_is_not_changed() -> None:
    raw = screen(passes_qc="TRUE", gene_cn="2", pdna_batch=3.0, n_muts=0)
    before = raw.copy(deep=True)
    prepare(raw, SETTINGS)
    pd.testing.assert_frame_equal(raw, before)


def test_r_and_python_tables_make_the_same_screen(tmp_path: Path) -> None:
    header = (
        "sgrna,replicate_id,lfc,pdna_batch,passes_qc,depmap_id,hugo_symbol,"
        "is_deleterious,any_deleterious,n_muts,gene_cn\n"
    )
    r_style = (
        '"1","r1",0.5,3,TRUE,"ACH-1","KRAS","TRUE;FALSE",TRUE,2,2.5\n'
        '"1","r2",0.1,2,TRUE,"ACH-2","KRAS",NA,FALSE,0,NA\n'
        '"2","r1",0.2,3,NA,"ACH-1","TP53",NA,NA,NA,1e0\n'
    )
    python_style = (
        "1,r1,0.5,3.0,True,ACH-1,KRAS,TRUE;FALSE,True,2.0,2.5\n"
        "1,r2,0.1,2.0,True,ACH-2,KRAS,,False,0.0,\n"
        "2,r1,0.2,3.0,,ACH-1,TP53,,,,1.0\n"
    )
    (tmp_path / "r.csv").write_text(header + r_style)
    (tmp_path / "python.csv").write_text(header + python_style)
    table, other = (
        prepare(ScreenTableDataset(filepath=tmp_path / name).load(), SETTINGS)[0]
        for name in ("r.csv", "python.csv")
    )

    pd.testing.assert_frame_equal(table, other)
    assert table["sgrna"].tolist() == ["1", "1", "2"]
    assert table["pdna_batch"].tolist() == ["3", "2", "3"]
    assert table["any_deleterious"].tolist() == [True, False, pd.NA]
    assert table["is_deleterious"].tolist()[0] == "TRUE;FALSE"
    assert table["n_muts"].dtype == "Int64"
    assert table["is_mutated"].tolist() == [True, False, pd.NA]


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("TRUE", "FALSE"),
        ("True", "False"),
        ("true", "false"),
        ("T", "F"),
        ("1", "0"),
        (1, 0),
        (1.0, 0.0),
        (True, False),
    ],
)
def test_spellings_of_booleans(true: object, false: object) -> None:
    flags = pd.Series([true, false, None, true, true, true], dtype=object)
    table = validate(screen(passes_qc=flags))
    assert table["passes_qc"].dtype == "boolean"
    assert table["passes_qc"].tolist() == [True, False, pd.NA, True, True, True]


@pytest.mark.parametrize("batch", [3, 3.0, "3", "3.0"])
def test_batches_are_text(batch: object) -> None:
    column = pd.Series([batch] * 5 + [None], dtype=object)
    assert validate(screen(pdna_batch=column))["pdna_batch"][:5].tolist() == ["3"] * 5
    assert validate(screen(pdna_batch=column))["pdna_batch"].isna().sum() == 1


def test_named_batches_stay_as_they_are() -> None:
    assert set(validate(screen(pdna_batch="Avana-3.10"))["pdna_batch"]) == {"Avana-3.10"}


def test_numeric_identifiers_become_text() -> None:
    raw = screen(depmap_id=[1.0, 2.0] * 3, sgrna=[7, 7, 8, 8, 9, 9])
    table = validate(raw)
    assert table["depmap_id"].tolist() == ["1", "2"] * 3
    assert table["sgrna"].tolist() == ["7", "7", "8", "8", "9", "9"]


def test_none_and_null_are_labels_not_missing() -> None:
    table = validate(screen(lineage=["None", "null", "NA", "", "NaN", "nan"]))
    assert table["lineage"].isna().tolist() == [False, False, True, True, True, True]


def test_numbers_written_as_text_are_read() -> None:
    table = validate(screen(lfc=["0.5", "-1e-3", "NA", "", "2", "3"]))
    assert table["lfc"].dtype == "float64"
    assert table["lfc"][:2].tolist() == [0.5, -0.001]
    assert table["lfc"].isna().sum() == 2


def test_unknown_columns_pass_through_and_are_reported() -> None:
    extra = [{"x": 1}, 2, "three", None, 5.0, True]
    raw = screen(my_notes=extra, gene_cn=[1.0, 2.0] * 3, gene_cn_z=9.0)
    table, report = prepare(raw, SETTINGS)
    assert table["my_notes"].tolist()[:5] == extra[:5]
    item = report.set_index("item").loc["unknown columns"]
    assert item["count"] == 2
    assert item["note"] == "my_notes, gene_cn_z (replaced)"
    assert table["gene_cn_z"].abs().max() == pytest.approx(1.0)


# ---- validation: what is refused ----


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("lfc", "log_fold_change"),
        ("hugo_symbol", "hugo_symbl"),
        ("depmap_id", "cell_line"),
        ("replicate_id", "replicat_id"),
    ],
)
def test_missing_column_suggests_the_near_miss(column: str, other: str) -> None:
    message = refusal(screen().rename(columns={column: other}))
    assert "Expected: the columns sgrna, replicate_id, lfc, depmap_id, hugo_symbol." in message
    assert f"Got: no {column}; columns found: " in message
    assert f"rename {other} to {column}" in message


def test_missing_columns_without_a_near_miss_are_listed() -> None:
    message = refusal(screen(banana=1).drop(columns=["lfc", "depmap_id"]))
    assert "no lfc, depmap_id; " in message
    assert "columns found: sgrna, replicate_id, hugo_symbol, banana." in message
    assert "add these columns" in message


def test_empty_table() -> None:
    message = refusal(screen().iloc[:0])
    assert "at least one row" in message
    assert "no rows; columns: sgrna" in message
    assert "filtered" in message


def test_repeated_columns() -> None:
    raw = pd.concat([screen(), screen()[["lfc"]]], axis=1)
    message = refusal(raw)
    assert "Got: lfc more than once." in message
    assert "rename or remove" in message


def test_text_in_lfc_names_rows_and_values() -> None:
    message = refusal(screen(lfc=["0.1", "high", "0", "null", "NA", "1"]))
    assert "Expected: numbers in column lfc." in message
    assert "Got: text in row 2: 'high', row 4: 'null'." in message
    assert "write NA" in message
    assert message.count("Expected") == 1


def test_rows_are_counted_in_the_file_whatever_the_index_says() -> None:
    raw = screen(lfc=["0.1", "x", "0", "1", "2", "1"]).set_index(pd.Index(range(100, 106)))
    assert "row 2: 'x'" in refusal(raw)


def test_booleans_and_dates_are_not_measurements() -> None:
    assert "row 1: 'True'" in refusal(screen(lfc=True))
    assert "row 1: '2020-01-01'" in refusal(screen(gene_cn=pd.Timestamp("2020-01-01")))


def test_infinite_lfc() -> None:
    message = refusal(screen(lfc=[0.1, -np.inf, 0.3, np.inf, 0, 0]))
    assert "finite numbers in column lfc" in message
    assert "Got: row 2: -inf, row 4: inf." in message
    assert "pseudocount" in message


@pytest.mark.parametrize("key", ["sgrna", "replicate_id", "depmap_id", "hugo_symbol"])
@pytest.mark.parametrize("missing", [None, "", "NA"])
def test_missing_key(key: str, missing: str | None) -> None:
    raw = screen()
    raw.loc[[1, 4], key] = missing
    message = refusal(raw)
    assert f"a value of {key} in every row" in message
    assert "Got: no value in rows 2, 5." in message
    assert "remove these rows" in message


def test_guide_of_two_genes() -> None:
    raw = screen(hugo_symbol=["KRAS", "KRAS", "KRAS", "TP53", "TP53", "TP53"])
    message = refusal(raw)
    assert "one gene (hugo_symbol) for each sgrna" in message
    assert "Got: b with KRAS (row 3), TP53 (row 4)." in message
    assert "leave out the guides" in message


def test_replicate_of_two_lines() -> None:
    raw = screen(depmap_id=["ACH-1", "ACH-2", "ACH-3", "ACH-2", "ACH-1", "ACH-2"])
    message = refusal(raw)
    assert "one cell line (depmap_id) for each replicate_id" in message
    assert "Got: r1 with ACH-1 (row 1), ACH-3 (row 3)." in message
    assert "different names" in message


def test_pair_measured_twice() -> None:
    raw = pd.concat([screen(), screen().iloc[[1, 1, 0]]])
    message = refusal(raw)
    assert "one row for each sgrna x replicate_id" in message
    assert "Got: a x r1 in rows 1, 9, a x r2 in rows 2, 7, 8." in message
    assert "remove the repeated rows" in message


@pytest.mark.parametrize("column", ["gene_cn", "segment_cn", "n_muts", "rna_expr"])
def test_negative_amounts(column: str) -> None:
    message = refusal(screen(**{column: [0, 1, -2, 3, None, 1]}))
    assert f"no negative number in column {column}" in message
    assert "row 3: -2.0." in message
    assert "check the scale" in message


def test_negative_relative_copy_number_is_no_error() -> None:
    assert validate(screen(segment_mean=-0.5))["segment_mean"].tolist() == [-0.5] * 6


def test_mutations_are_counted_whole() -> None:
    message = refusal(screen(n_muts=[0, 1, 0.5, 3, None, 1]))
    assert "whole numbers in column n_muts" in message
    assert "row 3: 0.5." in message
    assert "number of mutations" in message


def test_unreadable_qc_flags() -> None:
    message = refusal(screen(passes_qc=["TRUE", "maybe", None, "pass", "F", "F"]))
    assert "TRUE, FALSE or NA in column passes_qc" in message
    assert "Got: row 2: 'maybe', row 4: 'pass'." in message
    assert "write TRUE or FALSE" in message
    assert "row 2: '2'" in refusal(screen(passes_qc=[1, 2, 0, 1, 1, 1]))


def test_one_error_lists_every_problem() -> None:
    raw = screen(
        lfc=["x", "inf", "0", "1", "2", "3"],
        gene_cn=-1.0,
        passes_qc="so-so",
        hugo_symbol=["KRAS", None, "KRAS", "TP53", "TP53", "TP53"],
    ).drop(columns="depmap_id")
    message = refusal(raw)
    assert message.startswith("7 problems.\n1. Expected: the columns")
    for expected in (
        "no depmap_id",
        "text in row 1: 'x'",
        "row 2: 'inf'",
        "no value in row 2.",
        "row 1: -1.0",
        "row 1: 'so-so'",
        "b with KRAS (row 3), TP53 (row 4)",
    ):
        assert expected in message


def test_long_lists_are_cut_short() -> None:
    message = refusal(screen(lfc=["a", "b", "c", "d", "e", "f"]))
    assert "row 5: 'e' and 1 more." in message
    assert "'f'" not in message


# ---- exclusions ----


def test_rows_are_left_out_for_qc_and_lfc_only() -> None:
    flags = [True, False, None, True, False, True]
    raw = screen(passes_qc=flags, lfc=[0.1, None, 0.3, None, 0.5, -0.6], gene_cn=None)
    kept, counts = exclude(validate(raw), SETTINGS)

    assert kept.index.tolist() == [0, 2, 5]
    assert (counts.read, counts.failed_qc, counts.unknown_qc) == (6, 2, 1)
    assert (counts.missing_lfc, counts.kept) == (1, 3)
    assert counts.read == counts.kept + counts.failed_qc + counts.missing_lfc


def test_failed_rows_are_kept_on_request_and_still_counted() -> None:
    raw = screen(passes_qc=[True, False] * 3)
    report = quality(raw, change(drop_failed_qc=False))
    assert report.loc["rows kept", "count"] == 6
    assert report.loc["rows failing QC", "count"] == 3
    assert report.loc["rows failing QC", "note"] == "kept, because drop_failed_qc is false"


def test_missing_lfc_is_an_error_on_request_unless_qc_leaves_the_row_out() -> None:
    raw = screen(passes_qc=[True, False] * 3, lfc=[0.1, None, None, 0.4, None, 0.6])
    strict = change(drop_missing_lfc=False)
    message = refusal(raw, strict)
    assert "because drop_missing_lfc is false" in message
    assert "Got: no value in rows 3, 5." in message
    assert "data_engineering.drop_missing_lfc to true" in message

    raw["lfc"] = [0.1, None, 0.2, 0.4, 0.5, 0.6]
    assert prepare(raw, strict)[0]["lfc"].tolist() == [0.1, 0.2, 0.5]


def test_nothing_left() -> None:
    message = refusal(screen(passes_qc=False))
    assert "0 rows of 0 genes (none)" in message
    assert "6 of 6 rows left out for failing QC and 0 for having no lfc" in message
    assert "drop_failed_qc to false" in message


def test_one_gene_is_not_enough_to_pool() -> None:
    message = refusal(screen(lfc=[0.1, 0.2, 0.3, 0.4, None, None]))
    assert "at least 2 genes" in message
    assert "4 rows of 1 genes (KRAS), with 0 of 6 rows left out" in message
    assert "2 for having no lfc" in message
    assert "more genes" in message


# ---- order and categoricals ----


def test_sorted_by_gene_guide_and_line_with_replicates_in_file_order() -> None:
    raw = pd.DataFrame(
        [
            ("z", "r9", 1.0, "ACH-2", "TP53"),
            ("z", "r1", 2.0, "ACH-2", "TP53"),
            ("z", "r5", 3.0, "ACH-1", "TP53"),
            ("y", "r1", 4.0, "ACH-2", "TP53"),
            ("x", "r1", 5.0, "ACH-2", "KRAS"),
        ],
        columns=["sgrna", "replicate_id", "lfc", "depmap_id", "hugo_symbol"],
    )
    table = categorise(validate(raw))
    assert table["lfc"].tolist() == [5.0, 4.0, 3.0, 1.0, 2.0]
    assert table.index.tolist() == [0, 1, 2, 3, 4]


def test_categories_stand_in_order_of_appearance() -> None:
    # After sorting, ACH-2 appears first (KRAS was not measured in ACH-1), and guide z before a.
    raw = pd.DataFrame(
        [
            ("a", "r1", 1.0, "ACH-1", "TP53", "lung", "17"),
            ("a", "r2", 2.0, "ACH-2", "TP53", "bone", "17"),
            ("z", "r2", 3.0, "ACH-2", "KRAS", "bone", "2"),
        ],
        columns=[*screen().columns, "lineage", "chromosome"],
    )
    table = categorise(validate(raw))
    expected = {
        "hugo_symbol": ["KRAS", "TP53"],
        "sgrna": ["z", "a"],
        "depmap_id": ["ACH-2", "ACH-1"],
        "lineage": ["bone", "lung"],
        "chromosome": ["2", "17"],
    }
    for column, categories in expected.items():
        assert table[column].cat.categories.tolist() == categories
        assert table[column].cat.ordered
    assert table["lfc"].tolist() == [3.0, 1.0, 2.0]


def test_labels_that_were_left_out_are_no_categories() -> None:
    table, _ = prepare(screen(passes_qc=[True, False] * 3), SETTINGS)
    assert table["depmap_id"].cat.categories.tolist() == ["ACH-1"]


def test_missing_lineage_stays_missing_and_is_counted() -> None:
    raw = screen(lineage=["lung", None] * 3)
    table, report = prepare(raw, SETTINGS)
    assert table["lineage"].cat.categories.tolist() == ["lung"]
    assert table["lineage"].isna().sum() == 3
    lacking = report.set_index("item").loc["rows without lineage"]
    assert (lacking["count"], lacking["share"]) == (3, 0.5)


def test_an_unknown_lineage_is_counted_as_missing() -> None:
    _, report = prepare(screen(lineage=["lung", "Unknown"] * 3), SETTINGS)
    assert report.set_index("item").loc["rows without lineage", "count"] == 3


@relaxed
@given(order=st.permutations(range(6)))
def test_the_order_of_the_raw_rows_does_not_matter(order: list[int]) -> None:
    raw = screen(
        gene_cn=[1.0, 2.0, 3.0, 4.0, 5.0, 20.0], lineage=["lung", None] * 3, n_muts=[0, 1] * 3
    )
    expected = prepare(raw, SETTINGS)
    came = prepare(raw.iloc[order], SETTINGS)
    for one, other in zip(expected, came, strict=True):
        pd.testing.assert_frame_equal(one, other)


# ---- covariates ----


def test_copy_number_z_by_hand() -> None:
    # KRAS: 1, 3, 1, 3 -> mean 2, sd 1 (ddof 0). TP53: 6 and 30 clipped to 10 -> mean 8, sd 2.
    raw = screen(gene_cn=[1.0, 3.0, 1.0, 3.0, 6.0, 30.0])
    table, report = prepare(raw, SETTINGS)
    assert table["gene_cn_z"].tolist() == pytest.approx([-1, 1, -1, 1, -1, 1], abs=1e-12)
    assert table["gene_cn"].max() == 30.0
    assert report.set_index("item").loc["rows with gene_cn above cn_max", "count"] == 1


def test_ddof_is_zero_by_hand() -> None:
    # 0, 0, 3: mean 1, population sd sqrt(2); the sample sd would be sqrt(3).
    z = z_within(pd.Series([0.0, 0.0, 3.0]), pd.Series(["g"] * 3))
    assert z.tolist() == pytest.approx([-(0.5**0.5), -(0.5**0.5), 2**0.5])


def test_the_published_adamts13_values_lie_on_one_line() -> None:
    """The three published pairs are one map z = (cn - mean) / sd, which gives mean and sd."""
    cn = np.array([2.632957, 1.594524, 1.741667])
    z = np.array([1.632215, -0.365193, -0.082165])
    sd = (cn[0] - cn[1]) / (z[0] - z[1])
    mean = cn[0] - z[0] * sd
    assert (cn[2] - mean) / sd == pytest.approx(z[2], abs=3e-6)

    # A gene of 583 rows, as there, with these three values, that mean and that sd: two more
    # values d above and below the mean of the others carry what variance is missing.
    n = 583
    others = (n * mean - cn.sum()) / (n - 3)
    missing = n * (sd**2 + mean**2) - (cn**2).sum() - (n - 3) * others**2
    spread = np.sqrt(missing / (n - 3)) * np.tile([1.0, -1.0], (n - 3) // 2)
    gene = np.concatenate([cn, others + spread])
    z_gene = z_within(pd.Series(gene), pd.Series(["ADAMTS13"] * n))
    assert z_gene[:3].tolist() == pytest.approx(z.tolist(), abs=3e-6)


def test_overall_sd_is_that_of_the_published_table() -> None:
    """26 genes scaled with ddof = 0 have an overall sample sd of sqrt(n / (n - 1))."""
    rng = np.random.default_rng(1)
    genes = pd.Series(np.repeat([f"g{i}" for i in range(26)], 40))
    z = z_within(pd.Series(rng.gamma(2.0, size=genes.size)), genes)
    assert z.std(ddof=1) == pytest.approx(np.sqrt(1040 / 1039), rel=1e-12)
    assert np.sqrt(60_049 / 60_048) == pytest.approx(1.000008, abs=5e-7)


def test_z_is_made_of_the_kept_rows() -> None:
    raw = screen(
        gene_cn=[1.0, 3.0, 1.0, 9.0, 4.0, 6.0], passes_qc=[True] * 3 + [False] + [True] * 2
    )
    table, _ = prepare(raw, SETTINGS)
    root = 2**0.5
    assert table["gene_cn_z"][:3].tolist() == pytest.approx([-1 / root, root, -1 / root])


@pytest.mark.parametrize(
    "constant",
    [
        [1.7000000001] * 4,
        [0.1 + 0.2, 0.3, 0.3, 0.3],
        [1.7000000001, np.nextafter(1.7000000001, 2), 1.7000000001, 1.7000000001 - 4e-16],
        [11.0, 12.0, 328.0, 10.0],
        [0.0, 0.0, 0.0, 0.0],
    ],
)
def test_a_gene_without_variation_gets_zero_and_is_reported(constant: list[float]) -> None:
    raw = screen(gene_cn=[*constant, 1.0, 2.0])
    table, report = prepare(raw, SETTINGS)
    assert table["gene_cn_z"].tolist() == [0, 0, 0, 0, -1, 1]
    item = report.set_index("item").loc[CONSTANT_CN]
    assert (item["count"], item["share"], item["note"]) == (1, 0.5, "KRAS")


def test_rounding_errors_of_large_values_are_no_variation() -> None:
    large = pd.Series([1e6, np.nextafter(1e6, 2e6), 1e6, 1e6])
    assert z_within(large, pd.Series(["g"] * 4)).tolist() == [0, 0, 0, 0]


def test_small_but_real_variation_is_scaled() -> None:
    raw = screen(gene_cn=[2.0, 2.0001, 2.0, 2.0001, 1e-9, 3e-9])
    table, report = prepare(raw, SETTINGS)
    assert table["gene_cn_z"].tolist() == pytest.approx([-1, 1, -1, 1, -1, 1])
    assert report.set_index("item").loc[CONSTANT_CN, "count"] == 0


def test_missing_copy_number_stays_missing() -> None:
    raw = screen(gene_cn=[1.0, None, 3.0, None, None, None])
    table, report = prepare(raw, SETTINGS)
    assert table["gene_cn_z"].tolist() == pytest.approx(
        [-1, np.nan, 1, np.nan, np.nan, np.nan], nan_ok=True
    )
    assert table["gene_cn_z"].isna().sum() == 4
    count = report.set_index("item")["count"]
    assert count["rows without gene_cn"] == 4
    assert count[CONSTANT_CN] == 0


def test_rna_is_scaled_within_genes_and_not_clipped() -> None:
    raw = screen(rna_expr=[0.0, 40.0, 0.0, 40.0, 3.0, 3.0])
    table, report = prepare(raw, SETTINGS)
    assert table["rna_expr_z"].tolist() == pytest.approx([-1, 1, -1, 1, 0, 0])
    assert report.set_index("item").loc["genes with constant rna_expr", "note"] == "TP53"


def test_mutated_where_there_is_a_mutation_and_missing_where_unknown() -> None:
    table, _ = prepare(screen(n_muts=[0, 1, 8, None, 0, 0]), SETTINGS)
    assert table["is_mutated"].dtype == "boolean"
    assert table["is_mutated"].tolist() == [False, True, True, pd.NA, False, False]


def test_covariates_come_only_with_their_sources() -> None:
    table, _ = prepare(screen(rna_expr=1.0), SETTINGS)
    assert [name for name in table if name not in screen()] == ["rna_expr", "rna_expr_z"]


amounts = st.lists(st.integers(0, 1000), min_size=2, max_size=20)


@relaxed
@given(first=amounts, second=amounts, scale=st.floats(1e-3, 1e6), shift=st.floats(0, 100))
def test_z_does_not_depend_on_unit_or_origin(
    first: list[int], second: list[int], scale: float, shift: float
) -> None:
    values = pd.Series([*first, *second], dtype=float)
    genes = pd.Series(["a"] * len(first) + ["b"] * len(second))
    z = z_within(values, genes)
    moved = z_within((values + shift) * scale, genes)
    assert moved.tolist() == pytest.approx(z.tolist(), abs=1e-7)
    for _, part in z.groupby(genes):
        assert part.mean() == pytest.approx(0, abs=1e-9)
        assert part.std(ddof=0) == pytest.approx(1) or (part == 0).all()


@relaxed
@given(first=amounts, other=amounts)
def test_z_of_a_gene_does_not_depend_on_the_other_genes(first: list[int], other: list[int]) -> None:
    alone = z_within(pd.Series(first, dtype=float), pd.Series(["a"] * len(first)))
    genes = pd.Series(["a"] * len(first) + ["b"] * len(other))
    together = z_within(pd.Series([*first, *other], dtype=float), genes)
    assert together[: len(first)].tolist() == alone.tolist()


# ---- the data-quality table ----


def test_quality_counts_what_was_read_and_kept() -> None:
    raw = screen(passes_qc=[True, False] * 3).drop(index=4)
    raw = pd.concat([raw, screen().iloc[[4]].assign(passes_qc=True, sgrna="d")])
    raw = pd.concat([raw, screen().iloc[[5]].assign(passes_qc=False, sgrna="e", hugo_symbol="MYC")])
    report = quality(raw)

    expected = {
        "rows read": (7, 1.0),
        "rows failing QC": (4, 4 / 7),
        "rows without lfc": (0, 0.0),
        "rows kept": (3, 3 / 7),
        "genes read": (3, 1.0),
        "genes kept": (2, 2 / 3),
        "genes left with no rows": (1, 1 / 3),
        "sgrnas read": (5, 1.0),
        "sgrnas kept": (3, 3 / 5),
        "cell lines kept": (1, 1 / 2),
        "replicates kept": (1, 1 / 2),
        "missing sgrna x replicate pairs": (0, 0.0),
    }
    for item, (count, share) in expected.items():
        assert report.loc[item, "count"] == count, item
        assert report.loc[item, "share"] == pytest.approx(share), item
    assert report.loc["genes left with no rows", "note"] == "MYC"
    assert report.loc["sgrnas left with no rows", "note"] == "c, e"
    assert report.loc["cell lines left with no rows", "note"] == "ACH-2"


def test_quality_counts_unmeasured_pairs() -> None:
    report = quality(screen().drop(index=[1]))
    item = report.loc["missing sgrna x replicate pairs"]
    assert (item["count"], item["share"]) == (1, pytest.approx(1 / 6))
    assert item["note"] == "of 3 sgrnas x 2 replicates"


def test_quality_says_when_there_is_no_flag() -> None:
    item = quality(screen()).loc["rows without a QC flag"]
    assert (item["count"], item["note"]) == (6, "no column passes_qc; count as passing")


def test_quality_lists_twenty_labels_at_most() -> None:
    genes = [f"G{i:02}" for i in range(25)]
    raw = pd.DataFrame(
        {"sgrna": genes, "replicate_id": "r", "lfc": 0.0, "depmap_id": "l", "hugo_symbol": genes}
    ).assign(gene_cn=2.0)
    note = quality(raw).loc[CONSTANT_CN, "note"]
    assert note == ", ".join(genes[:20]) + " and 5 more"


# ---- settings, node and pipeline ----


def test_settings_in_conf_are_whole_and_known(read_conf) -> None:
    loaded = read_conf()["data_engineering"]
    assert set(loaded) == set(DataSettings.model_fields)
    assert DataSettings(**loaded) == SETTINGS
    for wrong in ({**loaded, "cn_min": 1}, {**loaded, "cn_max": 0}, {}):
        with pytest.raises(ValidationError):
            DataSettings(**wrong)


def test_pipeline_runs_and_logs(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    raw = screen(gene_cn=[2.0] * 4 + [1.0, 3.0], passes_qc=[True, False, True, True, True, True])
    catalog = DataCatalog(
        {
            "raw_screen": MemoryDataset(raw),
            "params:data_engineering": MemoryDataset(SETTINGS),
            "screen": ParquetDataset(filepath=str(tmp_path / "screen.parquet")),
            "data_quality": MemoryDataset(),
        }
    )
    with caplog.at_level(logging.INFO, logger="partialpool"):
        SequentialRunner().run(create_pipeline(), catalog)

    screen_of, quality_of = prepare(raw, SETTINGS)
    pd.testing.assert_frame_equal(catalog.load("screen"), screen_of)
    pd.testing.assert_frame_equal(catalog.load("data_quality"), quality_of)
    assert len(screen_of) == 5
    ours = [r for r in caplog.records if r.name.startswith("partialpool")]
    assert [record.levelno for record in ours] == [logging.INFO, logging.WARNING]
    assert ours[0].getMessage() == (
        "Kept 5 of 6 rows (1 fail QC, 0 have no lfc): 2 genes, 3 sgrnas, 2 cell lines."
    )
    assert "KRAS" in ours[1].getMessage()


def test_pipeline_names() -> None:
    pipeline = create_pipeline()
    assert pipeline.inputs() == {"raw_screen", "params:data_engineering"}
    made = pipeline.all_outputs()
    assert {name for name in made if "." not in name} == {"screen", "data_quality"}


# ---- real screens ----


def real(name: str) -> pd.DataFrame:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"no real screen at {path}")
    return ScreenTableDataset(filepath=path).load()


def test_avana_small() -> None:
    table, report = prepare(real("avana_small.csv.gz"), SETTINGS)
    count = report.set_index("item")["count"]
    assert count["rows read"] == count["rows kept"] == 18_797
    assert count["sgrnas kept"] == 554
    assert count["genes kept"] == 140
    assert count["cell lines kept"] == 14
    assert count["missing sgrna x replicate pairs"] == 554 * 34 - 18_797
    by_gene = table.groupby("hugo_symbol", observed=True)["gene_cn_z"]
    assert by_gene.std(ddof=0).to_numpy() == pytest.approx(1.0)


def test_avana_44_lines() -> None:
    table, report = prepare(real("avana_44_lines.csv.gz"), SETTINGS)
    count = report.set_index("item")["count"]
    assert count["rows read"] == 318_877
    assert count["rows failing QC"] == 20_814
    assert count["rows kept"] == len(table) == 298_063
    assert count["cell lines kept"] == 41
    assert table["gene_cn_z"].isna().sum() == count["rows without gene_cn"] == 344


def test_the_modelling_table_may_be_prepared_again(tmp_path: Path) -> None:
    raw = screen(gene_cn=[1.0, 2.0] * 3, n_muts=[0, 1, None] * 2, lineage=["lung", None] * 3)
    once, _ = prepare(raw, SETTINGS)
    dataset = ScreenTableDataset(filepath=tmp_path / "screen.parquet")
    dataset.save(once)
    pd.testing.assert_frame_equal(dataset.load(), once)
    pd.testing.assert_frame_equal(prepare(dataset.load(), SETTINGS)[0], once)
