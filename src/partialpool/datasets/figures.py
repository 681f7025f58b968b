"""The catalog dataset for the figures of a section: a folder of pictures."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any, NewType

from kedro.io import AbstractDataset

from partialpool.datasets.whole_file import replacing
from partialpool.figures.pictures import Picture

#: The type of a picture in Kedro-Viz.
ImagePreview = NewType("ImagePreview", str)

#: Names and captions of the figures, in order. It is written last, so it says what is there.
INDEX = "figures.json"


class FiguresDataset(AbstractDataset[dict[str, Picture], dict[str, Picture]]):
    """Figures by name, in a local folder: ``<name>.png`` each, and ``figures.json`` with captions.

    Figures that an earlier run left and that were not made again are removed; other files in the
    folder stay.

    Parameters
    ----------
    filepath
        Path of the folder.
    metadata
        Any metadata. Kedro and this class ignore it.

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
        """Read every figure, in the order in which they were saved."""
        index = json.loads(self._index.read_text(encoding="utf-8"))
        return {
            name: Picture(b"" if caption["reason"] else self._png(name).read_bytes(), **caption)
            for name, caption in index.items()
        }

    def save(self, data: dict[str, Picture]) -> None:
        """Write every figure, each whole or not at all, then the index."""
        self._index.unlink(missing_ok=True)
        drawn = {name: picture for name, picture in data.items() if picture.png}
        for picture in self._folder.glob("*.png"):
            if picture.stem not in drawn:
                picture.unlink()
        for name, figure in drawn.items():
            with replacing(self._png(name)) as unfinished:
                unfinished.write_bytes(figure.png)
        captions = {
            name: {key: value for key, value in asdict(figure).items() if key != "png"}
            for name, figure in data.items()
        }
        with replacing(self._index) as unfinished:
            unfinished.write_text(json.dumps(captions, indent=1, ensure_ascii=False), "utf-8")

    def preview(self) -> ImagePreview:
        """Show the first figure in Kedro-Viz."""
        first = next(picture.png for picture in self.load().values() if picture.png)
        return ImagePreview(base64.b64encode(first).decode("ascii"))

    def own_files(self) -> list[str]:
        """Names of the files of the figures. The folder also contains tables of the section."""
        return [INDEX, *(picture.name for picture in self._folder.glob("*.png"))]

    @property
    def _index(self) -> Path:
        return self._folder / INDEX

    def _png(self, name: str) -> Path:
        return self._folder / f"{name}.png"

    def _exists(self) -> bool:
        return self._index.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._folder)}
