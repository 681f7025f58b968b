"""The wiring of the figures of one fit, and of all fits side by side."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kedro.pipeline import Node, Pipeline, node

from partialpool.models.contract import Model
from partialpool.pipelines.reporting import nodes_model as nodes
from partialpool.pipelines.reporting.nodes_report import gather_fit, gather_section

EFFECTS = "params:convergence"
PREDICTION = "params:prediction"
CHOICES = "params:reporting"
#: What the figures of effects along a covariate take.
OF_COVARIATES = ("effects", "predictions", "screen", EFFECTS)


@dataclass(frozen=True)
class FigureNode:
    """A node that draws figures.

    Attributes
    ----------
    draw : the node's function
    inputs : datasets and parameters, as the function takes them
    figures : names of what it gives, in order
    needs : what a fit must have: effects, or ``sgrna_effect``, ``annotations``, ``truth``
    """

    draw: Callable
    inputs: tuple[str, ...]
    figures: tuple[str, ...]
    needs: tuple[str, ...] = ()


def _one(draw: Callable, *inputs: str, needs: tuple[str, ...] = ()) -> FigureNode:
    """A node that draws the one figure that it is named after."""
    return FigureNode(draw, inputs, (draw.__name__,), needs)


#: Every figure of a fit. Which of them a fit has follows from what it has.
FIGURES = (
    _one(nodes.prior_predictive, "prior", "predictions", CHOICES),
    FigureNode(nodes.paths, ("posterior", "convergence", CHOICES), ("trace", "rank")),
    _one(nodes.effect_densities, "posterior", "effects", CHOICES),
    _one(nodes.energy, "posterior", EFFECTS),
    _one(nodes.population_parameters, "convergence", EFFECTS),
    _one(nodes.gene_effects_by_rank, "effects", EFFECTS, CHOICES),
    _one(nodes.gene_effects, "effects", EFFECTS),
    _one(nodes.cell_line_effects, "effects", "screen", EFFECTS, needs=("cell_line_effect",)),
    _one(nodes.mutation_effects, *OF_COVARIATES, needs=("mutation_effect",)),
    _one(nodes.rna_effects, *OF_COVARIATES, needs=("rna_effect",)),
    _one(nodes.copy_number_effects, *OF_COVARIATES, needs=("copy_number_effect",)),
    _one(nodes.posterior_gene_violins, "posterior", "effects", EFFECTS),
    _one(nodes.sgrna_and_gene_effects, "effects", "convergence", EFFECTS, needs=("sgrna_effect",)),
    FigureNode(
        nodes.predictions_of_genes,
        ("predictions", "replicates", "effects", PREDICTION, CHOICES),
        ("predictions_by_gene", "predictions_and_data_by_gene", "prediction_boxes_by_sgrna"),
    ),
    _one(nodes.ppc, "predictions", "replicates", CHOICES),
    _one(
        nodes.posterior_predictive_panel,
        "predictions",
        PREDICTION,
        CHOICES,
        needs=("cell_line_effect",),
    ),
    FigureNode(
        nodes.errors_of_genes,
        ("predictions", PREDICTION, CHOICES),
        ("error_by_gene", "error_by_sgrna", "error_density_by_gene"),
    ),
    _one(nodes.genes_with_disagreeing_guides, "predictions", PREDICTION, CHOICES),
    _one(
        nodes.error_by_mutation_status,
        "predictions",
        "screen",
        PREDICTION,
        CHOICES,
        needs=("annotations",),
    ),
    _one(nodes.estimates_vs_truth, "recovery", EFFECTS, needs=("truth",)),
)


#: What a fit gives besides figures, and what a fit to a simulated screen adds.
RESULTS = ("verdict", "convergence", "effects", "scores", "gene_scores", "graph")
TRUTH_RESULTS = ("recovery", "coverage")


def create_model_pipeline(
    name: str, model: Model, screen: str, has_truth: bool = False, has_annotations: bool = True
) -> Pipeline:
    """Draw one fit, and gather what the report shows of it.

    Parameters
    ----------
    name : name of the fit; the namespace is ``<name>.figures``, and so figures are called
        ``<name>.figures.<figure>``; all that the fit gave becomes ``<name>.section``
    model : what was fitted
    screen : catalog name of the modelling table
    has_truth : whether ``<name>.recovery`` and ``<name>.coverage`` exist
    has_annotations : whether the table tells of mutations of genes
    """
    has = {term.effect for term in model.terms} | set(model.levels.values())
    has |= {"truth"} if has_truth else set()
    has |= {"annotations"} if has_annotations else set()
    drawn = [figure for figure in FIGURES if has.issuperset(figure.needs)]
    figures = [made for figure in drawn for made in figure.figures]
    results = (*RESULTS, *TRUTH_RESULTS) if has_truth else RESULTS
    used = {item for figure in drawn for item in figure.inputs} | {"screen", *results}
    gather = node(
        gather_fit,
        {"settings": "params:fit", **{item: item for item in ("screen", *results, *figures)}},
        "section",
        name="gather",
    )
    return Pipeline(
        [*map(_node, drawn), gather],
        namespace=f"{name}.figures",
        inputs={item: f"{name}.{item}" for item in used if not item.startswith("params:")}
        | {"screen": screen},
        outputs={"section": f"{name}.section"},
        parameters={item: item for item in used if item.startswith("params:")}
        | {"params:fit": f"params:modeling.{name}"},
        tags=[name, "reporting"],
    )


def create_comparison_pipeline(fits: Mapping[str, str], name: str = "comparison") -> Pipeline:
    """Put fits side by side: ``<name>.figures.<figure>``, ``<name>.tables.model_comparison``.

    Parameters
    ----------
    fits : fit -> catalog name of its modelling table; only fits of the first fit's table are
        ranked, since only those describe the same measurements
    name : all that is made becomes ``<name>.section``; the namespace is ``reporting.<name>``
    """
    sections = {fit: f"{fit}_section" for fit in fits}
    loos = {f: f"{f}_loo" for f, screen in fits.items() if screen == next(iter(fits.values()))}
    made = {
        "verdicts_by_model": f"{name}.figures.verdicts_by_model",
        "rmse_by_model": f"{name}.figures.rmse_by_model",
        "model_comparison": f"{name}.tables.model_comparison",
    }
    return Pipeline(
        [
            node(
                nodes.verdicts_by_model,
                sections,
                "verdicts_by_model",
                name="draw_verdicts_by_model",
            ),
            node(
                nodes.rmse_by_model,
                {"prediction": PREDICTION, **sections},
                "rmse_by_model",
                name="draw_rmse_by_model",
            ),
            node(nodes.rank_models, loos, "model_comparison", name="rank_models"),
            node(gather_section, {part: part for part in made}, "section", name="gather"),
        ],
        namespace=f"reporting.{name}",
        inputs={local: f"{fit}.section" for fit, local in sections.items()}
        | {local: f"{fit}.loo" for fit, local in loos.items()},
        outputs=made | {"section": f"{name}.section"},
        parameters={PREDICTION},
        tags=["reporting"],
    )


def _node(figure: FigureNode) -> Node:
    return node(
        nodes.marked(figure.draw),
        [*figure.inputs, "verdict"],
        list(figure.figures) if len(figure.figures) > 1 else figure.figures[0],
        name=f"draw_{figure.draw.__name__}",
    )
