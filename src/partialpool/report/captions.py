"""What every figure, table and kind of effect is, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from partialpool.models import effect_named


@dataclass(frozen=True)
class Caption:
    """What something is, and how to read it in one sentence."""

    title: str
    how_to_read: str


@dataclass(frozen=True)
class Group:
    """Figures of a model that answer one question, in order."""

    title: str
    figures: tuple[str, ...]
    is_open: bool = False


#: Figure -> caption; sections show their figures in this order.
FIGURES: Mapping[str, Caption] = MappingProxyType(
    {
        # The screen.
        "lfc_by_gene": Caption(
            "Log fold change by gene",
            "A box that lies below 0 is a gene whose loss slowed most cell lines down.",
        ),
        "lfc_by_lineage_and_gene": Caption(
            "Log fold change by lineage and gene",
            "Orange tiles: cells of that lineage grew worse without the gene; a column of one "
            "colour means that lineages do not differ.",
        ),
        "lfc_by_cell_line": Caption(
            "Log fold change by cell line",
            "A line that lies apart from the others shifts all its genes up or down.",
        ),
        "copy_number_trend": Caption(
            "Log fold change and copy number",
            "A line that falls to the right means that guides in amplified genes look more "
            "harmful, as cutting many copies is toxic in itself.",
        ),
        "copy_number_trend_by_gene": Caption(
            "Copy-number trend of each gene",
            "Lines of different slope mean that copy number matters more for some genes.",
        ),
        "rna_trend": Caption(
            "Log fold change and RNA expression",
            "A line that falls to the right means that cells depend more on genes that they "
            "express more.",
        ),
        "rna_trend_by_gene": Caption(
            "RNA trend of each gene",
            "In each panel, a falling line means that the lines that express the gene more "
            "depend on it more.",
        ),
        "prior_scales": Caption(
            "What the models assume of spreads before they see data",
            "A wide curve leaves the spread open; a narrow one says that large differences are "
            "unlikely.",
        ),
        # All fits side by side.
        "verdicts_by_model": Caption(
            "Did each model's sampler converge?",
            "Each dot should lie on the good side of its dashed line.",
        ),
        "rmse_by_model": Caption(
            "How close are the predictions of each model?",
            "Left: the further left, the smaller the errors; right: the dot should lie on the "
            "dashed line.",
        ),
        # What a model found.
        "gene_effects": Caption(
            "Gene effects",
            "A gene whose whole bar lies left of 0 is one that the cells need; a short bar means "
            "that the model is sure.",
        ),
        "gene_effects_by_rank": Caption(
            "All genes, from most harmful loss to least",
            "The genes at the left end are the strongest dependencies.",
        ),
        "sgrna_and_gene_effects": Caption(
            "Guides around their genes",
            "Coloured dots that spread far around their cross are guides that disagree; each "
            "cross is pulled towards the green line, the mean of all genes.",
        ),
        "posterior_gene_violins": Caption(
            "How sure the model is of each gene",
            "The wider a violin at a value, the more plausible that value is.",
        ),
        "cell_line_effects": Caption(
            "Cell-line effects",
            "A line right of 0 lost fewer cells than others, over all its genes; left of 0, more.",
        ),
        "mutation_effects": Caption(
            "What a mutation of the gene adds",
            "A bar left of 0: lines where the gene is mutated depend on it more than others do.",
        ),
        "rna_effects": Caption(
            "What higher expression adds",
            "A bar left of 0: the more a line expresses the gene, the more it depends on it.",
        ),
        "copy_number_effects": Caption(
            "What more copies add",
            "A bar left of 0: the more copies of the gene a line has, the more its loss hurts.",
        ),
        "population_parameters": Caption(
            "Means and spreads of all genes, guides and lines",
            "Names with mu are averages, names with sigma are spreads; a wide interval is an "
            "unsure one.",
        ),
        "estimates_vs_truth": Caption(
            "Estimates beside the planted truth",
            "Dots on the diagonal are right; about the stated share of the bars should cross it.",
        ),
        # How well it fits.
        "predictions_and_data_by_gene": Caption(
            "Predictions and measurements of each gene",
            "The two halves of a violin should mirror each other.",
        ),
        "predictions_by_gene": Caption(
            "Predictions of each gene",
            "The bar is where a new measurement of the gene is expected.",
        ),
        "prediction_boxes_by_sgrna": Caption(
            "Predictions and measurements of each guide",
            "The blue line of a guide, what was measured, should lie on its orange box, what is "
            "predicted.",
        ),
        "ppc": Caption(
            "Made-up screens beside the real one",
            "The real curve should lie among the made-up ones; where it does not, the model "
            "misses something.",
        ),
        "posterior_predictive_panel": Caption(
            "Measurements and predictions by cell line",
            "Most dots should lie on the bar of their guide and line; dots of a line that leave "
            "their bars together tell of something that the model does not know.",
        ),
        "error_by_gene": Caption(
            "Errors of each gene",
            "Genes should lie around 0; a gene that lies apart is one that the model misses.",
        ),
        "error_by_sgrna": Caption(
            "Errors of each guide",
            "Boxes of one gene that lie apart are guides that the model treats as alike.",
        ),
        "error_density_by_gene": Caption(
            "Shape of the errors of each gene",
            "Curves should be narrow, with one peak at 0.",
        ),
        "genes_with_disagreeing_guides": Caption(
            "Genes whose guides disagree most",
            "Boxes far apart: look at the guides, named at the left, before you trust the gene.",
        ),
        "error_by_mutation_status": Caption(
            "Errors of mutated and other lines",
            "If the boxes of a gene lie apart, its mutation changes what losing it does in a way "
            "that the model has not accounted for.",
        ),
        # Did the sampler converge?
        "prior_predictive": Caption(
            "What the model expects before it sees data",
            "The expected curves should be wider than the measured one, but not absurd.",
        ),
        "trace": Caption(
            "Path of each chain",
            "Chains should look like one hairy caterpillar, with densities on top of each other.",
        ),
        "effect_densities": Caption(
            "Effects in each chain",
            "The curves of an effect should have one place and one shape in all colours.",
        ),
        "rank": Caption(
            "Ranks of each chain",
            "Bars of about one height, within the band, mean that the chains agree.",
        ),
        "energy": Caption(
            "Energy of the sampler",
            "The two curves should be about as wide as each other.",
        ),
    }
)

GROUPS: tuple[Group, ...] = (
    Group(
        "What the model found",
        (
            "gene_effects",
            "gene_effects_by_rank",
            "sgrna_and_gene_effects",
            "posterior_gene_violins",
            "cell_line_effects",
            "mutation_effects",
            "rna_effects",
            "copy_number_effects",
            "population_parameters",
            "estimates_vs_truth",
        ),
        is_open=True,
    ),
    Group(
        "Where the model fits the data, and where it does not",
        (
            "predictions_and_data_by_gene",
            "predictions_by_gene",
            "prediction_boxes_by_sgrna",
            "ppc",
            "posterior_predictive_panel",
            "error_by_gene",
            "error_by_sgrna",
            "error_density_by_gene",
            "genes_with_disagreeing_guides",
            "error_by_mutation_status",
        ),
    ),
    Group(
        "Did the sampler converge? Figures for statisticians",
        ("trace", "rank", "effect_densities", "energy", "prior_predictive"),
    ),
)
OTHERS = "More figures"

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
        "gene_scores": Caption(
            "How well the model describes each gene",
            "If fewer measurements lie inside their intervals than stated, the gene varies more "
            "than the model assumes, or its estimate is off. If more do, the gene varies less.",
        ),
        "coverage": Caption(
            "Planted values found again",
            "How many of the values that the simulation planted lie inside their intervals, how "
            "many would by chance, and whether the first is within the second.",
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


def figure_caption(name: str) -> Caption:
    """Caption of a figure; of an unknown one, its name."""
    return FIGURES.get(name) or Caption(in_words(name), "See the caption in the figure.")


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


def in_order(names: Iterable[str]) -> list[str]:
    """Figures in the order of their captions, unknown ones last."""
    known = list(FIGURES)
    return sorted(names, key=lambda name: known.index(name) if name in FIGURES else len(known))


def in_words(name: str) -> str:
    """A name as the start of a sentence."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
