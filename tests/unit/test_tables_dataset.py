"""Several tables in a folder that others share."""

from pathlib import Path

import pandas as pd
import pytest

from partialpool.datasets.tables import TablesDataset
from partialpool.running.files import Location, take


def table(*genes: str) -> pd.DataFrame:
    return pd.DataFrame({"hugo_symbol": genes, "mean": [0.1] * len(genes)})


@pytest.fixture
def where(tmp_path: Path) -> TablesDataset:
    (tmp_path / "other.csv").write_text("x\n1\n")
    return TablesDataset(filepath=tmp_path, prefix="differential_")


def test_tables_come_back_in_their_order(where: TablesDataset, tmp_path: Path) -> None:
    assert not where.exists()
    where.save({"skin": table("007"), "lung": table("NA", "KRAS")})
    found = where.load()
    assert list(found) == ["skin", "lung"]
    assert found["skin"].equals(table("007"))
    assert (tmp_path / "differential_skin.csv").is_file()


def test_tables_of_an_earlier_run_are_removed_and_no_other_file(
    where: TablesDataset, tmp_path: Path
) -> None:
    where.save({"skin": table("KRAS")})
    where.save({"lung": table("KRAS")})
    assert {path.name for path in tmp_path.iterdir()} == {"other.csv", *where.own_files()}
    assert list(where.load()) == ["lung"]


def test_no_table_is_a_result_too(where: TablesDataset, tmp_path: Path) -> None:
    """Otherwise a run would make it again each time."""
    where.save({})
    assert where.exists()
    assert where.load() == {}
    assert take(Location(str(tmp_path), frozenset(where.own_files()))) is not None
