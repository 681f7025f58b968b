"""The catalog dataset for screen tables: CSV, TSV and Parquet files, with helpful errors."""

import contextlib
import csv
import gzip
import logging
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
from kedro.io import AbstractDataset

from partialpool.datasets.whole_file import replacing
from partialpool.errors import SHOWN, Problem, ScreenError, shorten
from partialpool.preparation.columns import MISSING, TEXT
from partialpool.preparation.names import known_names

logger = logging.getLogger(__name__)

SEPARATORS = {".csv": ",", ".tsv": "\t"}
PARQUET = (".parquet", ".pq")
SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", *PARQUET)

#: What Python raises for a damaged gzip file.
_GZIP_ERRORS = (OSError, EOFError, zlib.error)
_SIGNATURES = {
    b"\x1f\x8b": "gzip-compressed",
    b"PAR1": "Parquet",
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"BZh": "bzip2-compressed",
    b"\xfd7zXZ": "xz-compressed",
    b"\x28\xb5\x2f\xfd": "zstd-compressed",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}


class ScreenTableDataset(AbstractDataset[pd.DataFrame, pd.DataFrame]):
    """A screen table in a local file whose suffix determines the format.

    Suffixes are ``.csv`` and ``.tsv``, each also with ``.gz``, and ``.parquet`` or ``.pq``. In text
    files, identifiers and other text columns stay text even if they look like numbers. The types of
    other columns are inferred. Only an empty field, ``NA``, ``NaN`` and ``nan`` are missing values.
    A ``.csv`` file may have semicolons between its fields, and then decimal commas.

    Parameters
    ----------
    filepath
        Path of the table. In a catalog, a relative path starts at the project folder.
    metadata
        Any metadata. Kedro and this class ignore it.

    Raises
    ------
    ScreenError
        On loading, if the file is missing, empty, or does not match its suffix. Kedro raises it
        again as a ``DatasetError`` with the same message.

    Examples
    --------
    ```yaml
    raw_screen:
      type: partialpool.datasets.screen_table.ScreenTableDataset
      filepath: data/01_raw/screen.csv.gz
    ```
    """

    def __init__(
        self, *, filepath: str | os.PathLike[str], metadata: dict[str, Any] | None = None
    ) -> None:
        self._path = Path(filepath)
        self.metadata = metadata

    def load(self) -> pd.DataFrame:
        """Read the table, in the order of the file."""
        suffix = _suffix(self._path)
        _check_file(self._path)
        table = _read_parquet(self._path) if suffix in PARQUET else _read_text(self._path, suffix)
        if table.empty:
            raise _no_rows(self._path)
        return table

    def save(self, data: pd.DataFrame) -> None:
        """Write the table without its index. Missing values in text files are ``NA``.

        The file is written completely or not at all: first to a temporary file, which is then
        moved.
        """
        suffix = _suffix(self._path)
        with replacing(self._path) as unfinished:
            if suffix in PARQUET:
                data.to_parquet(unfinished, index=False)
            else:
                separator = SEPARATORS[suffix.removesuffix(".gz")]
                with _opened(unfinished, suffix) as file:
                    data.to_csv(file, sep=separator, index=False, na_rep="NA")

    def _exists(self) -> bool:
        return self._path.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._path)}


def _suffix(path: Path) -> str:
    """Return the longest known suffix of the file's name, in lower case."""
    name = path.name.lower()
    for suffix in sorted(SUFFIXES, key=len, reverse=True):
        if name.endswith(suffix):
            return suffix
    raise ScreenError.of(
        Problem(
            expected=f"a file name that ends in one of {', '.join(SUFFIXES)}.",
            got=f"{path.name!r}.",
            fix="rename the file to match its content, or convert it to one of these formats.",
        )
    )


def _is_gzip(suffix: str) -> bool:
    return suffix.endswith(".gz")


@contextlib.contextmanager
def _opened(path: Path, suffix: str) -> Iterator[BinaryIO | gzip.GzipFile]:
    """Open a file to write text to, compressed with gzip if its suffix says so."""
    with path.open("wb") as file:
        if _is_gzip(suffix):
            # There is no name or time stamp, so that equal tables make equal files.
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as compressed:
                yield compressed
        else:
            yield file


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise ScreenError.of(
            Problem(
                expected="a file with the screen table.",
                got=f"a folder: {path.absolute()}.",
                fix="give the path of a file in this folder.",
            )
        )
    if not path.exists():
        raise ScreenError.of(
            Problem(
                expected="a file with the screen table.",
                got=f"no file at {path.absolute()}.",
                fix="correct the path or put the file there; "
                "a relative path in the catalog starts at the project folder.",
            )
        )
    if path.stat().st_size == 0:
        raise _empty(path)


def _empty(path: Path) -> ScreenError:
    return ScreenError.of(
        Problem(
            expected="a header and at least one row.",
            got=f"an empty file: {path.absolute()}.",
            fix="write or download the table again.",
        )
    )


def _no_rows(path: Path) -> ScreenError:
    return ScreenError.of(
        Problem(
            expected="a header and at least one row.",
            got=f"no rows: {path.absolute()} contains only column names.",
            fix="check the step that wrote the table: it may have filtered out all rows.",
        )
    )


def _not_as_named(path: Path, expected: str, got: str) -> ScreenError:
    return ScreenError.of(
        Problem(
            expected=f"{expected} in {path.name}, as its suffix says.",
            got=f"{got}: {path.absolute()}.",
            fix="rename the file to match its content, convert it, or download it again.",
        )
    )


def _kind(head: bytes) -> str | None:
    """Recognise the format of a file by its first bytes, if it is not text."""
    for signature, kind in _SIGNATURES.items():
        if head.startswith(signature):
            return kind
    return "binary data" if b"\x00" in head else None


def _head(path: Path, size: int = 8192) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _check_text(path: Path, suffix: str) -> None:
    """Raise an error unless the file starts like text, inside gzip if its suffix says so."""
    head, expected = _head(path), "text"
    if _is_gzip(suffix):
        if not head.startswith(b"\x1f\x8b"):
            raise _not_as_named(path, "gzip-compressed text", f"{_kind(head) or 'plain text'}")
        try:
            with gzip.open(path) as file:
                head, expected = file.read(8192), "text inside gzip"
        except _GZIP_ERRORS as error:
            raise _damaged(path, str(error)) from error
    if not head:
        raise _empty(path)
    if (kind := _kind(head)) is not None:
        raise _not_as_named(path, expected, kind)


def _damaged(path: Path, reason: str) -> ScreenError:
    return ScreenError.of(
        Problem(
            expected="a complete gzip file.",
            got=f"a truncated or damaged one: {path.absolute()} ({reason}).",
            fix="download or compress the file again.",
        )
    )


def _not_utf8(path: Path, where: str) -> ScreenError:
    return ScreenError.of(
        Problem(
            expected="text in UTF-8.",
            got=f"bytes that are not UTF-8 in {where} of {path.absolute()}.",
            fix="save the table as UTF-8, for instance: "
            f"iconv -f latin1 -t utf-8 {path.name.removesuffix('.gz')} > utf8.csv",
        )
    )


def _read_text(path: Path, suffix: str) -> pd.DataFrame:
    """Read delimited text, plain or gzipped.

    pyarrow is used because it refuses rows that are too short. pandas would fill them up.
    """
    import pyarrow as pa  # here, because it would slow down the start of all kedro commands

    _check_text(path, suffix)
    delimiter = SEPARATORS[suffix.removesuffix(".gz")]
    try:
        names = _names(path, suffix, delimiter)
        if delimiter == "," and len(names) == 1 and ";" in names[0]:
            delimiter = ";"
            names = _names(path, suffix, delimiter)
        _check_header(path, names, delimiter)
        table = _parsed(path, delimiter, names)
        if delimiter == ";":
            table = _with_decimal_commas(path, names, table)
            logger.info("%s is read with semicolons between its fields.", path.name)
        _check_decoded(path, table.schema)
        frame: pd.DataFrame = table.to_pandas()
        return frame
    except UnicodeDecodeError as error:
        raise _not_utf8(path, "the header") from error
    except pa.ArrowInvalid as error:
        if _is_gzip(suffix):
            _check_whole(path)
        raise _unreadable(path, delimiter, str(error)) from error
    except OSError as error:
        if not _is_gzip(suffix):
            raise
        raise _damaged(path, str(error)) from error


def _names(path: Path, suffix: str, delimiter: str) -> list[str]:
    """Read the names of the columns."""
    with gzip.open(path) if _is_gzip(suffix) else path.open("rb") as file:
        header = file.readline().decode("utf-8-sig")
    return next(csv.reader([header], delimiter=delimiter), [])


def _parsed(path: Path, delimiter: str, names: list[str], decimal_point: str = ".") -> Any:
    """Read the whole file with pyarrow. Text columns stay text, whatever they are called."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    known = known_names(names)
    text = [name for name in names if known.get(name, name) in TEXT]
    return arrow_csv.read_csv(
        path,
        parse_options=arrow_csv.ParseOptions(delimiter=delimiter),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(text, pa.string()),
            null_values=list(MISSING),
            strings_can_be_null=True,
            decimal_point=decimal_point,
        ),
    )


def _with_decimal_commas(path: Path, names: list[str], table: Any) -> Any:
    """Read numbers with decimal commas, if all fractions of the file are written so.

    If some column has both commas and points, it stays text, which is refused later.
    """
    import pyarrow as pa

    is_text = [pa.types.is_string(field.type) for field in table.schema]
    again = _parsed(path, ";", names, decimal_point=",")
    were_read = [
        name
        for name, before, field in zip(names, is_text, again.schema, strict=True)
        if before and pa.types.is_floating(field.type)
    ]
    if not were_read:
        return table
    logger.info("Commas are read as decimal points in %s.", shorten(were_read))
    for name in were_read:
        table = table.set_column(names.index(name), name, again[name])
    return table


def _check_header(path: Path, names: list[str], delimiter: str) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ScreenError.of(
            Problem(
                expected="different names for all columns.",
                got=f"{shorten(repeated)} more than once in {path.absolute()}.",
                fix="rename or remove the repeated columns.",
            )
        )
    if len(names) == 1 and any(other in names[0] for other in ",;\t|" if other != delimiter):
        raise ScreenError.of(
            Problem(
                expected=f"fields separated by {delimiter!r} in {path.name}, as its suffix says.",
                got=f"a header of one field: {names[0][:80]!r}.",
                fix="rename the file (.csv: commas, .tsv: tabs), or save it with that separator.",
            )
        )


def _check_decoded(path: Path, schema: Any) -> None:
    """Raise an error if pyarrow read a column as bytes."""
    undecoded = [field.name for field in schema if str(field.type) == "binary"]
    if undecoded:
        raise _not_utf8(path, f"column {shorten(undecoded)}")


def _check_whole(path: Path) -> None:
    """Raise an error if a gzip file is damaged: what it unpacks to is then not what was packed."""
    try:
        with gzip.open(path) as file:
            while file.read(1 << 20):
                pass
    except _GZIP_ERRORS as error:
        raise _damaged(path, str(error)) from error


def _unreadable(path: Path, delimiter: str, reason: str) -> ScreenError:
    """Explain why pyarrow could not read the text."""
    if "UTF8" in reason:
        column = reason.partition("In CSV column #")[2].partition(":")[0]
        return _not_utf8(path, f"column {int(column) + 1}" if column.isdigit() else "a field")
    ragged = _ragged_rows(path, delimiter)
    if not ragged:
        return ScreenError.of(
            Problem(
                expected=f"a table that can be read as {path.name.removesuffix('.gz')}.",
                got=f"{path.absolute()} with: {reason}",
                fix="open the file in a text editor and correct the place that the message names.",
            )
        )
    expected = ragged[0].expected_columns
    rows = (f"row {row.number - 1} with {row.actual_columns}" for row in ragged[:SHOWN])
    return ScreenError.of(
        Problem(
            expected=f"{expected} fields in every row of {path.name}, as in its header.",
            got=f"{shorten(rows, total=len(ragged))} (rows are counted below the header).",
            fix="look for a truncated line, or for a field that contains the separator or a quote "
            "but is not quoted.",
        )
    )


def _ragged_rows(path: Path, delimiter: str) -> list[Any]:
    """Read the file again, in order, and collect rows with too many or too few fields."""
    from pyarrow import csv as arrow_csv

    ragged: list[Any] = []

    def skip(row: Any) -> str:
        ragged.append(row)
        return "skip"

    tolerant = arrow_csv.ParseOptions(delimiter=delimiter, invalid_row_handler=skip)
    in_order = arrow_csv.ReadOptions(use_threads=False)
    with contextlib.suppress(ValueError, OSError):
        arrow_csv.read_csv(path, parse_options=tolerant, read_options=in_order)
    return ragged


def _read_parquet(path: Path) -> pd.DataFrame:
    import pyarrow as pa  # here, because it would slow down the start of all kedro commands

    head = _head(path)
    if not head.startswith(b"PAR1"):
        raise _not_as_named(path, "a Parquet table", _kind(head) or "text")
    try:
        return pd.read_parquet(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise ScreenError.of(
            Problem(
                expected="a complete Parquet file.",
                got=f"a truncated or damaged one: {path.absolute()} ({error}).",
                fix="download or write the file again.",
            )
        ) from error
