"""Groups of cell lines in a file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from partialpool.errors import Problem, ScreenError, shorten

#: Names of the column with lines, as in screen tables and in the files of DepMap.
LINES = ("depmap_id", "ModelID", "cell_line", "line")
#: Names of the column that says which contrast a line belongs to.
CONTRASTS = ("contrast", "group")
SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}


def read_lines(path: str | Path) -> dict[str, tuple[str, ...]]:
    """Read groups of lines: name of the group -> its lines.

    Parameters
    ----------
    path
        Path of a file with a header that ends in ``.csv``, ``.tsv`` or ``.txt``. Lines are in the
        column ``depmap_id``, ``ModelID``, ``cell_line`` or ``line``, or in the only column. A
        column ``contrast`` or ``group`` names the groups. A relative path starts at the current
        folder.

    Returns
    -------
    dict[str, tuple[str, ...]]
        Lines of each group, without repeated ones. Without a column of groups, the name is that of
        the file without its suffix.

    Raises
    ------
    ScreenError
        If there is no such file, or no lines in it.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise _refuse("a file with a list of lines", f"no file at {path.absolute()}")
    if path.suffix.lower() not in SEPARATORS:
        raise _refuse(
            f"a list of lines in a file that ends in {', '.join(SEPARATORS)}", str(path.absolute())
        )
    separator = SEPARATORS[path.suffix.lower()]
    try:
        table = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False)
    except (ValueError, OSError) as error:
        raise _refuse("a list of lines", f"{path.absolute()} with: {error}") from error
    named = next((name for name in CONTRASTS if name in table), None)
    lines = _lines(table, named, path).str.strip()
    groups = table[named].str.strip() if named else pd.Series(path.stem, index=table.index)
    _require_both(lines, groups, path)
    pairs = pd.DataFrame({"line": lines, "group": groups})[lines != ""].drop_duplicates()
    if pairs.empty:
        raise _refuse("a list of lines", f"no lines in {path.absolute()}")
    return {str(name): tuple(rows) for name, rows in pairs.groupby("group", sort=False)["line"]}


def _lines(table: pd.DataFrame, named: str | None, path: Path) -> pd.Series:
    column = next((name for name in LINES if name in table), None)
    others = table.columns.drop(named) if named else table.columns
    if column is None and len(others) != 1:
        raise _refuse(
            f"one column with lines, or a column {' or '.join(LINES)}",
            f"columns {shorten([*table.columns])} in {path.absolute()}",
        )
    return table[column or others[0]]


def _require_both(lines: pd.Series, groups: pd.Series, path: Path) -> None:
    half = [f"row {n + 2}" for n in lines.index[(lines != "") & (groups == "")]]
    if half:
        raise _refuse(
            "the name of a group in each row with a line",
            f"none in {shorten(half)} of {path.absolute()}",
        )


def _refuse(expected: str, got: str) -> ScreenError:
    fix = "correct the path or the file"
    return ScreenError.of(Problem(expected=f"{expected}.", got=f"{got}.", fix=f"{fix}."))
