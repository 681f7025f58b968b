"""The catalog datasets of counts and their labels, and of the folder of a DepMap release."""

from __future__ import annotations

import os
from abc import abstractmethod
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
from kedro.io import AbstractDataset

from partialpool.preparation.counts import Matrix, read_frame, read_matrix
from partialpool.preparation.depmap_release import ReleaseFiles, find_files

Read = TypeVar("Read")


class _ReadOnly(AbstractDataset[Read, Read]):
    """A local file or folder that is only read.

    Parameters
    ----------
    filepath
        Its path. In a catalog, a relative path starts at the project folder.
    metadata
        Any metadata. Kedro and this class ignore it.
    """

    def __init__(
        self, *, filepath: str | os.PathLike[str], metadata: dict[str, Any] | None = None
    ) -> None:
        self._path = Path(filepath)
        self.metadata = metadata

    @abstractmethod
    def load(self) -> Read:
        """Read it."""

    def save(self, data: Read) -> None:
        """Refuse: inputs are only read."""
        raise NotImplementedError(f"{type(self).__name__} only reads")

    def _exists(self) -> bool:
        return self._path.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._path)}


class CountMatrixDataset(_ReadOnly[Matrix]):
    """Counts of reads, guides x sequences or the reverse.

    See ``partialpool.preparation.counts.read_matrix``.
    """

    def load(self) -> Matrix:
        """Read and check the counts."""
        return read_matrix(self._path)


class LabelTableDataset(_ReadOnly[pd.DataFrame]):
    """A guide map or a sample sheet, as text.

    See ``partialpool.preparation.counts.read_frame``.
    """

    def load(self) -> pd.DataFrame:
        """Read the table."""
        return read_frame(self._path)


class DepmapReleaseDataset(_ReadOnly[ReleaseFiles]):
    """The folder of a DepMap release. Loading it finds its files, and reads none of them."""

    def load(self) -> ReleaseFiles:
        """Find the files."""
        return find_files(self._path)

    def own_files(self) -> list[str]:
        """Names of the files that are understood."""
        return find_files(self._path).names if self._path.is_dir() else []
