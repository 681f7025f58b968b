"""Words that figures share: names of effects, shares, and which of many are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from partialpool.plots import style
from partialpool.tidy.rows import Rows


@dataclass(frozen=True)
class Effect:
    """What a figure says about an effect.

    Attributes
    ----------
    title : such as ``gene effects``
    elements : what it has one of each for, in the plural
    axis : axis title, with the unit
    meaning : a sentence for the caption
    informed : what the measurements of an element need for its effect to show, if they may
        lack it
    """

    title: str
    elements: str
    axis: str
    meaning: str
    informed: str = ""


EFFECTS: Mapping[str, Effect] = MappingProxyType(
    {
        "gene_effect": Effect(
            "gene effects",
            "genes",
            f"gene effect ({style.LFC})",
            "Left of 0: cells that lost the gene grew worse.",
        ),
        "sgrna_effect": Effect(
            "guide effects",
            "guides",
            f"guide effect ({style.LFC})",
            "Left of 0: cells with the guide grew worse.",
        ),
        "cell_line_effect": Effect(
            "cell-line effects",
            "cell lines",
            f"cell-line effect ({style.LFC})",
            "Difference of a line from the average line, over all genes.",
        ),
        "mutation_effect": Effect(
            "mutation effects",
            "genes",
            f"mutation effect ({style.LFC})",
            "What is added where the gene is mutated.",
            "mutated measurements",
        ),
        "rna_effect": Effect(
            "RNA effects",
            "genes",
            f"RNA effect ({style.LFC} per sd of the gene's RNA)",
            "Left of 0: the more RNA of the gene, the worse cells without it grew.",
            "measurements along which its RNA varies",
        ),
        "copy_number_effect": Effect(
            "copy-number effects",
            "genes",
            f"copy-number effect ({style.LFC} per sd of the gene's copy number)",
            "Left of 0: the more copies of the gene, the worse cut cells grew.",
            "measurements along which its copy number varies",
        ),
    }
)


POPULATION = (
    "mu_x: mean of the x effects over their population; sigma_x: their standard deviation; "
    "sigma: standard deviation of a measurement around its prediction."
)


def describe(effect: str) -> Effect:
    """What a figure says about an effect, known here or not."""
    plain = effect.replace("_", " ")
    return EFFECTS.get(effect, Effect(f"{plain}s", "elements", f"{plain} ({style.LFC})", ""))


def percent(share: float) -> str:
    """``0.89`` as ``89 %``."""
    return f"{100 * share:g} %"


def sentence(text: str) -> str:
    """The text with a capital."""
    return text[:1].upper() + text[1:]


def readable(lineage: str) -> str:
    """A lineage as one writes it."""
    return lineage.replace("_", " ")


def with_lineages(lineages: Mapping[str, str]) -> dict[str, str]:
    """Cell line -> what to call it, with its lineage in brackets if that is not empty."""
    return {
        line: f"{line} ({readable(lineage)})" if lineage else line
        for line, lineage in lineages.items()
    }


def which(rows: Rows, elements: str, order: str = "") -> str:
    """Say how many elements a figure shows, and which of more.

    Parameters
    ----------
    order : what the elements shown have most of, if they are the first of more
    """
    if rows.is_complete:
        return f"{rows.n_all:,} {elements if rows.n_all != 1 else elements[:-1]}"
    n_last = len(rows.labels) - rows.n_first
    if n_last:
        return f"{rows.n_first} lowest and {n_last} highest of {rows.n_all:,} {elements}"
    some = f"{rows.n_first} of {rows.n_all:,} {elements}"
    return f"the {some} {order}" if order else some


def unit(parameters: Iterable[str]) -> str:
    """Unit of population parameters."""
    slopes = {"rna": "RNA", "copy_number": "copy number"}
    names = set(parameters)
    found = [f"of {what}: per sd" for name, what in slopes.items() if f"mu_{name}" in names]
    return style.LFC + (f" ({'; '.join(found)} within the gene)" if found else "")
