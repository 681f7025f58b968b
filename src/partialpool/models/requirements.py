"""What the models need of a screen: columns, and how many there are of what they tell apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pandas as pd

from partialpool.errors import Problem, ScreenError, shorten
from partialpool.models import MODELS, Model
from partialpool.screen import COVARIATE_SOURCES, DIM_COLUMNS, MIN_GENES, NESTED_IN

#: An effect that sums to zero is 0 where it has one element.
MIN_ZERO_SUM = 2


class Lack(NamedTuple):
    """What a model needs of a table, and what it finds there."""

    needed: str
    came: str


def require_inputs(table: pd.DataFrame, models: Sequence[str]) -> None:
    """Refuse a modelling table on which one of the models can't be fitted.

    Raises
    ------
    ScreenError
        Names what each model lacks, and the models that can do without: those of ``models``, or
        any if none of these can.
    """
    needy = {name: lacks for name in models if (lacks := list(_lacks(table, MODELS[name])))}
    if not needy:
        return
    others = [name for name in models if name not in needy]
    others = others or [name for name, model in MODELS.items() if not list(_lacks(table, model))]
    leave_out = f', or fit the other models: --params "models={" ".join(others)}"' if others else ""
    raise ScreenError.of(
        Problem(
            needed="; ".join(
                f"{', '.join(lack.needed for lack in lacks)} for {name}"
                for name, lacks in needy.items()
            ),
            came="a table with "
            + ", ".join(dict.fromkeys(lack.came for lacks in needy.values() for lack in lacks)),
            mend=f"add what is missing{leave_out}",
        )
    )


def _lacks(table: pd.DataFrame, model: Model) -> Iterator[Lack]:
    sources = {name: COVARIATE_SOURCES[name] for name in model.covariates}
    absent = [source for name, source in sources.items() if name not in table]
    if absent:
        yield from (Lack(source, f"no {source}") for source in absent)
        return
    labels = table[list(DIM_COLUMNS.values())]
    rows = labels[table[list(sources)].notna().all(axis=1)] if sources else labels
    where = f" with {' and '.join(sources.values())}" if sources else ""
    yield from _too_few(rows, "gene", MIN_GENES, where)
    for effect in model.zero_sum:
        for dim in model.term(effect).dims:
            yield from _too_few(rows, dim, MIN_ZERO_SUM, where)
    for effect in model.levels:
        yield from _one_each(rows, model.term(effect).dims[0], where)


def _too_few(rows: pd.DataFrame, dim: str, least: int, where: str) -> Iterator[Lack]:
    found = rows[DIM_COLUMNS[dim]].unique()
    if len(found) < least:
        what = dim.replace("_", " ")
        yield Lack(f"{least} {what}s{where}", f"{len(found)} {what}s{where} ({shorten(found)})")


def _one_each(rows: pd.DataFrame, fine: str, where: str) -> Iterator[Lack]:
    """Elements that are alone in their group vary as groups do: their spreads can't be told."""
    coarse = NESTED_IN[fine]
    if rows[DIM_COLUMNS[fine]].nunique() == rows[DIM_COLUMNS[coarse]].nunique():
        yield Lack(f"a {coarse} of 2 {fine}s{where}", f"one {fine} for each {coarse}{where}")
