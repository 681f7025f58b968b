"""Counts, guide maps and sample sheets as MAGeCK, Chronos and DepMap write them; and bad ones."""

import gzip
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from partialpool.errors import ScreenError
from partialpool.preparation.counts import (
    join_counts,
    matrix_of,
    read_frame,
    read_matrix,
    warnings_of,
)
from partialpool.preparation.counts.files import suffix_of
from partialpool.preparation.counts.guides import read_guides
from partialpool.preparation.counts.samples import read_samples


def joined_counts(screen) -> pd.DataFrame:
    return pd.DataFrame(
        screen.counts, index=screen.guides["sgrna"], columns=screen.sequences["sequence"]
    )


@pytest.fixture
def expected(counts) -> pd.DataFrame:
    """Guides by gene (A2, ABCG8, KRAS), replicates by line, then pDNA."""
    return counts.loc[["g4", "g3", "g1", "g2"], ["a1", "b1", "plasmid"]]


def write(counts: pd.DataFrame, path: Path) -> None:
    """Write the counts in the format of the suffix, labels in the first column."""
    table = counts.rename_axis("sgRNA").reset_index()
    match "".join(path.suffixes):
        case ".csv" | ".csv.gz":
            table.to_csv(path, index=False)
        case ".tsv" | ".txt":
            table.to_csv(path, index=False, sep="\t")
        case ".parquet":
            table.to_parquet(path, index=False)
        case ".hdf5":
            with h5py.File(path, "w") as file:
                file["data"] = counts.to_numpy(float)
                file["dim_0"] = np.array([*counts.index], dtype="S")
                file["dim_1"] = np.array([*counts.columns], dtype="S")


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".tsv", ".txt", ".parquet", ".hdf5"])
@pytest.mark.parametrize("turned", [False, True])
def test_every_format_in_either_orientation(
    counts, guides, samples, plain, expected, tmp_path, suffix: str, turned: bool
) -> None:
    path = tmp_path / f"counts{suffix}"
    write(counts.T if turned else counts, path)
    screen = join_counts(read_matrix(path), samples, plain, guides)
    np.testing.assert_array_equal(joined_counts(screen), expected)
    assert screen.told["orientation"] == ("sequences x guides" if turned else "guides x sequences")


def test_two_first_columns_of_mageck_are_the_guide_map(
    counts, guides, samples, plain, expected, tmp_path
) -> None:
    table = guides.rename(columns={"sgrna": "sgRNA", "gene": "Gene"}).join(counts, on="sgRNA")
    table.to_csv(tmp_path / "sample.count.txt", sep="\t", index=False)
    from_file = join_counts(read_matrix(tmp_path / "sample.count.txt"), samples, plain)
    from_table = join_counts(matrix_of(table), samples, plain)
    for screen in (from_file, from_table):
        np.testing.assert_array_equal(joined_counts(screen), expected)
        assert screen.guides["hugo_symbol"].tolist() == ["A2", "ABCG8", "KRAS", "KRAS"]


@pytest.mark.parametrize("name", ["Gene Symbol", "hugo symbol", "GENES"])
def test_the_column_of_genes_in_any_spelling(
    counts, guides, samples, plain, tmp_path, name: str
) -> None:
    table = guides.rename(columns={"gene": name}).join(counts, on="sgrna")
    table.to_csv(tmp_path / "counts.csv", index=False)
    for matrix in (read_matrix(tmp_path / "counts.csv"), matrix_of(table)):
        genes = join_counts(matrix, samples, plain).guides["hugo_symbol"]
        assert genes.tolist() == ["A2", "ABCG8", "KRAS", "KRAS"]


@pytest.mark.parametrize("turned", [True, False])
def test_genes_in_another_place_are_refused_with_the_right_one(
    counts, guides, tmp_path, turned: bool
) -> None:
    """MAGeCK's table with rows as columns, or with genes before guides."""
    table = guides.join(counts, on="sgrna").set_index("gene")
    if turned:
        table = table.reset_index().set_index("sgrna").T
    table.to_csv(tmp_path / "counts.csv")
    for read, given in ((read_matrix, tmp_path / "counts.csv"), (matrix_of, table)):
        with pytest.raises(ScreenError, match=r"(?s)numbers in .*be called Gene; in a transposed"):
            read(given)


def test_a_table_whose_rows_were_filtered(counts, guides, samples, plain) -> None:
    table = guides.join(counts, on="sgrna")
    assert matrix_of(table[table["sgrna"] != "g2"]).rows == ("g1", "g3", "g4")
    numbered = counts.set_axis([11, 13, 12, 14])
    assert matrix_of(numbered).rows == ("11", "13", "12", "14")
    with pytest.raises(ScreenError, match="--env depmap"):
        matrix_of(counts - 5)


def test_without_genes_a_guide_map_is_asked_for(counts, samples, plain) -> None:
    with pytest.raises(ScreenError, match="guides_path"):
        join_counts(matrix_of(counts), samples, plain)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({"sequence_ID": ["x1", "x2", "x3"]}, "0 are sequences of the sample sheet"),
        ({"sequence_ID": ["g1", "g2", "g3"]}, "4 are guides of the guide map and 3 are sequences"),
    ],
)
def test_an_unclear_orientation_is_refused_with_the_matches(
    counts, guides, samples, plain, labels, said: str
) -> None:
    both = counts.rename(columns={"a1": "g1", "b1": "g2", "plasmid": "g3"})
    frame = both if labels["sequence_ID"][0] == "g1" else counts
    with pytest.raises(ScreenError, match=said):
        join_counts(matrix_of(frame), samples.assign(**labels), plain, guides)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("-3", "no negative count in counts.csv.\nGot: row 2, column a1: -3"),
        ("2.5", "whole numbers in counts.csv.\nGot: row 2, column a1: 2.5"),
        ("inf", "finite counts in counts.csv.\nGot: row 2, column a1: inf"),
        ("1e300", "finite counts in counts.csv.\nGot: row 2, column a1: 1e[+]300"),
        ("many", "Row #3: CSV conversion error to double: invalid value 'many'"),
    ],
)
def test_a_value_that_is_no_count_is_named_with_row_and_column(
    counts, tmp_path, value: str, said: str
) -> None:
    frame = counts.astype(object)
    frame.loc["g2", "a1"] = value
    frame.to_csv(tmp_path / "counts.csv")
    with pytest.raises(ScreenError, match=said):
        read_matrix(tmp_path / "counts.csv")


def test_a_value_of_a_table_in_memory_too(counts) -> None:
    frame = counts.astype(object)
    frame.loc["g2", "a1"] = "many"
    with pytest.raises(ScreenError, match="row 2, column a1: many"):
        matrix_of(frame)
    with pytest.raises(ScreenError, match="row 2, column a1: -1"):
        matrix_of(counts.assign(a1=[1, -1, 1, 1]))


def test_rows_are_counted_over_all_blocks_of_a_file(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("partialpool.preparation.counts.files.BLOCK", 200)
    frame = pd.DataFrame({"a": range(100), "b": 1}, index=[f"guide{i}" for i in range(100)])
    frame.to_csv(tmp_path / "counts.csv")
    assert read_matrix(tmp_path / "counts.csv").numbers[:, 0].tolist() == list(range(100))
    frame.loc["guide90", "b"] = -1
    frame.to_csv(tmp_path / "counts.csv")
    with pytest.raises(ScreenError, match="row 91, column b: -1"):
        read_matrix(tmp_path / "counts.csv")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.csv", None, "no file at"),
        ("folder.csv", "folder", "a folder at"),
        ("empty.csv", b"", "an empty file"),
        ("rows.csv", b"guide,a\n", "no rows in"),
        ("plain.csv.gz", b"guide,a\ng,1\n", "no gzip"),
        ("packed.csv", gzip.compress(b"guide,a\ng,1\n"), "Got: gzip"),
        ("cut.csv.gz", gzip.compress(b"guide,a\n" + b"g,1\n" * 999)[:-20], "a complete table"),
        ("book.xlsx", b"PK", "a file name that ends in"),
        ("semicolons.csv", b"guide;a\ng;1\n", "a header of one field"),
        ("ragged.csv", b"guide,a\ng,1\nh\n", "Expected 2 columns, got 1"),
        ("twice.csv", b"guide,a\ng,1\ng,2\n", "1 more than once: g"),
        ("columns.csv", b"guide,a,a\ng,1,2\n", "different labels for all columns"),
        ("unnamed.csv", b"guide,a\n,1\n", "a label in every row"),
        ("bytes.csv", b"guide,a\n\xff\xfe,1\n", "a complete table in bytes.csv"),
        ("damaged.parquet", b"PAR1PAR1", "a complete table in damaged.parquet"),
    ],
)
def test_a_file_that_can_not_be_read_is_named(tmp_path, name: str, content, said: str) -> None:
    path = tmp_path / name
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(ScreenError, match=said) as caught:
        read_matrix(path)
    assert "Fix: " in str(caught.value)


def test_a_damaged_gzip_file_of_labels_is_named(tmp_path) -> None:
    content = bytearray(gzip.compress(b"sgrna,gene\n" + b"g,KRAS\n" * 5000))
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "guides.csv.gz").write_bytes(bytes(content))
    with pytest.raises(ScreenError, match=r"a complete table in guides\.csv\.gz"):
        read_frame(tmp_path / "guides.csv.gz")


def test_suffixes_may_be_in_any_case(tmp_path) -> None:
    (tmp_path / "C.CSV.GZ").write_bytes(gzip.compress(b"a,b\n"))
    assert suffix_of(tmp_path / "C.CSV.GZ") == ".csv"


# ---- guide maps ----


def test_the_guide_map_of_depmap(settings) -> None:
    table = pd.DataFrame(
        {
            "sgRNA": ["a", "a", "b", "b", "c", "d", "e"],
            "GenomeAlignment": ["chr1_5_+", "chrX_7_-", "chr2_9_+", "chr3_4_+", "chr1_6_-", "", ""],
            "Gene": ["KRAS (3845)"] * 2 + ["AAA (1)", "BBB (2)", "TP53 (7157)", None, "AAA (1)"],
            "nAlignments": ["2", "2", "2", "2", "1", "0", "1"],
            "UsedByChronos": ["True"] * 6 + ["False"],
            "DropReason": [None] * 6 + ["in_dropped_guides"],
        }
    )
    guides, told = read_guides(table, settings())
    assert guides["sgrna"].tolist() == ["a", "c"]
    assert guides["hugo_symbol"].tolist() == ["KRAS", "TP53"]
    assert guides["entrez_id"].tolist() == [3845, 7157]
    assert guides["chromosome"].tolist() == ["1", "1"]
    assert guides["chrom_pos"].tolist() == [5, 6]
    assert guides["n_alignments"].tolist() == [2, 1]
    assert told == {
        "guides in the guide map": 5,
        "guides that the guide map drops": 1,
        "guides without a gene": 1,
        "guides of several genes, left out": 1,
        "guides with several alignments": 1,
        "guides used": 2,
    }
    few, told = read_guides(table, settings(max_alignments=1))
    assert few["sgrna"].tolist() == ["c"]
    assert told["guides with > 1 alignments"] == 1
    first, told = read_guides(table, settings(multiple_genes="first", only_used=False))
    assert first.set_index("sgrna")["hugo_symbol"].to_dict() == {
        **{"a": "KRAS", "b": "AAA", "c": "TP53", "e": "AAA"}
    }
    assert told["guides of several genes, kept with the first"] == 1
    with pytest.raises(ScreenError, match="b: AAA, BBB"):
        read_guides(table, settings(multiple_genes="error"))


def test_alignments_outside_of_genes_are_counted(settings) -> None:
    table = pd.DataFrame({"sgrna": ["a", "a", "b"], "gene": ["KRAS", None, "KRAS"]})
    guides, told = read_guides(table, settings(max_alignments=1))
    assert guides["sgrna"].tolist() == ["b"]
    assert told["guides with > 1 alignments"] == 1


def test_an_empty_reason_does_not_drop_a_guide(settings) -> None:
    table = pd.DataFrame(
        {"sgrna": ["a", "b", "c"], "gene": ["KRAS"] * 3, "DropReason": ["", " ", "off target"]}
    )
    assert read_guides(table, settings()).guides["sgrna"].tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"guide": ["a"], "target": ["KRAS"]}, "gene .*columns guide, target"),
        ({"sgrna": ["a", None], "gene": ["K", "K"]}, "none in row 2"),
        ({"sgrna": ["a"], "sgRNA": ["a"], "gene": ["K"]}, "sgrna, sgRNA"),
        ({"sgrna": ["a"], "gene": [None]}, "guides without a gene: 1"),
        ({"sgrna": ["a", "b "], "gene": ["K", "K"]}, r"guides\.csv.*'b ' \(row 2\)"),
        ({"sgrna": ["a", "b"], "gene": ["KRAS", "KRAS "]}, r"gene.*'KRAS ' \(row 2\)"),
        ({"sgrna": ["ac", "gt", "AC"], "gene": ["K"] * 3}, r"ac \(row 1\), AC \(row 3\)"),
    ],
)
def test_a_bad_guide_map(settings, table, said: str) -> None:
    with pytest.raises(ScreenError, match=f"(?s){said}"):
        read_guides(pd.DataFrame(table), settings(), "guides.csv")


# ---- sample sheets ----


def test_the_sequence_map_of_depmap() -> None:
    table = pd.DataFrame(
        {
            "SequenceID": ["s1", "s2", "p1", "k1"],
            "ScreenID": ["SC-1", "SC-1", "pDNA", "SC-2"],
            "ModelID": ["ACH-1", "ACH-1", None, "ACH-2"],
            "Replicate": ["A", "B", "A", "A"],
            "Library": ["Avana", "Avana-2", "Avana", "KY"],
            "pDNABatch": ["3.0", "3", "3", "9"],
            "Days": ["21", "21", None, "14"],
            "PassesQC": ["True", "FALSE", None, "true"],
        }
    )
    sheet, told = read_samples(table, library="Avana")
    assert sheet["sequence"].tolist() == ["s1", "s2", "p1"]
    assert sheet["is_pdna"].tolist() == [False, False, True]
    assert sheet["depmap_id"].tolist()[:2] == ["ACH-1", "ACH-1"]
    assert sheet["replicate_id"].tolist()[:2] == ["s1", "s2"]
    assert sheet["pdna_batch"].tolist() == ["3", "3", "3"]
    assert sheet["passes_qc"].tolist() == [True, False, pd.NA]
    assert sheet["days"].tolist()[:2] == [21, 21]
    with pytest.raises(ScreenError, match="libraries Avana, Avana-2, KY"):
        read_samples(table, library="Humagne")
    assert told == {
        "sequences in the sample sheet": 4,
        "sequences of library Avana": 3,
        "columns of the sample sheet that are not used": ["Replicate"],
        "sequences of the pDNA": 1,
    }


GOOD = {"sequence": ["a", "b", "p"], "cell_line": ["A", "B", "pDNA"], "batch": ["1", "1", "1"]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cell_line": ["A", None, "pDNA"]}, "cell line.*none in row 2"),
        ({"sequence": ["a", "a", "p"]}, "1 with several: a"),
        ({"cell_line": ["A", "B", "C"]}, "none for batch 1"),
        ({"batch": ["1", "2", "1"]}, "none for batch 2; batches with pDNA: 1"),
        ({"batch": ["1", None, "1"]}, "none for 1: b"),
        ({"batch": ["1", "", "1"]}, "none for 1: b"),
        ({"batch": ["1", "1", None]}, "also of the pDNA.*none for 1: p"),
        ({"batch": [None, None, None]}, "none for 3: a, b, p"),
        ({"cell_line": ["pDNA"] * 3}, "only pDNA"),
        ({"replicate_id": ["r", "r", None]}, "1 replicates with several: r"),
        ({"cell_line": ["Hela", "HeLa", "pDNA"]}, r"Hela \(row 1\), HeLa \(row 2\)"),
        ({"passes_qc": ["yes", "maybe", ""]}, "TRUE or FALSE.*maybe"),
    ],
)
def test_a_bad_sample_sheet(change, said: str) -> None:
    with pytest.raises(ScreenError, match=f"(?s){said}"):
        read_samples(pd.DataFrame(GOOD | change), "samples.csv")


def test_one_of_several_pdna_without_a_batch_is_refused() -> None:
    table = pd.DataFrame(GOOD | {"batch": [1, 1, 1]})
    more = pd.DataFrame({"sequence": ["q"], "cell_line": ["pDNA"]})
    with pytest.raises(ScreenError, match="none for 1: q"):
        read_samples(pd.concat([table, more]))


def test_misspelt_columns_are_told_and_those_of_lines_are_kept() -> None:
    table = pd.DataFrame(
        {
            "sequence": ["a1", "a2", "b1", "p"],
            "cell_line": ["A", "A", "B", "pDNA"],
            "Pass QC": [True, False, True, True],
            "Tissue": ["lung", "lung", "skin", ""],
            "Plate": ["1", "2", "3", "4"],
            "Dose": [1.5, 1.5, 2.0, np.nan],
        }
    )
    sequences, told = read_samples(table)
    assert told["columns of the sample sheet that may be misspelt"] == [
        "Pass QC (is it passes_qc?)"
    ]
    assert told["columns of the sample sheet that are not used"] == ["Pass QC", "Plate"]
    assert sequences["Tissue"].tolist()[:3] == ["lung", "lung", "skin"]
    assert sequences["Dose"].tolist()[:3] == [1.5, 1.5, 2.0]
    record = {"read": told}
    assert "Pass QC (is it passes_qc?)" in next(warnings_of(record))
    right = read_samples(table.rename(columns={"Pass QC": "Passes QC"}))
    assert right.sequences["passes_qc"].tolist() == [True, False, True, True]
    assert not list(warnings_of({"read": right.told}))


def test_what_does_not_match_is_told(counts, guides, samples, plain) -> None:
    more = pd.concat([guides, pd.DataFrame({"sgrna": ["g9"], "gene": ["TP53"]})])
    sheet = pd.concat(
        [samples, pd.DataFrame({"sequence_ID": ["gone"], "cell_line_name": "C", "pDNA_batch": "1"})]
    )
    frame = pd.concat([counts.assign(extra=1), counts[:1].rename({"g1": "g0"})]).fillna(1)
    told = join_counts(matrix_of(frame), sheet, plain, more).told
    assert told["guides without counts"] == 1
    assert told["guides of the matrix that are not in the guide map"] == 1
    assert told["sequences without counts"] == ["gone"]
    assert told["sequences of the matrix that are not in the sample sheet"] == ["extra"]


def test_a_batch_whose_pdna_has_no_counts_is_refused(counts, guides, samples, plain) -> None:
    with pytest.raises(ScreenError, match="none for batch 1"):
        join_counts(matrix_of(counts.drop(columns="plasmid")), samples, plain, guides)
