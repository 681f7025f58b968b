"""CSV, JSON, Parquet and text files: whole or not at all, in UTF-8, labels as they went in."""

import inspect
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from kedro.io import DatasetError, Version

from partialpool.datasets import files
from partialpool.datasets.files import CSVDataset, JSONDataset, ParquetDataset, TextDataset
from partialpool.datasets.whole_file import replacing

LABELS = ["007", "7157", "1e5", "None", "NULL", "n/a", "nan", "NA", "True", "IFN-β", "a.b[c]", "-"]
TABLE = pd.DataFrame({"hugo_symbol": LABELS, "mean": [i / 7 for i in range(len(LABELS))]})
#: Dataset, what it holds, and the call half way through whose writing a run may die.
KINDS = {
    "csv": (CSVDataset, TABLE, (pd.DataFrame, "to_csv")),
    "json": (JSONDataset, {"model": "IFN-β"}, (Path, "write_bytes")),
    "parquet": (ParquetDataset, TABLE, (pd.DataFrame, "to_parquet")),
    "svg": (TextDataset, "<svg>IFN-β</svg>", (Path, "write_bytes")),
}


def equal(one: object, other: object) -> bool:
    return one.equals(other) if isinstance(one, pd.DataFrame) else one == other


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_comes_back_as_it_was(tmp_path: Path, kind: str) -> None:
    make, data, _ = KINDS[kind]
    where = make(filepath=str(tmp_path / "new" / f"file.{kind}"))
    assert not where.exists()
    where.save(data)
    assert where.exists()
    assert equal(where.load(), data)
    assert [path.name for path in (tmp_path / "new").iterdir()] == [f"file.{kind}"]


@pytest.mark.parametrize("earlier", [True, False], ids=["over an old file", "a first file"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_dies_while_writing_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch, kind: str, earlier: bool
) -> None:
    make, data, (owner, name) = KINDS[kind]
    where = make(filepath=str(tmp_path / f"file.{kind}"))
    if earlier:
        where.save(data)

    def die(self, target, *args, **given) -> None:
        path = self if isinstance(self, Path) else target
        with open(path, "ab") if isinstance(path, (str, Path)) else path as file:  # noqa: PTH123
            file.write(b"half" if "b" in getattr(file, "mode", "b") else "half")
        raise KeyboardInterrupt

    monkeypatch.setattr(owner, name, die)
    with pytest.raises(KeyboardInterrupt):
        where.save(data)
    monkeypatch.undo()

    assert where.exists() is earlier
    assert [path.name for path in tmp_path.iterdir()] == [f"file.{kind}"] * earlier
    if earlier:
        assert equal(where.load(), data)


@pytest.mark.parametrize("kind", KINDS)
def test_files_may_lie_elsewhere_than_in_a_local_folder(kind: str) -> None:
    make, data, _ = KINDS[kind]
    where = make(filepath=f"memory://files/{kind}/file.{kind}")
    assert not where.exists()
    where.save(data)
    assert where.exists()
    assert equal(where.load(), data)


KILLED = """
import os, signal, sys
from partialpool.datasets.whole_file import replacing

with replacing(sys.argv[1]) as unfinished:
    unfinished.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have SIGKILL")
def test_the_unfinished_file_of_a_killed_process_is_removed_by_the_next(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path / "posterior.nc")]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".")
    user_file = tmp_path / ".hidden"
    user_file.touch()

    with replacing(tmp_path / "verdict.json") as unfinished:
        unfinished.write_text("{}")
        with replacing(tmp_path / "other.json") as other:  # one that is still being written stays
            other.write_text("{}")
        assert unfinished.exists()

    assert {path.name for path in tmp_path.iterdir()} == {".hidden", "verdict.json", "other.json"}


def test_versions_are_kept_apart(tmp_path: Path) -> None:
    path = str(tmp_path / "verdict.json")
    for name, passed in (("2024-01-01T00.00.00.000Z", False), ("2024-01-02T00.00.00.000Z", True)):
        JSONDataset(filepath=path, version=Version(None, name)).save({"passed": passed})
    first = JSONDataset(filepath=path, version=Version("2024-01-01T00.00.00.000Z", None))
    assert first.load() == {"passed": False}
    assert JSONDataset(filepath=path, version=Version(None, None)).load() == {"passed": True}


def test_the_machine_s_own_encoding_does_not_matter(tmp_path: Path) -> None:
    """In an ASCII locale, with Python's UTF-8 mode off."""
    code = (
        "import sys, pandas as pd; from pathlib import Path;"
        "from partialpool.datasets.files import CSVDataset, TextDataset;"
        "folder = Path(sys.argv[1]); gene = 'IFN-\\u03b2';"
        "table = CSVDataset(filepath=str(folder / 'a.csv'));"
        "table.save(pd.DataFrame({'hugo_symbol': [gene]}));"
        "assert table.load()['hugo_symbol'][0] == gene;"
        "page = TextDataset(filepath=str(folder / 'a.html')); page.save(gene);"
        "assert page.load() == gene"
    )
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env=env | {"PYTHONPATH": str(Path(files.__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.csv").read_bytes() == "hugo_symbol\nIFN-β\n".encode()
    assert (tmp_path / "a.html").read_bytes() == "IFN-β".encode()


def test_labels_stay_text_where_some_rows_have_none(tmp_path: Path) -> None:
    """As in a table of effects, where cell lines have no gene."""
    where = CSVDataset(filepath=str(tmp_path / "effects.csv"))
    table = TABLE.assign(depmap_id=None)
    lines = pd.DataFrame({"depmap_id": ["0", "ACH-1"], "hugo_symbol": None, "mean": [0.0, 1.0]})
    where.save(pd.concat([table, lines], ignore_index=True))
    found = where.load()

    assert found["hugo_symbol"][: len(LABELS)].tolist() == LABELS
    assert found["hugo_symbol"][len(LABELS) :].isna().all()
    assert found["depmap_id"][: len(LABELS)].isna().all()
    assert found["depmap_id"][len(LABELS) :].tolist() == ["0", "ACH-1"]


def test_numbers_and_booleans_stay_so_with_values_missing(tmp_path: Path) -> None:
    where = CSVDataset(filepath=str(tmp_path / "table.csv"))
    table = pd.DataFrame({"r_hat": [1 / 3, None, 2e-300], "n": [1, 2, 3], "is_inside": [True] * 3})
    where.save(table)
    assert where.load().equals(table)


def test_text_in_a_column_that_would_not_be_read_as_text_is_refused(tmp_path: Path) -> None:
    where = CSVDataset(filepath=str(tmp_path / "table.csv"))
    with pytest.raises(DatasetError, match="Got: text in chromosome") as caught:
        where.save(pd.DataFrame({"chromosome": ["1", "X"], "hugo_symbol": ["A", "B"]}))
    assert "add the names to TEXT in partialpool.datasets.files" in str(caught.value)
    assert not where.exists()


def test_a_table_without_rows_keeps_its_columns(tmp_path: Path) -> None:
    where = CSVDataset(filepath=str(tmp_path / "table.csv"))
    where.save(pd.DataFrame(columns=["hugo_symbol", "mean"]))
    assert where.load().columns.tolist() == ["hugo_symbol", "mean"]


def test_kedro_viz_previews_tables_and_records(tmp_path: Path) -> None:
    table = CSVDataset(filepath=str(tmp_path / "table.csv"), metadata={"kedro-viz": {}})
    table.save(TABLE)
    assert table.preview(nrows=2)["data"] == [["007", 0.0], ["7157", 1 / 7]]
    assert table.metadata == {"kedro-viz": {}}
    record = JSONDataset(filepath=str(tmp_path / "verdict.json"))
    record.save({"passed": True})
    assert json.loads(record.preview()) == {"passed": True}
    kinds = [inspect.signature(d.preview).return_annotation for d in (table, record)]
    assert [getattr(k, "__name__", str(k)) for k in kinds] == ["TablePreview", "JSONPreview"]


def test_every_file_of_the_catalog_is_written_whole(root: Path) -> None:
    """Every dataset type in conf/base is the project's own."""
    lines = [
        line.strip()
        for path in (root / "conf" / "base").glob("catalog*.yml")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    types = {line.removeprefix("type: ") for line in lines if line.startswith("type: ")}
    assert len(types) >= 7
    assert {name for name in types if not name.startswith("partialpool.datasets.")} == set()
