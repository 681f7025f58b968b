"""Captions of tables, effects and sections. Figures declare their own captions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from partialpool.models import effect_named


@dataclass(frozen=True)
class Caption:
    """A title, and sentences that say how to read the thing below it."""

    title: str
    how_to_read: str


#: Group of figures -> title on the page.
GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "screen": "The screen",
        "comparison": "All models",
        "dependencies": "Which lines depend on which genes?",
        "quality": "Which replicates, lines and genes should be distrusted?",
        "effects": "What the model found",
        "predictions": "Does the model fit the data?",
        "errors": "Where are the predictions wrong?",
        "sampler": "How did the chains move?",
        "priors": "What does the model assume before it sees data?",
    }
)

TABLES: Mapping[str, Caption] = MappingProxyType(
    {
        "first_rows": Caption(
            "The first rows",
            "The table that the models are fitted to. A row is one guide in one replicate.",
        ),
        "describe": Caption(
            "The numbers of the screen",
            "A row per column of the table. Half of the values lie between q25 and q75.",
        ),
        "scale_priors": Caption(
            "What each model assumes about standard deviations",
            "A row per standard deviation of a model.",
        ),
        "estimates_vs_published": Caption(
            "Estimates beside the published ones",
            "The notebook printed the published estimates for the same screen. If the distance is "
            "far below one standard deviation (sd), both posteriors are the same. The notebook's "
            "model determines only the sum of the levels of genes and cell lines. So genes and "
            "lines are compared relative to the average cell line, and their distance is in sds of "
            "this fit. Intervals can be compared less well: the notebook's intervals called 0.89 "
            "are intervals of the mean of a measurement, and 94 % intervals of this fit reproduce "
            "them within 0.03.",
        ),
        "population": Caption(
            "Means and standard deviations of all genes, guides and cell lines",
            "A name with mu is a mean, a name with sigma is a standard deviation. A wide interval "
            "means that the model is unsure.",
        ),
        "adequacy": Caption(
            "Measurements inside their intervals",
            "All genes, and the cell lines and replicates whose share is not as expected. Too few "
            "inside: the group varies more than the model predicts, or around another mean. Too "
            "many inside: it varies less. Rows of the shape show the share of measurements in one "
            "part of their predictive distributions.",
        ),
        "coverage": Caption(
            "Planted values inside their intervals",
            "Counts the planted values that lie inside their intervals. The expected range holds "
            "the count in 95 % of correct fits, if the values are independent.",
        ),
        "model_comparison": Caption(
            "Models ranked by how well they predict new measurements",
            "Each measurement is predicted as if the model had not seen it. The best model comes "
            "first. A difference below twice its standard error means little. If a model saw fewer "
            "measurements than the others, more rows compare all models on these measurements.",
        ),
    }
)

#: Section -> caption. Models have sections of their own.
SECTIONS: Mapping[str, Caption] = MappingProxyType(
    {
        "data": Caption("The data", ""),
        "comparison": Caption("All models compared", ""),
        "expression_data": Caption(
            "A second, small screen with RNA",
            "The simulated screen of the expression notebook. The section of the fit "
            "expression_simulated shows how well the model recovers the planted values.",
        ),
    }
)

#: How to read the effect of a gene.
GENE_READING = " Below 0, cells grow worse. At \N{MINUS SIGN}1, half as many cells are left."


def table_caption(name: str) -> Caption:
    """Find the caption of a table; an unknown table has its name as caption."""
    return TABLES.get(name) or Caption(in_words(name), "")


def effect_caption(name: str) -> Caption:
    """Make the caption of a kind of effect."""
    effect = effect_named(name)
    meaning = in_words(effect.meaning or effect.label)
    reading = GENE_READING if name == "gene_effect" else ""
    return Caption(effect.heading, f"{meaning}, in {effect.unit}.{reading}")


def section_caption(name: str) -> Caption:
    """Find the caption of a section; an unknown section has its name as caption."""
    return SECTIONS.get(name) or Caption(in_words(name), "")


def in_words(name: str) -> str:
    """Write a name with spaces and a capital."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
