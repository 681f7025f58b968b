"""Finds all figures, and chooses those that are drawn."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from partialpool.figures.figure import GROUPS, Figure
from partialpool.figures.given import OfFit

#: The word that asks for every figure.
ALL = "all"


@cache
def figures_in(package: ModuleType) -> tuple[Figure, ...]:
    """Find the figures of a screen, of a fit, or of all fits, in the order of the page.

    Parameters
    ----------
    package
        A package with a file for each figure, such as ``partialpool.figures.fit``. A file whose
        name starts with ``_`` is not a figure but contains code that some figures share.
    """
    names = [m.name for m in iter_modules(package.__path__) if not m.name.startswith("_")]
    found: list[Figure] = [import_module(f"{package.__name__}.{name}").FIGURE for name in names]
    return tuple(sorted(found, key=lambda figure: (GROUPS.index(figure.group), figure.place)))


#: When a figure that is not of a fit can be drawn.
OF_NO_FIT = ("always", "on request")


def requested(
    figures: Iterable[Figure], groups: Collection[str], results: Collection[str] = ()
) -> list[Figure]:
    """Choose the figures to draw of a screen or of all fits.

    Parameters
    ----------
    figures
        All figures.
    groups
        Groups whose figures are all drawn; ``all`` asks for all groups.
    results
        Results that not every screen has.
    """
    for one in figures:
        if one.drawn not in OF_NO_FIT or one.effect:
            raise ValueError(f"{one.name}: drawn={one.drawn!r} and effect are for fits")
    return [
        one
        for one in figures
        if set(one.needs) <= set(results) and (one.drawn == "always" or _asked_for(one, groups))
    ]


def requested_of_fit(figures: Iterable[Figure], fit: OfFit, *, is_answer: bool) -> list[Figure]:
    """Choose the figures to draw of a fit.

    Parameters
    ----------
    figures
        All figures.
    fit
        The data of the fit. Its options name the groups whose figures are all drawn.
    is_answer
        Whether the report takes its answer from this fit.
    """
    spec = fit.settings.spec
    own, effects = (
        spec.terms[-1].effect,
        {term.effect for term in spec.terms} | set(spec.levels.values()),
    )
    failed = not fit.verdict["passed"]
    return [
        one
        for one in figures
        if (not one.effect or one.effect in effects)
        and set(one.needs) <= fit.results
        and (_fits(one, own, is_answer, failed) or _asked_for(one, fit.options.figures))
    ]


def _fits(figure: Figure, own_effect: str, is_answer: bool, failed: bool) -> bool:
    match figure.drawn:
        case "always":
            return True
        case "answer":
            return is_answer
        case "own":
            return is_answer or figure.effect == own_effect
        case "failed":
            return failed
        case "on request":
            return False


def _asked_for(figure: Figure, groups: Collection[str]) -> bool:
    return ALL in groups or figure.group in groups
