"""Which figures there are, and which of them are drawn."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Literal

from partialpool.figures.figure import GROUPS, Figure

#: What a figure can be of. Each is a folder with a file for each figure.
Subject = Literal["screen", "fit", "comparison"]

#: Asks for every figure.
ALL = "all"


@cache
def figures_of(subject: Subject) -> tuple[Figure, ...]:
    """Find every figure of a screen, of a fit, or of all fits, in the order of the page.

    A file whose name starts with ``_`` is no figure: it holds what some figures share.
    """
    package = import_module(f"partialpool.figures.{subject}")
    names = [m.name for m in iter_modules(package.__path__) if not m.name.startswith("_")]
    found: list[Figure] = [import_module(f"{package.__name__}.{name}").FIGURE for name in names]
    return tuple(sorted(found, key=lambda figure: (GROUPS.index(figure.group), figure.place)))


def requested(figures: Iterable[Figure], groups: Collection[str]) -> list[Figure]:
    """Choose the figures of a screen or of all fits that are drawn.

    Parameters
    ----------
    figures
        Those there are.
    groups
        Groups of which every figure is drawn; ``all`` asks for all groups.
    """
    return [one for one in figures if one.drawn == "always" or _asked_for(one, groups)]


def requested_of_fit(
    groups: Collection[str],
    *,
    effects: Collection[str],
    own_effect: str,
    results: Collection[str],
    is_answer: bool,
    passed: bool,
) -> list[Figure]:
    """Choose the figures of a fit that are drawn.

    Parameters
    ----------
    groups
        Groups of which every figure is drawn; ``all`` asks for all groups.
    effects
        Effects of the model.
    own_effect
        The last of them: what the model adds to simpler ones.
    results
        Names of what the fit gave.
    is_answer
        Whether the report takes its answer from this fit.
    passed
        Whether it passed its convergence check.
    """
    when = {
        "always": True,
        "answer": is_answer,
        "failed": not passed,
        "on request": False,
    }
    return [
        one
        for one in figures_of("fit")
        if (not one.effect or one.effect in effects)
        and set(one.needs) <= set(results)
        and (when.get(one.drawn, is_answer or one.effect == own_effect) or _asked_for(one, groups))
    ]


def _asked_for(figure: Figure, groups: Collection[str]) -> bool:
    return ALL in groups or figure.group in groups
