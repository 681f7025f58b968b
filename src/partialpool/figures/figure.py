"""Declares a figure: its tables, its drawing, its caption, and when it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any, Literal, get_args

#: The groups of figures, in the order of the page. The parameter ``figures`` can ask for each.
Group = Literal[
    "screen",
    "comparison",
    "dependencies",
    "quality",
    "effects",
    "predictions",
    "errors",
    "sampler",
    "priors",
]
GROUPS: tuple[Group, ...] = get_args(Group)

#: When a figure is drawn although the parameter ``figures`` does not ask for it:
#:
#: - ``always``: for every screen, or for every fit that has what the figure needs;
#: - ``answer``: for the fit that the report takes its answer from;
#: - ``own``: for this fit too, and for models whose last effect the figure shows, such as
#:   ``mutation_effects`` for model ``mutation``;
#: - ``failed``: for a fit that failed its convergence check;
#: - ``on request``: never.
Drawn = Literal["always", "answer", "own", "failed", "on request"]
DRAWN: tuple[Drawn, ...] = get_args(Drawn)


@dataclass(frozen=True)
class Figure:
    """One figure, declared in the file with its name.

    Attributes
    ----------
    title
        The title on the page.
    how_to_read
        One or two sentences that say how to read the figure.
    group
        The group that the figure belongs to.
    place
        The place within the group, lowest first.
    tables
        Makes the tables that the figure draws. Its parameters are names of data of a screen or a
        fit, see ``partialpool.figures.given``. It returns the arguments of ``draw`` by name. If
        there is nothing to draw, it returns a sentence that says why.
    draw
        Makes a plot of plotnine or matplotlib. Another process may call it.
    drawn
        When the figure is drawn although the parameter ``figures`` does not ask for it.
    effect
        The effect that the figure shows. It is not drawn for models without this effect.
    needs
        Required results that not every fit or screen has. Only fits to a simulated screen have
        ``recovery``. Only screens that were made from counts have ``sequence_qc``.
    """

    title: str
    how_to_read: str
    group: Group
    place: int
    tables: Callable[..., Mapping[str, Any] | str]
    draw: Callable[..., Any]
    drawn: Drawn = "always"
    effect: str = ""
    needs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a group or a time to draw that does not exist."""
        for name, value, known in (("group", self.group, GROUPS), ("drawn", self.drawn, DRAWN)):
            if value not in known:
                raise ValueError(f"{self.name}: {name} is {value!r}; known: {', '.join(known)}")

    @property
    def name(self) -> str:
        """The name of the figure and of its file, such as ``gene_effects``."""
        return self.tables.__module__.rpartition(".")[2]

    def made_of(self, given: object) -> Mapping[str, Any] | str:
        """Make the tables.

        Parameters
        ----------
        given
            The data. The parameters of ``tables`` are names of its attributes, see
            ``partialpool.figures.given``.

        Returns
        -------
        Mapping[str, Any] | str
            The arguments of ``draw``, or a sentence that says why there is nothing to draw.
        """
        return self.tables(
            **{name: getattr(given, name) for name in signature(self.tables).parameters}
        )
