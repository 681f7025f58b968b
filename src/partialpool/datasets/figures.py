"""The catalog dataset of the figures of a section: a folder of pictures."""

from __future__ import annotations

import base64
import os
import zipfile
from pathlib import Path
from typing import Any, NewType

from kedro.io import AbstractDataset

from partialpool.datasets.whole_file import replacing
from partialpool.figures.pictures import Picture

#: The name that kedro-viz knows pictures by.
ImagePreview = NewType("ImagePreview", str)

#: What the report shows: the WebP of each figure. It is written last, so it says what is there.
ARCHIVE = "figures.zip"


class FiguresDataset(AbstractDataset[dict[str, Picture], dict[str, Picture]]):
    """Figures by name, in a local folder: ``<name>.png`` for people, and an archive of all.

    The archive holds the smaller pictures that the report shows. Figures that an earlier run left
    and that were not made again are removed; other files in the folder stay.

    Parameters
    ----------
    filepath
        The folder.
    metadata
        Anything; Kedro and this class ignore it.

    Examples
    --------
    ```yaml
    "{section}.figures":
      type: partialpool.datasets.figures.FiguresDataset
      filepath: data/08_reporting/{section}
    ```
    """

    def __init__(
        self, *, filepath: str | os.PathLike[str], metadata: dict[str, Any] | None = None
    ) -> None:
        self._folder = Path(filepath)
        self.metadata = metadata

    def load(self) -> dict[str, Picture]:
        """Read every figure, in the order in which they were made."""
        with zipfile.ZipFile(self._archive) as archive:
            small = {name.removesuffix(".webp"): archive.read(name) for name in archive.namelist()}
        return {name: Picture(self._png(name).read_bytes(), webp) for name, webp in small.items()}

    def save(self, data: dict[str, Picture]) -> None:
        """Write every figure, each whole or not at all, then the archive."""
        self._archive.unlink(missing_ok=True)
        for picture in self._folder.glob("*.png"):
            if picture.stem not in data:
                picture.unlink()
        for name, figure in data.items():
            with replacing(self._png(name)) as unfinished:
                unfinished.write_bytes(figure.png)
        with replacing(self._archive) as unfinished, zipfile.ZipFile(unfinished, "w") as archive:
            for name, figure in data.items():
                # An entry without the time of day: equal figures make equal files.
                archive.writestr(zipfile.ZipInfo(f"{name}.webp"), figure.webp)

    def preview(self) -> ImagePreview:
        """Give the first figure to kedro-viz."""
        first = next(iter(self.load().values()))
        return ImagePreview(base64.b64encode(first.png).decode("ascii"))

    def own_files(self) -> list[str]:
        """Name the files of the figures; tables of the section lie in the folder too."""
        return [ARCHIVE, *(picture.name for picture in self._folder.glob("*.png"))]

    @property
    def _archive(self) -> Path:
        return self._folder / ARCHIVE

    def _png(self, name: str) -> Path:
        return self._folder / f"{name}.png"

    def _exists(self) -> bool:
        return self._archive.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._folder)}
