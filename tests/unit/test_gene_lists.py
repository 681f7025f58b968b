"""Lists of control genes: read from files of different programs, refused with a message."""

import gzip
from pathlib import Path

import pytest
from kedro.io import DatasetError

from partialpool.datasets.gene_list import GeneListDataset


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.csv", "hugo_symbol\nKRAS\nNA\nKRAS\n\n"),
        ("list.csv", "Gene\nKRAS (3845)\nNA (1)\n"),
        ("list.tsv", "symbol\nKRAS\nNA\n"),
        ("list.txt", "number\tgene\n1\tKRAS\n2\tNA\n"),
    ],
    ids=["hugo_symbol", "DepMap", "only column", "one of several"],
)
def test_genes_are_read_as_text_once_each(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert GeneListDataset(filepath=path).load()["hugo_symbol"].tolist() == ["KRAS", "NA"]


@pytest.mark.parametrize(
    ("name", "text", "got"),
    [
        ("no.csv", None, "no file at"),
        ("list.xlsx", "hugo_symbol\nKRAS\n", "list.xlsx"),
        ("list.csv", "a,b\n1,2\n", "columns a, b"),
        ("list.csv", "hugo_symbol\n", "no genes"),
        ("list.csv", "", "with:"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, name: str, text: str | None, got: str) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    with pytest.raises(DatasetError, match=got) as caught:
        GeneListDataset(filepath=path).load()
    for part in ("Expected: ", "Got: ", "Fix: correct nonessential_path"):
        assert part in str(caught.value)


def test_a_damaged_gzip_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.csv.gz"
    whole = gzip.compress("\n".join(["hugo_symbol", *map(str, range(3000))]).encode(), mtime=0)
    path.write_bytes(whole)
    assert len(GeneListDataset(filepath=path).load()) == 3000
    for place in range(10, len(whole), len(whole) // 20):  # after the header of gzip
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        with pytest.raises(DatasetError, match="Expected: a list of genes"):
            GeneListDataset(filepath=path).load()
