"""The catalog dataset for fits: ArviZ InferenceData as NetCDF."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import fsspec
from kedro.io import AbstractVersionedDataset, Version
from kedro.io.core import get_filepath_str, get_protocol_and_path

from partialpool.datasets.whole_file import replacing

if TYPE_CHECKING:
    import arviz as az
    import xarray as xr

#: Groups with draws of parameters.
DRAWS = ("posterior", "prior")


class InferenceDataDataset(AbstractVersionedDataset["az.InferenceData", "az.InferenceData"]):
    """An ``arviz.InferenceData`` in a NetCDF file, with its groups, dims, coords and attributes.

    It is written to a temporary file that is then moved, so that a run that is stopped leaves no
    incomplete fit. It is read into memory, so that no file handle stays open.

    Draws of parameters are saved as 32-bit floats: they have seven digits, of which tables print
    four. The statistics of the sampler are not shortened, because E-BFMI depends on small
    differences between large energies.

    Parameters
    ----------
    filepath
        Path, or URL that fsspec supports, ending in ``.nc``.
    version
        Kedro's version of the dataset, if it is versioned.
    metadata
        Any metadata. Kedro and this class ignore it.
    """

    def __init__(
        self,
        *,
        filepath: str,
        version: Version | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        protocol, path = get_protocol_and_path(filepath, version)
        self._protocol, self.metadata = protocol, metadata
        self._fs = fsspec.filesystem(protocol)
        super().__init__(
            filepath=PurePosixPath(path),
            version=version,
            exists_function=self._fs.exists,
            glob_function=self._fs.glob,
        )

    def load(self) -> az.InferenceData:
        """Read the whole file."""
        import arviz as az

        path = get_filepath_str(self._get_load_path(), self._protocol)
        with tempfile.TemporaryDirectory() as folder:
            local = path
            if self._protocol != "file":
                local = str(Path(folder) / "fit.nc")
                self._fs.get(path, local)
            with az.rc_context({"data.load": "eager"}):
                data: az.InferenceData = az.from_netcdf(local, engine="h5netcdf")
        return data

    def attributes(self) -> dict[str, Any]:
        """Read only the attributes. There are none if the file is missing or can't be read."""
        import h5py  # type: ignore[import-untyped]

        path = get_filepath_str(self._get_load_path(), self._protocol)
        try:
            with self._fs.open(path, "rb") as stream, h5py.File(stream) as file:
                return {name: _plain(value) for name, value in file.attrs.items()}
        except (OSError, KeyError):
            return {}

    def save(self, data: az.InferenceData) -> None:
        """Write the file, completely or not at all."""
        path = get_filepath_str(self._get_save_path(), self._protocol)
        with replacing(path, self._fs) as unfinished:
            # Compression would save an eighth of the bytes and take ten times as long.
            _narrowed(data).to_netcdf(str(unfinished), engine="h5netcdf", compress=False)

    def _exists(self) -> bool:
        return bool(self._fs.exists(get_filepath_str(self._get_load_path(), self._protocol)))

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath, "version": self._version}


def _narrowed(data: az.InferenceData) -> az.InferenceData:
    """Convert draws of parameters to 32-bit floats."""
    groups = [name for name in DRAWS if name in data.groups()]
    narrowed: az.InferenceData = data.map(
        lambda group: group.map(_as_float32, keep_attrs=True), groups
    )
    return narrowed


def _as_float32(values: xr.DataArray) -> xr.DataArray:
    return values.astype("float32") if values.dtype == "float64" else values


def _plain(value: Any) -> Any:
    """Convert an HDF5 attribute to a plain Python value."""
    if isinstance(value, bytes):
        return value.decode()
    return value.item() if hasattr(value, "item") and value.size == 1 else value
