"""The dataset of screen tables: what it reads, what it writes, and what it says when it can't."""

import gzip
from pathlib import Path

import pandas as pd
import pytest
from kedro.io import DatasetError

from partialpool.datasets.screen_table import SUFFIXES, ScreenTableDataset
from partialpool.errors import ScreenError

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"

R_STYLE = (
    '"sgrna","replicate_id","lfc","pdna_batch","passes_qc","depmap_id","hugo_symbol","lineage"\n'
    '"0012","r1",-0.5,2,TRUE,"ACH-1","KRAS",NA\n'
    '"0013","r1",NA,2,FALSE,"ACH-1","TP53","null"\n'
    '"0014","r1",1e-3,3,NA,"ACH-1","TP53","None"\n'
)
PYTHON_STYLE = (
    "sgrna,replicate_id,lfc,pdna_batch,passes_qc,depmap_id,hugo_symbol,lineage\n"
    "0012,r1,-0.5,2,True,ACH-1,KRAS,\n"
    "0013,r1,,2,False,ACH-1,TP53,null\n"
    "0014,r1,0.001,3,,ACH-1,TP53,None\n"
)
HEADER = "sgrna,replicate_id,lfc,depmap_id,hugo_symbol\n"


def load(path: Path) -> pd.DataFrame:
    return ScreenTableDataset(filepath=str(path)).load()


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path) -> str:
    """Return what Kedro says when the file can't be loaded, after checking that it is all there."""
    with pytest.raises(DatasetError) as caught:
        load(path)
    cause = caught.value.__cause__
    assert isinstance(cause, ScreenError)
    message = str(caught.value)
    assert str(cause) in message
    for part in ("Expected: ", "\nGot: ", "\nFix: "):
        assert part in message
    return message


@pytest.mark.parametrize("text", [R_STYLE, PYTHON_STYLE], ids=["R", "Python"])
def test_identifiers_stay_text_and_only_na_is_missing(tmp_path: Path, text: str) -> None:
    table = load(write(tmp_path / "screen.csv", text))

    assert table["sgrna"].tolist() == ["0012", "0013", "0014"]
    assert table["pdna_batch"].tolist() == ["2", "2", "3"]
    assert table["lfc"].dtype == "float64"
    assert table["lfc"].isna().tolist() == [False, True, False]
    assert table["lfc"][2] == 0.001
    assert table["passes_qc"].tolist() == [True, False, None]
    assert table["lineage"].isna().tolist() == [True, False, False]
    assert table["lineage"][1:].tolist() == ["null", "None"]


def test_a_gene_called_nan_in_either_spelling_is_missing(tmp_path: Path) -> None:
    path = write(tmp_path / "s.csv", HEADER + "a,r,0,l,nan\nb,r,0,l,NaN\nc,r,0,l,NAN\n")
    assert load(path)["hugo_symbol"].isna().tolist() == [True, True, False]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_round_trip_keeps_values_and_missing_ones(tmp_path: Path, suffix: str) -> None:
    table = pd.DataFrame(
        {
            "sgrna": ["001", "2"],
            "replicate_id": ["a, b", 'quo"ted'],
            "lfc": [0.1 + 0.2, None],
            "depmap_id": ["ACH-1", "ACH-2"],
            "lineage": pd.Series([None, "bone"], dtype="str"),
            "passes_qc": ["TRUE", "FALSE"],
        }
    )
    dataset = ScreenTableDataset(filepath=str(tmp_path / "new" / "folder" / f"screen{suffix}"))
    assert not dataset.exists()
    dataset.save(table)
    assert dataset.exists()

    read = dataset.load()

    assert read["passes_qc"].tolist() in ([True, False], ["TRUE", "FALSE"])
    unflagged = [name for name in table if name != "passes_qc"]
    pd.testing.assert_frame_equal(read[unflagged], table[unflagged])
    files = list((tmp_path / "new" / "folder").iterdir())
    assert [file.name for file in files] == [f"screen{suffix}"]


def test_text_is_written_with_na_and_gzip_is_gzip(tmp_path: Path) -> None:
    table = pd.DataFrame({"sgrna": ["a", None], "lfc": [None, 1.5]})
    ScreenTableDataset(filepath=str(tmp_path / "s.csv")).save(table)
    ScreenTableDataset(filepath=str(tmp_path / "s.tsv.gz")).save(table)

    assert (tmp_path / "s.csv").read_text() == "sgrna,lfc\na,NA\nNA,1.5\n"
    assert gzip.decompress((tmp_path / "s.tsv.gz").read_bytes()) == b"sgrna\tlfc\na\tNA\nNA\t1.5\n"


def test_a_save_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    class Unwritable:
        def __str__(self) -> str:
            raise OSError("disk full")

    dataset = ScreenTableDataset(filepath=str(tmp_path / "s.csv"))
    dataset.save(pd.DataFrame({"lfc": [1.0]}))

    with pytest.raises(DatasetError, match="disk full"):
        dataset.save(pd.DataFrame({"lfc": [2.0, Unwritable()]}))

    assert dataset.load()["lfc"].tolist() == [1.0]
    assert [file.name for file in tmp_path.iterdir()] == ["s.csv"]


def test_a_save_replaces_the_file_and_does_not_write_into_it(tmp_path: Path) -> None:
    dataset = ScreenTableDataset(filepath=str(tmp_path / "s.csv"))
    dataset.save(pd.DataFrame({"lfc": [1.0]}))
    (tmp_path / "old.csv").hardlink_to(tmp_path / "s.csv")
    dataset.save(pd.DataFrame({"lfc": [2.0]}))
    assert load(tmp_path / "old.csv")["lfc"].tolist() == [1.0]
    assert load(tmp_path / "s.csv")["lfc"].tolist() == [2.0]


def test_equal_tables_make_equal_gzip_files(tmp_path: Path) -> None:
    """Bytes 4 to 8 of a gzip file are its time stamp; here it is left out."""
    for name in ("a.csv.gz", "b.csv.gz"):
        ScreenTableDataset(filepath=tmp_path / name).save(pd.DataFrame({"lfc": [1.0]}))
    content = (tmp_path / "a.csv.gz").read_bytes()
    assert content == (tmp_path / "b.csv.gz").read_bytes()
    assert content[4:8] == bytes(4)


def test_parquet_keeps_ordered_categories(tmp_path: Path) -> None:
    genes = pd.Categorical(["TP53", "KRAS"], categories=["TP53", "KRAS"], ordered=True)
    dataset = ScreenTableDataset(filepath=tmp_path / "s.pq")
    dataset.save(pd.DataFrame({"hugo_symbol": genes}))
    read = dataset.load()["hugo_symbol"]
    assert read.cat.categories.tolist() == ["TP53", "KRAS"]
    assert read.cat.ordered


def test_missing_file_names_the_absolute_path_that_was_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    message = refusal(Path("data/screen.csv"))
    assert f"no file at {tmp_path / 'data' / 'screen.csv'}" in message
    assert "starts at the project folder" in message


def test_a_folder_is_not_a_table(tmp_path: Path) -> None:
    (tmp_path / "screen.csv").mkdir()
    message = refusal(tmp_path / "screen.csv")
    assert f"a folder: {tmp_path / 'screen.csv'}" in message
    assert "a file in this folder" in message


@pytest.mark.parametrize("name", ["screen.xlsx", "screen.txt", "screen", "screen.parquet.gz"])
def test_unknown_suffix_lists_the_known_ones(tmp_path: Path, name: str) -> None:
    message = refusal(write(tmp_path / name, PYTHON_STYLE))
    assert f"{name!r}" in message
    for suffix in SUFFIXES:
        assert suffix in message
    assert "convert it" in message


PARQUET_BYTES = b"PAR1" + bytes(40) + b"PAR1"


@pytest.mark.parametrize(
    ("name", "content", "came"),
    [
        ("s.csv.gz", PYTHON_STYLE.encode(), "plain text"),
        ("s.tsv.gz", PARQUET_BYTES, "Parquet"),
        ("s.csv", gzip.compress(PYTHON_STYLE.encode(), mtime=0), "gzip-compressed"),
        ("s.csv", PARQUET_BYTES, "Parquet"),
        ("s.csv", b"PK\x03\x04" + bytes(40), "a zip archive or an Excel workbook"),
        ("s.csv", b"\x89HDF\r\n" + bytes(40), "binary data"),
        ("s.csv", PYTHON_STYLE.encode("utf-16"), "UTF-16 text"),
        ("s.csv.gz", gzip.compress(PARQUET_BYTES, mtime=0), "Parquet"),
        ("s.parquet", PYTHON_STYLE.encode(), "text"),
        ("s.pq", gzip.compress(b"x", mtime=0), "gzip-compressed"),
    ],
)
def test_content_that_is_not_what_the_suffix_says(
    tmp_path: Path, name: str, content: bytes, came: str
) -> None:
    path = write(tmp_path / name, content)
    message = refusal(path)
    assert f"in {name}, as its suffix says" in message
    assert f"Got: {came}: {path}" in message
    assert "rename the file" in message


def test_truncated_gzip(tmp_path: Path) -> None:
    text = HEADER + "".join(f"g{i},r,{i / 7},l,KRAS\n" for i in range(20_000))
    whole = gzip.compress(text.encode(), mtime=0)
    for name, content in {
        "cut.csv.gz": whole[: len(whole) // 2],
        "cut_early.csv.gz": whole[:15],
        "checksum.csv.gz": whole[:-8] + bytes(8),
    }.items():
        message = refusal(write(tmp_path / name, content))
        assert "complete gzip file" in message
        assert f"truncated or damaged one: {tmp_path / name}" in message
        assert "download or compress the file again" in message


def test_truncated_parquet(tmp_path: Path) -> None:
    ScreenTableDataset(filepath=tmp_path / "whole.parquet").save(pd.DataFrame({"lfc": [1.0, 2.0]}))
    content = (tmp_path / "whole.parquet").read_bytes()
    message = refusal(write(tmp_path / "cut.parquet", content[: len(content) // 2]))
    assert "complete Parquet file" in message
    assert str(tmp_path / "cut.parquet") in message


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_ragged_rows_are_numbered(tmp_path: Path, suffix: str) -> None:
    text = HEADER + "a,r,0.1,l,KRAS\nb,r,0.2,l\nc,r,0.3,l,TP53\nd,r,0.4,l,TP53,1,2\n"
    content = gzip.compress(text.encode(), mtime=0) if suffix.endswith("gz") else text.encode()
    message = refusal(write(tmp_path / f"s{suffix}", content))
    assert "Expected: 5 fields in every row" in message
    assert "Got: row 2 with 4, row 4 with 7 (rows are counted below the header)" in message
    assert "truncated line" in message


def test_many_ragged_rows_are_counted(tmp_path: Path) -> None:
    message = refusal(write(tmp_path / "s.csv", HEADER + "a,b\n" * 12))
    assert "row 5 with 2 and 7 more" in message
    assert "row 6 with" not in message


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (HEADER + "a,r,0.1,l,caf\xe9\n", "column 5"),
        ("site," + HEADER + "caf\xe9,a,r,0.1,l,KRAS\n", "column site"),
        ("caf\xe9," + HEADER + "x,a,r,0.1,l,KRAS\n", "the header"),
    ],
)
def test_text_that_is_not_utf8(tmp_path: Path, text: str, where: str) -> None:
    message = refusal(write(tmp_path / "s.csv", text.encode("latin1")))
    assert "text in UTF-8" in message
    assert f"not UTF-8 in {where} of {tmp_path / 's.csv'}" in message
    assert "iconv" in message


@pytest.mark.parametrize(
    ("name", "content"),
    [("s.csv", b""), ("s.parquet", b""), ("s.csv.gz", gzip.compress(b"", mtime=0))],
)
def test_empty_file(tmp_path: Path, name: str, content: bytes) -> None:
    message = refusal(write(tmp_path / name, content))
    assert f"an empty file: {tmp_path / name}" in message
    assert "a header and at least one row" in message
    assert "again" in message


def test_header_only(tmp_path: Path) -> None:
    message = refusal(write(tmp_path / "s.csv", HEADER))
    assert f"no rows: {tmp_path / 's.csv'} contains only column names" in message
    assert "filtered out all rows" in message


@pytest.mark.parametrize(
    ("name", "other", "separator"),
    [("s.csv", "\t", ","), ("s.csv", "|", ","), ("s.tsv", ";", "\t")],
)
def test_wrong_separator(tmp_path: Path, name: str, other: str, separator: str) -> None:
    text = (HEADER + "a,r,0.1,l,KRAS\n").replace(",", other)
    message = refusal(write(tmp_path / name, text))
    assert f"separated by {separator!r}" in message
    assert repr(HEADER.strip().replace(",", other))[:20] in message
    assert "with that separator" in message


def test_repeated_column_names(tmp_path: Path) -> None:
    message = refusal(write(tmp_path / "s.csv", "lfc,sgrna,lfc\n1,a,2\n"))
    assert "lfc more than once" in message
    assert "rename or remove" in message


def test_real_avana_table_reads_as_typed() -> None:
    path = SHARED / "avana_small.csv.gz"
    if not path.exists():
        pytest.skip(f"no real screen at {path}")
    table = load(path)
    assert table.shape == (18_797, 27)
    assert table["chromosome"].dtype == "str"
    assert table["lfc"].dtype == "float64"
    assert table["sgrna"].nunique() == 554
