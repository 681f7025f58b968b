"""Every figure is found, has a caption, and is drawn when it should be."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import matplotlib.pyplot as plt
import pytest

from partialpool.figures import comparison, dependency, screen
from partialpool.figures import fit as of_one_fit
from partialpool.figures.figure import GROUPS, Figure
from partialpool.figures.given import OfFit
from partialpool.figures.registry import figures_in, requested, requested_of_fit
from partialpool.models import MODELS

SUBJECTS = (screen, of_one_fit, comparison, dependency)
EVERY = [figure for subject in SUBJECTS for figure in figures_in(subject)]
OF_FIT = [figure.name for figure in figures_in(of_one_fit)]
#: Figures whose axes are not in log2 fold changes.
OTHER_UNITS = ("rank", "energy", "estimates_vs_truth")


def test_the_notebooks_figures_are_all_there() -> None:
    assert {figure.name for figure in EVERY} >= {
        *("lfc_by_gene", "lfc_by_lineage_and_gene", "lfc_by_cell_line", "copy_number_trend"),
        *("copy_number_trend_by_gene", "rna_trend", "rna_trend_by_gene", "prior_predictive"),
        *("trace", "rank", "energy", "effect_densities", "posterior_gene_violins", "ppc"),
        *("predictions_by_gene", "predictions_and_data_by_gene", "prediction_boxes_by_sgrna"),
        *("sgrna_and_gene_effects", "posterior_predictive_panel", "error_by_gene"),
        *("error_by_sgrna", "error_density_by_gene", "genes_with_disagreeing_guides"),
        *("error_by_mutation_status", "rmse_by_model"),
    }


@pytest.mark.parametrize("figure", EVERY, ids=lambda figure: figure.name)
def test_a_figure_has_a_question_and_a_caption(figure: Any) -> None:
    import sys

    assert sys.modules[figure.tables.__module__].__doc__.strip().endswith("?")
    assert figure.how_to_read.endswith(".")
    assert not figure.title.endswith(".")


def test_names_are_unique_and_places_within_a_group_too() -> None:
    assert len({figure.name for figure in EVERY}) == len(EVERY)
    for subject in SUBJECTS:
        places = [(figure.group, figure.place) for figure in figures_in(subject)]
        assert len(set(places)) == len(places)
        assert places == sorted(places, key=lambda at: (GROUPS.index(at[0]), at[1]))


@pytest.mark.parametrize("name", OF_FIT)
def test_a_figure_of_a_fit_is_drawn_with_title_unit_and_caption(
    plots: dict[str, Any], name: str
) -> None:
    figure = plots[name].draw()
    texts = plots[name].labels
    assert texts.title
    assert texts.caption.endswith(".")
    assert "log2 fold change" in f"{texts.x} {texts.y}" or name in OTHER_UNITS
    plt.close(figure)


def of_fit(fit: SimpleNamespace, model: str, *, passed: bool = True, figures: Any = ()) -> OfFit:
    settings: Any = SimpleNamespace(spec=MODELS[model])
    return OfFit(
        settings=settings,
        screen=fit.screen,
        options=fit.options.model_copy(update={"figures": figures}),
        prediction=None,  # type: ignore[arg-type]
        hdi_prob=0.89,
        min_e_bfmi=0.3,
        posterior=fit.posterior,
        verdict={"passed": passed},
        convergence=fit.convergence,
        effects=fit.effects,
        predictions=fit.predictions,
        scores={},
        adequacy=fit.adequacy,
    )


def names(given: OfFit, *, is_answer: bool) -> set[str]:
    return {
        figure.name
        for figure in requested_of_fit(figures_in(of_one_fit), given, is_answer=is_answer)
    }


def test_a_fit_shows_what_its_model_adds(fit: SimpleNamespace) -> None:
    gene = names(of_fit(fit, "gene"), is_answer=False)
    assert {"gene_effects", "population_parameters", "ppc"} <= gene
    assert not gene & {"gene_effects_by_rank", "error_by_gene", "sgrna_and_gene_effects"}
    line = names(of_fit(fit, "cell_line"), is_answer=False)
    assert {"cell_line_effects", "population_parameters", "ppc"} <= line
    assert not line & {"gene_effects", "sgrna_and_gene_effects"}


def test_the_answer_shows_all_its_effects_and_no_effect_that_it_lacks(fit: SimpleNamespace) -> None:
    answer = names(of_fit(fit, "cell_line"), is_answer=True)
    assert {"gene_effects", "sgrna_and_gene_effects", "cell_line_effects"} <= answer
    assert {"posterior_predictive_panel", "error_by_gene"} <= answer
    assert not answer & {"mutation_effects", "rna_effects", "trace", "prior_predictive"}


def test_a_failed_fit_shows_its_chains(fit: SimpleNamespace) -> None:
    failed = names(of_fit(fit, "gene", passed=False), is_answer=False)
    assert {"trace", "rank", "energy", "effect_densities"} <= failed


def test_groups_are_drawn_on_request_and_all_draws_everything(fit: SimpleNamespace) -> None:
    asked = names(of_fit(fit, "gene", figures=("sampler",)), is_answer=False)
    assert {"trace", "rank"} <= asked
    assert "prior_predictive" not in asked
    everything = replace(of_fit(fit, "full", figures=("all",)), recovery=fit.recovery)
    assert names(everything, is_answer=False) == set(OF_FIT)
    of_counts = {"sequence_reads", "sequence_evenness"}
    drawn = {figure.name for figure in requested(figures_in(screen), ["all"])}
    assert drawn == {figure.name for figure in figures_in(screen)} - of_counts
    drawn = {figure.name for figure in requested(figures_in(screen), ["all"], ["sequence_qc"])}
    assert drawn == {figure.name for figure in figures_in(screen)}
    assert "prior_scales" not in {f.name for f in requested(figures_in(screen), [])}


def test_planted_values_are_shown_where_there_are_some(fit: SimpleNamespace) -> None:
    simulated = replace(of_fit(fit, "gene"), recovery=fit.recovery)
    assert "estimates_vs_truth" in names(simulated, is_answer=False)
    assert "estimates_vs_truth" not in names(of_fit(fit, "gene"), is_answer=False)


def test_a_declaration_that_can_not_be_meant_is_refused() -> None:
    def declare(**changes: Any) -> Figure:
        given = {"group": "errors", "place": 1, "tables": lambda: {}, "draw": lambda: None}
        return Figure("Title", "Read it.", **(given | changes))

    with pytest.raises(ValueError, match="drawn is 'sometimes'; known: always, answer"):
        declare(drawn="sometimes")
    with pytest.raises(ValueError, match="group is 'error'; known: screen"):
        declare(group="error")
    with pytest.raises(ValueError, match="are for fits"):
        requested([declare(drawn="answer")], ())
