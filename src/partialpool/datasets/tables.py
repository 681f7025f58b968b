"""The catalog dataset for several tables whose names depend on the data."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pandas as pd
from kedro.io import AbstractDataset

from partialpool.datasets.files import CSVDataset
from partialpool.datasets.whole_file import replacing

#: End of the name of the file with the names of the tables. It is written last.
INDEX = "index.json"


class TablesDataset(AbstractDataset[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]):
    """Tables by name, in a local folder: ``<prefix><name>.csv`` each.

    ``<prefix>index.json`` lists the names, so that it is known if there are none.

    Tables with this prefix that are not saved again are removed; other files in the folder stay.

    Parameters
    ----------
    filepath
        Path of the folder.
    prefix
        Start of the names of the files.
    metadata
        Any metadata. Kedro and this class ignore it.
    """

    def __init__(
        self,
        *,
        filepath: str | os.PathLike[str],
        prefix: str,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._folder, self._prefix = Path(filepath), prefix
        self.metadata = metadata

    def load(self) -> dict[str, pd.DataFrame]:
        """Read every table, by name."""
        names = json.loads(self._index.read_text(encoding="utf-8"))
        return {name: CSVDataset(filepath=str(self._path(name))).load() for name in names}

    def save(self, data: dict[str, pd.DataFrame]) -> None:
        """Write every table, each whole or not at all, and remove the others."""
        self._index.unlink(missing_ok=True)
        for path in set(self._tables()) - {self._path(name) for name in data}:
            path.unlink()
        for name, table in data.items():
            CSVDataset(filepath=str(self._path(name))).save(table)
        with replacing(self._index) as unfinished:
            unfinished.write_text(json.dumps([*data], ensure_ascii=False), "utf-8")

    def own_files(self) -> list[str]:
        """Names of the files of the tables. The folder also contains other tables."""
        return [self._index.name, *(path.name for path in self._tables())]

    def _tables(self) -> list[Path]:
        return sorted(self._folder.glob(f"{self._prefix}*.csv"))

    def _path(self, name: str) -> Path:
        return self._folder / f"{self._prefix}{name}.csv"

    @property
    def _index(self) -> Path:
        return self._folder / f"{self._prefix}{INDEX}"

    def _exists(self) -> bool:
        return self._index.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._folder)}
