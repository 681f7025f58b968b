"""What identifies the files of a dataset."""

import hashlib
import os
from pathlib import Path

import pytest
from kedro.io import DataCatalog, MemoryDataset

from partialpool.datasets.files import JSONDataset
from partialpool.running import files
from partialpool.running.files import Location, location, take


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"a.png": "a", "b/c.png": "c", ".d41d.a.png": "unfinished"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_file_is_its_content(folder: Path) -> None:
    assert take(Location(str(folder / "a.png"))).content == {"": sha256("a")}


def test_a_folder_is_its_files_but_for_unfinished_ones(folder: Path) -> None:
    found = take(Location(str(folder)))
    assert found.content == {"a.png": sha256("a"), "b/c.png": sha256("c")}


def test_a_folder_that_is_shared_is_the_datasets_own_files(folder: Path) -> None:
    found = take(Location(str(folder), frozenset({"a.png", "gone.png"})))
    assert found.content == {"a.png": sha256("a")}


def test_nothing_has_no_fingerprint(tmp_path: Path) -> None:
    assert take(Location(str(tmp_path / "nowhere"))) is None
    assert take(Location(str(tmp_path))) is None


def test_an_unchanged_file_is_not_read_again(folder: Path, monkeypatch) -> None:
    where = Location(str(folder / "a.png"))
    first = take(where)
    monkeypatch.setattr(files, "_sha256", lambda *_: pytest.fail("read again"))
    assert take(where, first) == first


def test_a_file_of_the_same_size_written_later_is_read(folder: Path) -> None:
    where = Location(str(folder / "a.png"))
    first = take(where)
    Path(where.url).write_text("A")
    os.utime(where.url, ns=(1, 1))
    assert take(where, first).content == {"": sha256("A")}


def test_a_file_at_another_time_with_the_same_content_is_equal(folder: Path) -> None:
    where = Location(str(folder / "a.png"))
    first = take(where)
    os.utime(where.url, ns=(1, 1))
    second = take(where, first)
    assert second != first
    assert second.content == first.content


def test_only_what_lies_in_files_has_a_place(tmp_path: Path) -> None:
    catalog = DataCatalog(
        {"kept": JSONDataset(filepath=str(tmp_path / "a.json")), "passed": MemoryDataset(1)}
    )
    assert location(catalog, "kept") == Location(str(tmp_path / "a.json"))
    assert location(catalog, "passed") is None
    assert location(catalog, "unknown") is None


def test_a_dataset_names_its_own_files(tmp_path: Path) -> None:
    class Shared(JSONDataset):
        def own_files(self) -> list[str]:
            return ["a.json"]

    catalog = DataCatalog({"kept": Shared(filepath=str(tmp_path))})
    assert location(catalog, "kept") == Location(str(tmp_path), frozenset({"a.json"}))
