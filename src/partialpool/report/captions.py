"""What every table and kind of effect is, in plain words; figures have captions of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from partialpool.models import effect_named


@dataclass(frozen=True)
class Caption:
    """What something is, and how to read it in one sentence."""

    title: str
    how_to_read: str


#: Group of figures -> its title on the page.
GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "screen": "The screen",
        "comparison": "All models",
        "effects": "What the model found",
        "predictions": "Does the model fit the data?",
        "errors": "Where does the model miss?",
        "sampler": "How did the chains move?",
        "priors": "What was assumed before the data?",
    }
)

TABLES: Mapping[str, Caption] = MappingProxyType(
    {
        "first_rows": Caption(
            "The first rows",
            "The first rows of the table that the models get. A row is one guide in one replicate.",
        ),
        "describe": Caption(
            "The numbers of the screen",
            "A row per column of the table; half of its values lie between q25 and q75.",
        ),
        "scale_priors": Caption(
            "What each model assumes of spreads",
            "A row per standard deviation of a model. The figure of these priors is beside it.",
        ),
        "estimates_vs_published": Caption(
            "Estimates beside the published ones",
            "The notebook printed these for the same screen. A distance of far less than one "
            "standard deviation (sd) says that both are the same posterior. The notebook's model "
            "determines only the sum of the levels of genes and cell lines, so these are compared "
            "from the average cell line; their distance is in sds of this fit. Intervals compare "
            "less well: those that the notebook calls 0.89 are of the mean of a measurement, and "
            "94 % intervals of this fit reproduce them within 0.03.",
        ),
        "population": Caption(
            "Means and spreads of all genes, guides and lines",
            "Names with mu are averages, names with sigma are spreads. A wide interval means that "
            "the model is unsure.",
        ),
        "adequacy": Caption(
            "Measurements inside their intervals",
            "Genes, and the cell lines and replicates that are off. Too few inside: the group "
            "varies more than the model predicts, or lies elsewhere. Too many inside: it varies "
            "less. For the shape of the distribution, the share in that part of the predictive "
            "distributions.",
        ),
        "coverage": Caption(
            "Planted values found again",
            "How many of the values that the simulation planted lie inside their intervals, and "
            "how many would in 95 % of right fits, were they independent.",
        ),
        "model_comparison": Caption(
            "Models by how well they predict new measurements",
            "Each measurement is predicted as if the model had not seen it. The best model comes "
            "first. A difference of less than twice its standard error says little. If a model saw "
            "fewer measurements than the others, more rows compare all models on these alone.",
        ),
    }
)

#: Section -> what it is about, besides the models.
SECTIONS: Mapping[str, Caption] = MappingProxyType(
    {
        "data": Caption("The data", ""),
        "comparison": Caption("All models compared", ""),
        "expression_data": Caption(
            "A second, small screen with RNA",
            "The simulated screen of the expression notebook. The section of the fit "
            "expression_simulated shows how well the model finds what was planted in it.",
        ),
    }
)

#: How large an effect of a gene is.
GENE_READING = " Below 0 cells grow worse; at \N{MINUS SIGN}1 half as many are left."


def table_caption(name: str) -> Caption:
    """Caption of a table; of an unknown one, its name."""
    return TABLES.get(name) or Caption(in_words(name), "")


def effect_caption(name: str) -> Caption:
    """Caption of a kind of effect."""
    effect = effect_named(name)
    meaning = in_words(effect.meaning or effect.label)
    reading = GENE_READING if name == "gene_effect" else ""
    return Caption(effect.heading, f"{meaning}, in {effect.unit}.{reading}")


def section_caption(name: str) -> Caption:
    """Caption of a section; of an unknown one, its name."""
    return SECTIONS.get(name) or Caption(in_words(name), "")


def in_words(name: str) -> str:
    """A name as the start of a sentence."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
