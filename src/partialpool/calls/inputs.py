"""What of the modelling table the dependency model uses besides the log fold changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

import pandas as pd
from pydantic import AfterValidator, BeforeValidator, model_validator

from partialpool.calls.call_settings import ContrastSettings
from partialpool.calls.contrasts import Groups, each_pair, each_value, file_name, weights_of
from partialpool.errors import Problem, ScreenError
from partialpool.line_lists import read_lines
from partialpool.parameters import Parameters, words

#: Names of contrasts become parts of the names of files.
NAME = re.compile(r"[\w.-]+")


def _check_names(contrasts: dict[str, ContrastSettings]) -> dict[str, ContrastSettings]:
    if wrong := [name for name in contrasts if not NAME.fullmatch(name)]:
        raise ValueError(f"names of contrasts consist of letters, digits, . _ and -; got {wrong}")
    return contrasts


Contrasts = Annotated[dict[str, ContrastSettings], AfterValidator(_check_names)]


class DependencyInputs(Parameters):
    """What of the modelling table is used.

    Attributes
    ----------
    copy_number
        Whether the effect of copy number is estimated and removed, if the table has ``gene_cn``.
    count_noise
        Whether the noise that counting adds is used, if the table has ``lfc_count_sd``.
    drop_failing
        Whether replicates that fail QC are left out.
    contrasts
        Groups of lines that are compared. It is an error if the table lacks a group.
    standard_contrasts
        The same, but contrasts that the table does not allow are left out.
    compare
        Columns of which each value is compared with the others.
    compare_pairs
        Columns of which each value is compared with each other value.

    Notes
    -----
    Files with lines are read when the settings are made, so that their content, and not their path,
    is what a fit depends on: ``contrast_path`` becomes ``contrasts``, and ``file`` and
    ``against_file`` of a contrast become ``lines`` and ``against_lines``.
    """

    copy_number: bool
    count_noise: bool
    drop_failing: bool
    contrasts: Contrasts
    standard_contrasts: Contrasts
    compare: Annotated[tuple[str, ...], BeforeValidator(words)]
    compare_pairs: Annotated[tuple[str, ...], BeforeValidator(words)]

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        others = {name: value for name, value in values.items() if name != "contrast_path"}
        named = others.get("contrasts")
        found = [*_from_path(values.get("contrast_path"))]
        for name, contrast in named.items() if isinstance(named, Mapping) else ():
            found += _read(str(name), contrast)
        names = [name for name, _ in found]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"several contrasts are called {', '.join(twice)}")
        return others | ({"contrasts": dict(found)} if found else {})

    def groups(self, table: pd.DataFrame) -> Groups:
        """Weights of the lines in each contrast, and contrasts that can't be made.

        Raises
        ------
        ScreenError
            If a contrast names a column, value, gene or line that is not in the table, or if a
            group has fewer than two lines.
        """
        found = Groups({}, {})
        for name, contrast in self.standard_contrasts.items():
            if contrast.column is not None and contrast.column not in table:
                reason = f"expected column {contrast.column}; the table does not have it"
                found.left_out[name] = reason
                continue
            try:
                found.weights[name] = weights_of(table, contrast)
            except ScreenError as error:
                found.left_out[name] = _got(error)
        for columns, compare in ((self.compare, each_value), (self.compare_pairs, each_pair)):
            for column in columns:
                made = compare(table, column)
                found.weights.update(made.weights)
                found.left_out.update(made.left_out)
        for name, contrast in self.contrasts.items():
            found.weights[name] = weights_of(table, contrast)
        return found


def _from_path(path: str | None) -> list[tuple[str, Any]]:
    groups = read_lines(path) if path is not None else {}
    return [(file_name(name), {"lines": lines}) for name, lines in groups.items()]


def _read(name: str, contrast: Any) -> list[tuple[str, Any]]:
    """The contrast with lines in the place of files; one for each group of its file."""
    if not isinstance(contrast, Mapping) or not {"file", "against_file"} & {*contrast}:
        return [(name, contrast)]
    given = dict(contrast)
    groups = _one_or_more(name, given, "file")
    against = _one_or_more(name, given, "against_file")
    if len(against) == 1:
        (given["against_lines"],) = against.values()
    if len(against) > 1:
        problem = Problem(
            expected=f"one group of lines in against_file of contrast {name}",
            got=f"{len(against)}: {', '.join(against)}",
            fix="leave out the column of groups, or the lines of the other groups",
        )
        raise ScreenError.of(problem)
    if not groups:
        return [(name, given)]
    names = [name] if len(groups) == 1 else [file_name(name, group) for group in groups]
    return [(n, given | {"lines": g}) for n, g in zip(names, groups.values(), strict=True)]


def _one_or_more(name: str, given: dict[str, Any], key: str) -> dict[str, tuple[str, ...]]:
    """Groups of the file that ``key`` of the contrast names; takes it out of ``given``."""
    path = given.pop(key, None)
    if path is None:
        return {}
    other = "lines" if key == "file" else "against_lines"
    if given.get(other) is not None:
        raise ValueError(f"contrast {name} has {key} and {other}; give one of them")
    return read_lines(path)


def _got(error: ScreenError) -> str:
    """What was found, from the message of an error."""
    lines = [line for line in str(error).splitlines() if line.startswith("Got: ")]
    return "; ".join(line.removeprefix("Got: ") for line in lines)
