"""The catalog datasets for tables, records and text, based on those of kedro-datasets.

They differ from the originals in three ways. A file is written completely or not at all, so every
file that exists is complete. Its encoding is UTF-8 on every machine. In CSV files, labels stay text
even if they look like numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from kedro.io.core import get_filepath_str
from kedro_datasets import json as kedro_json
from kedro_datasets import pandas as kedro_pandas
from kedro_datasets import text as kedro_text

from partialpool.calls.depmap import MODEL_ID
from partialpool.datasets.whole_file import replacing
from partialpool.errors import PartialpoolError, Problem, shorten
from partialpool.models import LABEL_COLUMNS

#: Columns with text in any CSV file. All other columns contain numbers or booleans.
TEXT = (
    *("parameter", "effect", "lineage", *LABEL_COLUMNS),
    *("model", "fit", "verdict", "direction", "unit"),
    *("family", "prior"),
    *("level", "label", "status"),
    *("column", "item", "note"),
    *(
        "replicate_id",
        "contrast",
        "group",
        "call",
        "class",
        "control",
        "reasons",
        "not_judged",
        "trust",
        "odd_sgrna",
        MODEL_ID,
        "sequence",
        "pdna_batch",
    ),
)


class TextColumnError(PartialpoolError, ValueError):
    """The labels of a column would be lost in a CSV file."""


class _Whole:
    """Mixin for datasets of kedro-datasets: the file is written to a temporary name first."""

    _fs: Any
    _protocol: str
    _save_args: dict[str, Any]

    def save(self, data: Any) -> None:
        """Write the file, completely or not at all."""
        path = get_filepath_str(self._get_save_path(), self._protocol)  # type: ignore[attr-defined]
        with replacing(path, self._fs) as unfinished:
            self._write(data, unfinished)
        self._invalidate_cache()  # type: ignore[attr-defined]

    def _write(self, data: Any, path: Path) -> None:
        raise NotImplementedError


class CSVDataset(_Whole, kedro_pandas.CSVDataset):
    """A table in a CSV file, without its index.

    The columns named in ``TEXT`` are read as text: ``007`` stays ``007``, and a gene may be
    called ``None``. Only an empty field is a missing value. Numbers are written with all digits,
    unless ``save_args`` has a ``float_format``.

    Parameters are those of ``kedro_datasets.pandas.CSVDataset``, except ``open_args_save``.

    Raises
    ------
    TextColumnError
        When a table is saved that has text in a column that is not in ``TEXT``.
    """

    DEFAULT_LOAD_ARGS: Mapping[str, Any] = {
        "dtype": dict.fromkeys(TEXT, "str"),
        "keep_default_na": False,
        "na_values": [""],
    }

    def _describe(self) -> dict[str, Any]:
        """Leave out the load arguments, which are always the same and would lengthen messages."""
        return {"filepath": self._filepath, "version": self._version}

    def _write(self, data: pd.DataFrame, path: Path) -> None:
        _require_known_text(data)
        data.to_csv(path, **{"encoding": "utf-8", **self._save_args})


class ParquetDataset(_Whole, kedro_pandas.ParquetDataset):
    """A table in a Parquet file. Parameters: see ``kedro_datasets.pandas.ParquetDataset``."""

    def _write(self, data: pd.DataFrame, path: Path) -> None:
        data.to_parquet(path, **self._save_args)


class JSONDataset(_Whole, kedro_json.JSONDataset):
    """A record in a JSON file. Parameters: see ``kedro_datasets.json.JSONDataset``."""

    def _write(self, data: Any, path: Path) -> None:
        path.write_bytes(json.dumps(data, **self._save_args).encode("utf-8"))


class TextDataset(_Whole, kedro_text.TextDataset):
    """Text, such as SVG or HTML. Parameters: see ``kedro_datasets.text.TextDataset``."""

    DEFAULT_FS_ARGS: Mapping[str, Any] = {"open_args_load": {"mode": "r", "encoding": "utf-8"}}

    def _write(self, data: str, path: Path) -> None:
        path.write_bytes(data.encode("utf-8"))


def _require_known_text(table: pd.DataFrame) -> None:
    """Raise an error if some labels would be read as numbers when the table is read again."""
    others = [name for name in table.select_dtypes(exclude=["number", "bool"]) if name not in TEXT]
    text = [name for name in others if any(isinstance(value, str) for value in table[name])]
    if text:
        problem = Problem(
            expected="text only in columns that are read as text, for instance hugo_symbol.",
            got=f"text in {shorten(text)}.",
            fix=f"add the names to TEXT in {__name__}, or save the table as Parquet.",
        )
        raise TextColumnError(str(problem))
