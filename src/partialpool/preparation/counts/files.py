"""Reads the files that counts come in: matrices, guide maps, sample sheets."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from csv import reader as csv_lines
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from partialpool.errors import Problem, ScreenError, shorten
from partialpool.preparation.columns import MISSING as NO_VALUE
from partialpool.preparation.counts.matrix import NO_TEXT, Matrix, is_of_genes, whole
from partialpool.preparation.counts.names import SOURCE

SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
PARQUET, HDF5 = (".parquet", ".pq"), (".hdf5", ".h5")
#: Bytes of text that are read at once. A row of a matrix must fit.
BLOCK = 2**25
#: Rows of a Parquet file that are read at once.
ROWS = 4096

Kind = Literal["counts", "numbers"]


def suffix_of(path: Path) -> str:
    """The suffix that says the format, without ``.gz``, in lower case.

    Raises
    ------
    ScreenError
        If the file does not exist, is empty, is not gzip although its name says so, or if its
        format is not known.
    """
    name = path.name.lower()
    suffix = Path(name.removesuffix(".gz")).suffix
    if path.is_dir() or not path.exists():
        what = "a folder" if path.is_dir() else "no file"
        raise _refuse("a file", f"{what} at {path.absolute()}", "correct the path")
    if suffix not in (*SEPARATORS, *PARQUET, *HDF5) or (
        name.endswith(".gz") and suffix not in SEPARATORS
    ):
        known = ", ".join((*SEPARATORS, *(f"{s}.gz" for s in SEPARATORS), *PARQUET, *HDF5))
        raise _refuse(f"a file name that ends in {known}", repr(path.name), "convert the file")
    with path.open("rb") as file:
        head = file.read(4)
    if not head:
        raise _refuse("a header and at least one row", f"an empty file: {path.absolute()}", AGAIN)
    if name.endswith(".gz") != head.startswith(b"\x1f\x8b"):
        content = "gzip" if head.startswith(b"\x1f\x8b") else "no gzip"
        raise _refuse(f"what the name {path.name} says", content, "rename the file")
    return suffix


AGAIN = "write or download the file again"


def read_frame(path: Path) -> pd.DataFrame:
    """Read a table as text, such as a guide map or a sample sheet. Missing values are missing.

    Raises
    ------
    ScreenError
        If there is no such file or no table in it.
    """
    suffix = suffix_of(path)
    if suffix in HDF5:
        raise _refuse("a table in CSV, TSV or Parquet", path.name, "convert the file")
    try:
        if suffix in PARQUET:
            frame = pd.read_parquet(path)
        else:
            frame = pd.read_csv(
                path,
                sep=SEPARATORS[suffix],
                dtype=str,
                keep_default_na=False,
                na_values=list(NO_VALUE),
            )
    except (ValueError, OSError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from error
    if frame.empty:
        raise _refuse("at least one row", f"no rows in {path.absolute()}", AGAIN)
    frame.attrs[SOURCE] = path.name
    return frame


def read_wide(path: Path) -> pd.DataFrame:
    """Read a table with very many columns, such as one per gene. Numbers are numbers.

    Raises
    ------
    ScreenError
        If there is no such file or no table in it.
    """
    from pyarrow import csv

    suffix = suffix_of(path)
    if suffix not in SEPARATORS:
        return read_frame(path).reset_index()
    try:
        read = csv.read_csv(
            path,
            parse_options=csv.ParseOptions(delimiter=SEPARATORS[suffix]),
            read_options=csv.ReadOptions(block_size=BLOCK),
            convert_options=csv.ConvertOptions(
                null_values=list(NO_VALUE), strings_can_be_null=True
            ),
        )
    except (ValueError, OSError, EOFError) as error:
        raise _unreadable(path, error) from error
    frame: pd.DataFrame = read.to_pandas()
    return frame


def read_matrix(path: Path, kind: Kind = "counts") -> Matrix:
    """Read a matrix with a header and a column of labels, block by block.

    Parameters
    ----------
    path
        CSV, TSV or tab-separated ``.txt``, each also with ``.gz``; Parquet; or HDF5 as Chronos
        writes it (``data``, ``dim_0``, ``dim_1``).
    kind
        ``counts`` are checked and become whole numbers; ``numbers`` may be any.

    Raises
    ------
    ScreenError
        If the file can't be read, or if a value is not a count.
    """
    suffix = suffix_of(path)
    try:
        if suffix in HDF5:
            return _read_hdf5(path, kind)
        blocks = _parquet(path) if suffix in PARQUET else _text(path, SEPARATORS[suffix])
        return _matrix(blocks, path, kind)
    except ScreenError:
        raise
    except (ValueError, OSError, EOFError, KeyError, zlib.error) as error:
        raise _unreadable(path, error) from error


def _text(path: Path, separator: str) -> Iterator[Any]:
    """Record batches of a text file. Labels and genes are text, everything else is a number."""
    from pyarrow import csv

    names = _header(path, separator)
    if len(names) < 2:
        raise _refuse(
            f"labels and numbers separated by {separator!r} in {path.name}",
            f"a header of one field: {names[0][:80]!r}",
            "rename the file (.csv: commas, .tsv and .txt: tabs), or save it with that separator",
        )
    texts = 1 + is_of_genes(names[1])
    # Numbered, because labels may be empty or repeated. Repeated ones are an error later.
    numbered = [str(number) for number in range(len(names))]
    types = dict.fromkeys(numbered[:texts], "string") | dict.fromkeys(numbered[texts:], "float64")
    reader = csv.open_csv(
        path,
        # In one thread, an error names the row.
        read_options=csv.ReadOptions(
            column_names=numbered, skip_rows=1, block_size=BLOCK, use_threads=False
        ),
        parse_options=csv.ParseOptions(delimiter=separator),
        convert_options=csv.ConvertOptions(
            column_types=_arrow_types(types), null_values=list(NO_VALUE), strings_can_be_null=True
        ),
    )
    yield names, texts
    yield from reader


def _arrow_types(names: dict[str, str]) -> dict[str, Any]:
    import pyarrow as pa

    return {name: pa.type_for_alias(alias) for name, alias in names.items()}


def _header(path: Path, separator: str) -> list[str]:
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        return next(csv_lines(file, delimiter=separator))


def _parquet(path: Path) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    schema = file.schema_arrow
    texts = [field.name for field in schema if _is_text(pa, field.type)]
    genes = [name for name in texts if is_of_genes(name)]
    labels = [name for name in texts if name not in genes]
    if len(labels) != 1:
        raise _refuse(
            f"one column of labels in {path.name}", shorten(labels), "leave out the other text"
        )
    order = [*labels, *genes, *(name for name in schema.names if name not in texts)]
    yield order, len(texts)
    for batch in file.iter_batches(batch_size=ROWS):
        yield batch.select(order)


def _is_text(pa: Any, kind: Any) -> bool:
    is_text: bool = (
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_dictionary(kind)
        or pa.types.is_string_view(kind)
    )
    return is_text


def _matrix(blocks: Iterator[Any], path: Path, kind: Kind) -> Matrix:
    names, texts = next(blocks)
    columns = tuple(names[texts:])
    labels: list[str | None] = []
    genes: list[str] = []
    values: list[npt.NDArray[Any]] = []
    for batch in blocks:
        block = np.empty((batch.num_rows, len(columns)))
        for position in range(len(columns)):
            block[:, position] = batch.column(texts + position).to_numpy(zero_copy_only=False)
        first = len(labels)
        values.append(whole(block, columns, path.name, first) if kind == "counts" else block)
        labels += batch.column(0).to_pylist()
        if texts > 1:
            genes += [str(gene or "") for gene in batch.column(1).to_pylist()]
    if not labels:
        raise _refuse("a header and at least one row", f"no rows in {path.absolute()}", AGAIN)
    unnamed = [row + 1 for row, label in enumerate(labels) if label is None]
    if unnamed:
        raise _refuse(
            f"a label in every row of {path.name}",
            f"none in row {shorten(unnamed)}",
            "fill in the first column, or remove these rows",
        )
    stacked = np.concatenate(values) if len(values) > 1 else values[0]
    return Matrix(tuple(map(str, labels)), columns, stacked, path.name, tuple(genes))


def _read_hdf5(path: Path, kind: Kind) -> Matrix:
    import h5py  # type: ignore[import-untyped]

    with h5py.File(path, "r") as file:
        lacking = [name for name in ("data", "dim_0", "dim_1") if name not in file]
        if lacking:
            raise _refuse(
                f"the datasets data, dim_0 and dim_1 in {path.name}",
                f"no {', '.join(lacking)}; found: {shorten(list(file))}",
                "write the matrix as Chronos does, or as CSV or Parquet",
            )
        rows, columns = (_texts(file[name][:]) for name in ("dim_0", "dim_1"))
        data = file["data"][:]
    values = whole(data.astype(float), columns, path.name) if kind == "counts" else data
    return Matrix(rows, columns, values, path.name)


def _texts(labels: Sequence[Any]) -> tuple[str, ...]:
    return tuple(x.decode("utf-8") if isinstance(x, bytes) else str(x) for x in labels)


def _unreadable(path: Path, error: Exception) -> ScreenError:
    if "conversion error to double" in str(error):
        return _refuse(
            f"numbers in all columns after the labels of {path.name}",
            f"{path.absolute()} with: {error}",
            NO_TEXT,
        )
    return _refuse(
        f"a complete table in {path.name}",
        f"{path.absolute()} with: {error}",
        f"correct the place that the message names, or {AGAIN}",
    )


def _refuse(expected: str, got: str, fix: str) -> ScreenError:
    return ScreenError.of(Problem(expected=f"{expected}.", got=f"{got}.", fix=f"{fix}."))
