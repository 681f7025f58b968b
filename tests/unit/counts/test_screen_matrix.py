"""The matrix of a screen, and the tables that are made from it."""

import json

import numpy as np
import pandas as pd
import pytest

from partialpool.errors import ScreenError
from partialpool.models.guide_matrix import GuideMatrix
from partialpool.preparation import prepare
from partialpool.preparation.counts import (
    GivenFoldChanges,
    LineData,
    ScreenMatrix,
    describe,
    join_counts,
    matrix_of,
    screen_of_counts,
)
from partialpool.preparation.counts.screen_matrix import weighted_z
from partialpool.preparation.covariates import z_within


@pytest.fixture
def screen(counts, guides, samples, plain) -> ScreenMatrix:
    """Two lines with copy number, RNA, mutations and lineages; one count is missing."""
    gap = counts.astype(float)
    gap.loc["g2", "b1"] = np.nan
    joined = join_counts(matrix_of(gap), samples, plain, guides)
    line = pd.Index(["A", "B"], name="depmap_id")
    lines = LineData(
        pd.DataFrame({"lineage": ["lung", "skin"]}, line),
        {
            "gene_cn": pd.DataFrame({"KRAS": [2.0, 12.0], "A2": [2.0, 2.0]}, line),
            "rna_expr": pd.DataFrame({"KRAS": [1.0, np.nan], "ABCG8": [0.0, 3.0]}, line),
            "n_muts": pd.DataFrame({"KRAS": [0, 1], "A2": [0, 0], "ABCG8": [0, 0]}, line),
        },
    )
    return screen_of_counts(joined, plain, lines=lines)


def test_the_table_has_a_row_for_each_measurement(screen) -> None:
    table = screen.table().set_index(["sgrna", "replicate_id"])
    assert len(table) == 7
    assert ("g2", "b1") not in table.index
    row = table.loc[("g1", "b1")]
    assert row["lfc"] == pytest.approx(screen.lfc[2, 1])
    assert row[["depmap_id", "hugo_symbol", "lineage", "gene_cn", "n_muts"]].tolist() == [
        *("B", "KRAS", "skin", 12.0, 1.0)
    ]
    assert np.isnan(table.loc[("g3", "a1"), "gene_cn"])
    assert table["lfc_count_sd"].notna().all()


def test_the_written_table_is_the_prepared_one(screen, parameters, tmp_path) -> None:
    """Column by column, after sorting; replicates are written one after the other."""
    how = parameters.data_engineering
    n = screen.write(tmp_path / "screen.parquet", how)
    keys = ["sgrna", "replicate_id"]
    written = pd.read_parquet(tmp_path / "screen.parquet").astype(dict.fromkeys(keys, str))
    prepared, _ = prepare(screen.table(), how)
    prepared = prepared.astype(dict.fromkeys(keys, str)).sort_values(keys, ignore_index=True)
    written = written.sort_values(keys, ignore_index=True)
    assert n == len(prepared)
    assert set(written.columns) == set(prepared.columns)
    for name in prepared.columns:
        ours, theirs = written[name], prepared[name]
        if pd.api.types.is_numeric_dtype(theirs.dtype):
            np.testing.assert_allclose(
                ours.astype(float), theirs.astype(float), rtol=1e-6, err_msg=name
            )
        else:
            assert ours.astype(str).tolist() == theirs.astype(str).tolist()


def test_replicates_that_fail_are_not_written(screen, parameters, tmp_path) -> None:
    flags = screen.replicates.assign(passes_qc=pd.array([False, True], dtype="boolean"))
    failing = ScreenMatrix(screen.guides, flags, screen.blocks, screen.lines, qc=screen.qc)
    how = parameters.data_engineering
    assert failing.write(tmp_path / "a.parquet", how) == 3
    assert (
        failing.write(tmp_path / "b.parquet", how.model_copy(update={"drop_failed_qc": False})) == 7
    )


def test_an_error_leaves_no_file_and_the_old_one_unchanged(screen, tmp_path) -> None:
    path = tmp_path / "screen.parquet"
    path.write_text("old")

    def broken(size: int):
        yield from screen.blocks(1)
        raise RuntimeError("disk")

    failing = ScreenMatrix(screen.guides, screen.replicates, broken)
    with pytest.raises(RuntimeError, match="disk"):
        failing.write(path)
    assert [file.name for file in tmp_path.iterdir()] == ["screen.parquet"]
    assert path.read_text() == "old"


def test_weighted_z_is_the_z_of_repeated_rows() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=(4, 6))
    values[1, 2] = np.nan
    values[2] = 1.5
    weights = rng.integers(0, 5, (4, 6)).astype(float)
    gene, line = np.indices(values.shape)
    times = weights.astype(int).ravel()
    rows = pd.DataFrame(
        {
            "gene": np.repeat(gene.ravel(), times),
            "line": np.repeat(line.ravel(), times),
            "value": np.repeat(values.ravel(), times),
        }
    )
    expected = z_within(rows["value"], rows["gene"])
    found = weighted_z(values, weights)[rows["gene"], rows["line"]]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_too_many_rows_are_refused_with_a_way_out(screen) -> None:
    with pytest.raises(ScreenError, match=r"(?s)4 guides x 2 replicates.*pp\.fit_dependency"):
        screen.table(max_rows=7)


def test_the_record_says_what_was_done(screen) -> None:
    record = json.loads(json.dumps(screen.record))
    assert record["normalisation"] == "total"
    assert record["read"]["missing counts"] == 1
    assert record["pdna"] == {"1": {"sequences": ["plasmid"], "guides left out": 0}}
    text = "\n".join(describe(record))
    assert "4 guides of 3 genes, 2 replicates of 2 lines (guides x sequences)" in text
    assert "missing counts: 1" in text
    assert "Counts normalised by total to 4 per guide, plus 1" in text
    assert "1 check" in text


def test_the_matrix_is_that_of_the_table(screen) -> None:
    """From the matrix, and from its rows: the same arrays and labels."""
    direct = GuideMatrix.of(
        screen.lfc, screen.guides, screen.replicates, screen.lines.of_gene["gene_cn"]
    )
    through_rows = GuideMatrix.from_table(screen.table(), copy_number=True)
    np.testing.assert_allclose(direct.lfc, through_rows.lfc)
    np.testing.assert_allclose(direct.copies, through_rows.copies)
    assert direct.coords == through_rows.coords
    assert direct.gene_of_sgrna.tolist() == through_rows.gene_of_sgrna.tolist()


def test_a_matrix_in_any_order_is_sorted(screen) -> None:
    rows, columns = [3, 1, 0, 2], [1, 0]
    mixed = GuideMatrix.of(
        screen.lfc[np.ix_(rows, columns)],
        screen.guides.iloc[rows],
        screen.replicates.iloc[columns],
    )
    direct = GuideMatrix.of(screen.lfc, screen.guides, screen.replicates)
    np.testing.assert_array_equal(mixed.lfc, direct.lfc)
    assert mixed.coords == direct.coords


@pytest.mark.parametrize(
    ("guides", "replicates", "lfc", "said"),
    [
        ({"sgrna": ["a", "a"]}, {}, 0.0, "1 more than once: a"),
        ({"sgrna": ["a"]}, {}, 0.0, "sgrna of each of the 2 rows.*\n.*1 rows"),
        ({"hugo_symbol": ["G", None]}, {}, 0.0, "missing labels in row 2"),
        ({}, {"depmap_id": ["A", "A"]}, 0.0, "at least 2 lines"),
        ({}, {"replicate_id": None}, 0.0, "missing labels in row 1, 2"),
        ({}, {}, np.inf, "4 infinite ones, the first of a in r"),
    ],
)
def test_a_matrix_whose_labels_do_not_fit_is_refused(guides, replicates, lfc, said: str) -> None:
    with pytest.raises(ScreenError, match=said):
        GuideMatrix.of(
            np.full((2, 2), lfc),
            pd.DataFrame({"sgrna": ["a", "b"], "hugo_symbol": ["G", "H"]} | guides)
            if len(next(iter(guides.values()), "ab")) == 2
            else pd.DataFrame({"hugo_symbol": ["G"], **guides}),
            pd.DataFrame({"replicate_id": ["r", "s"], "depmap_id": ["A", "B"]} | replicates),
        )


def test_blocks_of_given_fold_changes() -> None:
    lfc = np.arange(6.0).reshape(2, 3)
    blocks = [*GivenFoldChanges(lfc).blocks(2)]
    np.testing.assert_array_equal(np.hstack([block.lfc for block in blocks]), lfc)
    assert [block.replicates for block in blocks] == [slice(0, 2), slice(2, 3)]
    assert all(np.isnan(block.count_sd).all() for block in blocks)
