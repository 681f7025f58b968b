"""Lists of control genes: read from files of different programs, refused with a message."""

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
