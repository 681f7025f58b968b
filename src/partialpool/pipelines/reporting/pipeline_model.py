"""The wiring of the figures of one fit, and of all fits side by side."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kedro.pipeline import Node, Pipeline, node

from partialpool.models.contract import Model
from partialpool.pipelines.reporting import nodes_model as nodes

EFFECTS = "params:convergence"
PREDICTION = "params:prediction"
CHOICES = "params:reporting"


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
    FigureNode(nodes.sampler, ("posterior", EFFECTS, CHOICES), ("trace", "rank", "energy")),
    _one(nodes.population_parameters, "convergence", EFFECTS),
    _one(nodes.gene_effects_by_rank, "effects", EFFECTS, CHOICES),
    _one(nodes.gene_effects, "effects", EFFECTS),
    _one(nodes.cell_line_effects, "effects", EFFECTS, needs=("cell_line_effect",)),
    _one(nodes.mutation_effects, "effects", EFFECTS, needs=("mutation_effect",)),
    _one(nodes.rna_effects, "effects", EFFECTS, needs=("rna_effect",)),
    _one(nodes.copy_number_effects, "effects", EFFECTS, needs=("copy_number_effect",)),
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


def create_model_pipeline(
    name: str, model: Model, has_truth: bool, screen: str | None = "screen"
) -> Pipeline:
    """Draw one fit.

    Parameters
    ----------
    name : name of the fit; figures become ``<name>.figures.<figure>``, the namespace is
        ``reporting.<name>``
    model : what was fitted
    has_truth : whether ``<name>.recovery`` exists
    screen : catalog name of the modelling table; None if it has no mutations of genes
    """
    has = {term.effect for term in model.terms} | set(model.levels.values())
    has |= {need for need, given in {"truth": has_truth, "annotations": screen}.items() if given}
    drawn = [figure for figure in FIGURES if has.issuperset(figure.needs)]
    used = {item for figure in drawn for item in figure.inputs}
    read = {item for item in used if not item.startswith("params:")} - {"screen"}
    return Pipeline(
        [_node(figure) for figure in drawn],
        namespace=f"reporting.{name}",
        inputs={table: f"{name}.{table}" for table in read}
        | ({"screen": screen} if screen else {}),
        outputs={made: f"{name}.figures.{made}" for figure in drawn for made in figure.figures},
        parameters={item for item in used if item.startswith("params:")},
        tags=[name, "reporting"],
    )


def create_comparison_pipeline(fits: Mapping[str, str], name: str = "comparison") -> Pipeline:
    """Put fits side by side: ``<name>.figures.<figure>`` and ``<name>.tables.model_comparison``.

    Parameters
    ----------
    fits : fit -> catalog name of its modelling table; only fits of the first fit's table are
        ranked, since only those describe the same measurements
    """
    ranked = [fit for fit, screen in fits.items() if screen == next(iter(fits.values()))]
    read = {"verdict": list(fits), "predictions": list(fits), "loo": ranked}
    given = {kind: {fit: f"{fit}_{kind}" for fit in names} for kind, names in read.items()}
    steps = [
        node(
            nodes.verdicts_by_model,
            given["verdict"],
            "verdicts_by_model",
            name="draw_verdicts_by_model",
        ),
        node(
            nodes.rmse_by_model,
            {"prediction": PREDICTION, **given["predictions"]},
            "rmse_by_model",
            name="draw_rmse_by_model",
        ),
        node(nodes.rank_models, given["loo"], "model_comparison", name="rank_models"),
    ]
    return Pipeline(
        steps,
        namespace=f"reporting.{name}",
        inputs={f"{fit}_{kind}": f"{fit}.{kind}" for kind, names in read.items() for fit in names},
        outputs={
            "verdicts_by_model": f"{name}.figures.verdicts_by_model",
            "rmse_by_model": f"{name}.figures.rmse_by_model",
            "model_comparison": f"{name}.tables.model_comparison",
        },
        parameters={PREDICTION},
        tags=["reporting"],
    )


def _node(figure: FigureNode) -> Node:
    return node(
        figure.draw,
        list(figure.inputs),
        list(figure.figures) if len(figure.figures) > 1 else figure.figures[0],
        name=f"draw_{figure.draw.__name__}",
    )
