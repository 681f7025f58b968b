"""The catalog dataset for lists of control genes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pandas as pd
from kedro.io import AbstractDataset

from partialpool.datasets.screen_table import GZIP_ERRORS
from partialpool.errors import Problem, ScreenError, shorten

#: Names of the column, as in screen tables and in the lists of DepMap.
COLUMNS = ("hugo_symbol", "Gene", "gene")
#: An Entrez id behind a symbol, as in ``KRAS (3845)``.
ENTREZ = re.compile(r"\s*\(\d+\)$")
SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}


class GeneListDataset(AbstractDataset[pd.DataFrame, pd.DataFrame]):
    """A list of genes in a local file with a header and one gene per row.

    The column is called ``hugo_symbol`` or, as in the files of DepMap, ``Gene``, or it is the only
    one. Entrez ids behind the symbols are dropped: ``KRAS (3845)`` is KRAS.

    Parameters
    ----------
    filepath
        Path of the file, which ends in ``.csv``, ``.tsv`` or ``.txt``, each also with ``.gz``. In
        a catalog, a relative path starts at the project folder.
    metadata
        Any metadata. Kedro and this class ignore it.

    Raises
    ------
    ScreenError
        On loading, if there is no such file, or no list of genes in it.
    """

    def __init__(
        self, *, filepath: str | os.PathLike[str], metadata: dict[str, Any] | None = None
    ) -> None:
        self._path = Path(filepath)
        self.metadata = metadata

    def load(self) -> pd.DataFrame:
        """Read the list: column ``hugo_symbol``, without repeated genes."""
        if not self._path.is_file():
            raise _refuse("a file with a list of genes", f"no file at {self._path.absolute()}")
        suffix = self._path.name.lower().removesuffix(".gz")
        separator = SEPARATORS.get(suffix[suffix.rfind(".") :])
        if separator is None:
            raise _refuse(
                f"a list of genes in a file that ends in {', '.join(SEPARATORS)}", self._path.name
            )
        try:
            table = pd.read_csv(self._path, sep=separator, dtype=str, keep_default_na=False)
        except (ValueError, *GZIP_ERRORS) as error:
            raise _refuse("a list of genes", f"{self._path.absolute()} with: {error}") from error
        genes = self._column(table).str.strip().str.replace(ENTREZ, "", regex=True)
        genes = genes[genes != ""].drop_duplicates()
        if genes.empty:
            raise _refuse("a list of genes", f"no genes in {self._path.absolute()}")
        return pd.DataFrame({"hugo_symbol": genes.to_numpy()})

    def save(self, data: pd.DataFrame) -> None:
        """Refuse: lists of genes are only read."""
        raise NotImplementedError(f"{type(self).__name__} only reads")

    def _column(self, table: pd.DataFrame) -> pd.Series:
        named = [name for name in COLUMNS if name in table]
        if not named and table.shape[1] > 1:
            raise _refuse(
                f"one column with genes, or a column {' or '.join(COLUMNS)}",
                f"columns {shorten([*table.columns])} in {self._path.absolute()}",
            )
        return table[named[0]] if named else table.iloc[:, 0]

    def _exists(self) -> bool:
        return self._path.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._path)}


def _refuse(expected: str, got: str) -> ScreenError:
    fix = "correct nonessential_path or common_essential_path, or leave it out"
    return ScreenError.of(Problem(expected=f"{expected}.", got=f"{got}.", fix=f"{fix}."))
