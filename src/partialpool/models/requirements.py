"""What models require of a screen: columns, and enough genes, guides and lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pandas as pd

from partialpool.errors import Problem, ScreenError, shorten
from partialpool.models import DEPENDENCY, MODEL_NAMES, MODELS, Model
from partialpool.models.effects import ZERO_SUM, Effect
from partialpool.models.guide_matrix import MIN_LINES
from partialpool.screen import COVARIATE_SOURCES, DIMS, MIN_GENES, dim_column

#: An effect that sums to zero and has only one element is 0.
MIN_ZERO_SUM = 2


class Lack(NamedTuple):
    """A requirement of a model, and what the table has instead."""

    expected: str
    got: str


def require_inputs(table: pd.DataFrame, models: Sequence[str]) -> None:
    """Refuse a modelling table to which one of the models can't be fitted.

    Raises
    ------
    ScreenError
        If a model can't be fitted. The message says what each model needs, and which models can be
        fitted: those of ``models``, or if there are none, any others.
    """
    needy = {name: lacks for name in models if (lacks := list(_lacks_of(table, name)))}
    if not needy:
        return
    others = [name for name in models if name not in needy]
    others = others or [name for name in MODEL_NAMES if not list(_lacks_of(table, name))]
    leave_out = f", or fit the other models: --params models={','.join(others)}" if others else ""
    raise ScreenError.of(
        Problem(
            expected="; ".join(
                f"{', '.join(lack.expected for lack in lacks)} for {name}"
                for name, lacks in needy.items()
            ),
            got="a table with "
            + ", ".join(dict.fromkeys(lack.got for lacks in needy.values() for lack in lacks)),
            fix=f"add what is missing{leave_out}",
        )
    )


def _lacks_of(table: pd.DataFrame, name: str) -> Iterator[Lack]:
    if name != DEPENDENCY:
        yield from _lacks(table, MODELS[name])
        return
    yield from _too_few(table, "gene", MIN_GENES, "")
    yield from _too_few(table, "cell_line", MIN_LINES, "")


def _lacks(table: pd.DataFrame, model: Model) -> Iterator[Lack]:
    sources = {name: COVARIATE_SOURCES[name] for name in model.covariates}
    new = {dim: dim_column(dim) for dim in model.dims if dim not in DIMS}
    absent = [sources[name] for name in sources if name not in table]
    absent += [column for column in new.values() if column not in table]
    if absent:
        yield from (Lack(column, f"no {column}") for column in absent)
        return
    expected = [*map(dim_column, model.dims), *sources]
    rows = table.loc[table[expected].notna().all(axis=1), [dim_column(dim) for dim in model.dims]]
    known = [*new.values(), *sources.values()]
    where = f" with {' and '.join(known)}" if known else ""
    yield from _too_few(rows, "gene", MIN_GENES, where)
    for effect in model.populations():
        if effect.mean is ZERO_SUM:
            yield from _too_few(rows, effect.dims[0], MIN_ZERO_SUM, where)
        if isinstance(effect.mean, Effect):
            yield from _one_each(rows, effect, effect.mean, where)


def _too_few(rows: pd.DataFrame, dim: str, least: int, where: str) -> Iterator[Lack]:
    found = rows[dim_column(dim)].unique()
    if len(found) < least:
        what = dim.replace("_", " ")
        yield Lack(f"{least} {what}s{where}", f"{len(found)} {what}s{where} ({shorten(found)})")


def _one_each(rows: pd.DataFrame, fine: Effect, coarse: Effect, where: str) -> Iterator[Lack]:
    """With one element per group, the spreads within and between groups can't be separated."""
    counts = [
        rows.groupby([dim_column(dim) for dim in effect.dims], observed=True).ngroups
        for effect in (fine, coarse)
    ]
    if counts[0] == counts[1]:
        few, many = (" x ".join(effect.dims) for effect in (coarse, fine))
        yield Lack(f"a {few} of 2 {many}s{where}", f"one {many} for each {few}{where}")
