"""What a figure is: its tables, its drawing, its caption, and when it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any, Literal, get_args

#: The parts of the page, in order. Each is also what the parameter ``figures`` can ask for.
Group = Literal["screen", "comparison", "effects", "predictions", "errors", "sampler", "priors"]
GROUPS: tuple[Group, ...] = get_args(Group)

#: When a figure is drawn without being asked for:
#:
#: - ``always``: for every screen, or for every fit that has what it needs;
#: - ``answer``: for the fit that the report takes its answer from;
#: - ``own``: as ``answer``, and for a model whose last effect it shows, such as
#:   ``mutation_effects`` for model ``mutation``;
#: - ``failed``: for a fit that failed its convergence check;
#: - ``on request``: never.
Drawn = Literal["always", "answer", "own", "failed", "on request"]


@dataclass(frozen=True)
class Figure:
    """One figure, declared in the file that bears its name.

    Attributes
    ----------
    title
        Title on the page.
    how_to_read
        One or two sentences that say how to read it.
    group
        The part of the page that it stands in.
    place
        Its place within the group, lowest first.
    tables
        Makes the tidy tables that the figure draws. Its parameters name what it takes of a screen
        or a fit, see ``partialpool.figures.given``. It gives the arguments of ``draw`` by name.
        Where there is nothing to draw, it gives a sentence that says why.
    draw
        Makes the plot, of plotnine or matplotlib. Another process may call it.
    drawn
        When it is drawn without being asked for.
    effect
        The effect that it shows; models without it do not have the figure.
    needs
        Results that not every fit has, such as ``recovery``, which only fits to a simulated screen
        have.
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

    @property
    def name(self) -> str:
        """Name of the figure and of its file, such as ``gene_effects``."""
        return self.tables.__module__.rpartition(".")[2]

    def made_of(self, given: object) -> Mapping[str, Any] | str:
        """Make the tables.

        Parameters
        ----------
        given
            What there is to draw. The parameters of ``tables`` are names of its attributes, see
            ``partialpool.figures.given``.

        Returns
        -------
        Mapping[str, Any] | str
            The arguments of ``draw``, or why there is nothing to draw.
        """
        return self.tables(
            **{name: getattr(given, name) for name in signature(self.tables).parameters}
        )
