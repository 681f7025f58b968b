"""Words that figures share: names of effects, shares, and which elements are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from partialpool.figures.parts import style
from partialpool.figures.parts.rows import Rows
from partialpool.models import EFFECTS
from partialpool.models.effects import Effect
from partialpool.screen import COVARIATES

POPULATION = (
    "mu_x: mean of the x effects over their population. sigma_x: their standard deviation. "
    "sigma: standard deviation of a measurement around its prediction."
)


def explained(effect: Effect) -> str:
    """Say what a value of an effect means, and how to read its sign."""
    return f"{sentence(effect.meaning)}. {effect.reading}".strip()


def percent(share: float) -> str:
    """Write ``0.89`` as ``89 %``."""
    return f"{100 * share:g} %"


def sentence(text: str) -> str:
    """Write a text with a capital."""
    return text[:1].upper() + text[1:]


def counted(n: int, thing: str) -> str:
    """Write a count, such as ``1 gene`` or ``2,500 genes``."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def readable(lineage: str) -> str:
    """Write a lineage without underscores."""
    return lineage.replace("_", " ")


def with_lineages(lineages: Mapping[str, str]) -> dict[str, str]:
    """Name each cell line, with its lineage in brackets if it is known."""
    return {
        line: f"{line} ({readable(lineage)})" if lineage else line
        for line, lineage in lineages.items()
    }


def which(rows: Rows, elements: str, order: str = "") -> str:
    """Say how many elements a figure shows and, if some are left out, which.

    Parameters
    ----------
    rows
        The rows of the figure.
    elements
        The name of the elements, in the plural.
    order
        A phrase about the shown elements, such as ``with the largest errors``.
    """
    if rows.is_complete:
        return f"{rows.n_all:,} {elements if rows.n_all != 1 else elements[:-1]}"
    n_last = len(rows.labels) - rows.n_first
    if n_last:
        return f"{rows.n_first} lowest and {n_last} highest of {rows.n_all:,} {elements}"
    some = f"{rows.n_first} of {rows.n_all:,} {elements}"
    return f"the {some} {order}" if order else some


def unit(parameters: Iterable[str]) -> str:
    """Write the unit of population parameters."""
    names = set(parameters)
    slopes = [e for e in EFFECTS.values() if e.along and COVARIATES[e.along].per]
    found = [
        f"of {COVARIATES[str(effect.along)].noun}: per sd"
        for effect in slopes
        if names.intersection(prior.name for prior in effect.priors)
    ]
    return style.LFC + (f" ({'; '.join(found)} within the gene)" if found else "")
