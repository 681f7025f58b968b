"""The catalog dataset of the fit that an earlier run left."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NoReturn

import h5py  # type: ignore[import-untyped]
from kedro.io.core import DatasetError, get_filepath_str

from partialpool.datasets.inference_data import InferenceDataDataset
from partialpool.inference.reuse import SavedFit

if TYPE_CHECKING:
    import arviz as az

logger = logging.getLogger(__name__)


class SavedFitDataset(InferenceDataDataset):
    """What an earlier run left at the path of a fit, or None: how it was made, draws on demand.

    A second name of a posterior's file, so that a node can read what it is about to write. Only
    the attributes are read, until ``SavedFit.load`` is called; a file that can't be read is as
    good as none.

    Parameters
    ----------
    filepath : of the posterior
    version : Kedro's version of the dataset, if it is versioned
    metadata : anything; Kedro and this class ignore it
    """

    def load(self) -> SavedFit | None:  # type: ignore[override]
        """Read the attributes, if there is a file."""
        if not self._exists():
            return None
        path = get_filepath_str(self._get_load_path(), self._protocol)
        try:
            with self._fs.open(path, "rb") as stream, h5py.File(stream) as file:
                attributes = {name: _plain(value) for name, value in file.attrs.items()}
                sizes = {dim: file["posterior"][dim].shape[0] for dim in ("chain", "draw")}
        except (OSError, KeyError) as error:
            logger.warning("%s is not a whole fit (%s); it is taken for absent", path, error)
            return None
        return SavedFit(attributes, sizes["chain"], sizes["draw"], self._read)

    def save(self, data: Any) -> NoReturn:  # noqa: ARG002
        """Refuse: a fit is written under its own name."""
        raise DatasetError(f"{type(self).__name__} is read only; save to the posterior itself")

    def _read(self) -> az.InferenceData:
        return InferenceDataDataset.load(self)


def _plain(value: Any) -> Any:
    """Plain Python value of an HDF5 attribute."""
    if isinstance(value, bytes):
        return value.decode()
    return value.item() if hasattr(value, "item") and value.size == 1 else value
