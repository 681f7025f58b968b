"""What the figures of a fit show: the data behind layers, titles, units and captions."""

from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from kedro.validation.type_extractor import TypeExtractor

from partialpool.figures import comparison as comparison_figures
from partialpool.figures import fit as fit_figures
from partialpool.inference.fit_settings import ConvergenceSettings, FitSettings, PredictionSettings
from partialpool.inference.scores import ScoreSettings
from partialpool.models import MODELS
from partialpool.pipeline_registry import build_pipelines
from partialpool.pipelines import reporting
from partialpool.plots import comparison
from partialpool.plots.words import which
from partialpool.preparation import DataSettings
from partialpool.tidy.choices import FigureSettings
from partialpool.tidy.rows import Rows

mpl.use("Agg")

GENES = ["KRAS", "TP53", "MYC"]
LINES = ["c1", "c2", "c3", "c4"]
CHOICES = FigureSettings(
    cores=1,
    strong_effect=0.5,
    seed=1,
    max_trace_draws=50,
    worst_elements=2,
    density_elements=3,
    rank_bins=5,
    rank_level=0.99,
    error_bins=10,
    screens=4,
    named_effects=2,
    disagreeing_genes=(),
    n_disagreeing_genes=2,
    mutated_genes=(),
    n_mutated_genes=1,
    panel_genes=2,
    panel_cell_lines=4,
)
PREDICTION = PredictionSettings(
    hdi_prob=0.89, coverage_tolerance=0.1, interval_draws=99, prior_draws=5, replicates=5, seed=1
)
#: Settings, and what Kedro makes of them.
TYPES = {
    "reporting": FigureSettings,
    "prediction": PredictionSettings,
    "convergence": ConvergenceSettings,
    "scores": ScoreSettings,
    "data_engineering": DataSettings,
    **{f"modeling.{name}": FitSettings for name in MODELS},
}
CONVERGENCE = ConvergenceSettings(
    hdi_prob=0.89,
    max_r_hat=1.01,
    r_hat_false_alarms=0.01,
    r_hat_cap=1.05,
    min_ess_bulk=400,
    min_ess_tail=400,
    max_divergences=0,
    max_treedepth_hits=0,
    min_e_bfmi=0.3,
    on_failure="warn",
)


@pytest.fixture(scope="module")
def predictions() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    index = pd.MultiIndex.from_product([GENES, [1, 2], LINES, range(3)])
    table = index.to_frame(index=False, name=["hugo_symbol", "guide", "depmap_id", "replicate_id"])
    table["sgrna"] = table["hugo_symbol"] + table["guide"].astype(str)
    table["mean"] = table["guide"] * 0.1 + table["hugo_symbol"].map(
        {gene: i for i, gene in enumerate(GENES)}
    )
    table["real_value"] = table["mean"] + rng.normal(0, 0.3, len(table))
    table["error"] = table["mean"] - table["real_value"]
    for name, side in (("hdi", 0.5), ("mu_hdi", 0.1)):
        table[f"{name}_lower"], table[f"{name}_upper"] = table["mean"] - side, table["mean"] + side
    return table.astype(dict.fromkeys(["hugo_symbol", "sgrna", "depmap_id"], "category"))


@pytest.fixture(scope="module")
def tables(predictions: pd.DataFrame) -> dict[str, Any]:
    """Everything that a fit leaves, tiny."""
    rng = np.random.default_rng(2)
    guides = [f"{gene}{i}" for gene in GENES for i in (1, 2)]
    dims = {"gene": GENES, "sgrna": guides, "cell_line": LINES}
    sizes = {"mu_gene": (), "sigma": (), "gene_effect": ("gene",), "sgrna_effect": ("sgrna",)}
    sizes |= dict.fromkeys(("mutation_effect", "rna_effect", "copy_number_effect"), ("gene",))
    sizes["cell_line_effect"] = ("cell_line",)
    draws = xr.Dataset(
        {
            name: (
                ("chain", "draw", *over),
                rng.normal(0.5, 0.1, (2, 60, *(len(dims[dim]) for dim in over))),
            )
            for name, over in sizes.items()
        },
        coords=dims,
    )
    energy = xr.Dataset({"energy": (("chain", "draw"), rng.normal(0, 1, (2, 60)))})
    labels = {"gene": "hugo_symbol", "sgrna": "sgrna", "cell_line": "depmap_id"}
    effects = pd.concat(
        pd.DataFrame({"effect": name, labels[over[0]]: dims[over[0]]})
        for name, over in sizes.items()
        if over
    )
    effects.loc[effects["effect"] == "sgrna_effect", "hugo_symbol"] = np.repeat(GENES, 2)
    effects = effects.assign(mean=np.linspace(-1, 1, len(effects)), sd=0.1)
    effects = effects.assign(hdi_lower=effects["mean"] - 0.2, hdi_upper=effects["mean"] + 0.2)
    label = effects["hugo_symbol"].where(effects["effect"] != "sgrna_effect", effects["sgrna"])
    label = label.fillna(effects["depmap_id"])
    effects["parameter"] = effects["effect"] + "[" + label + "]"
    effects = effects.assign(r_hat=1.001, ess_bulk=900.0)
    estimates = pd.concat(
        [effects.head(2).assign(parameter=["mu_gene", "sigma"]), effects], ignore_index=True
    )
    bad = estimates["parameter"]
    estimates.loc[bad == "gene_effect[TP53]", "r_hat"] = 1.2
    estimates.loc[bad == "sgrna_effect[MYC2]", "ess_bulk"] = 12.0
    recovery = effects.assign(true_value=effects["mean"] + 0.1, is_inside=True)
    lfc = np.stack([predictions["real_value"] + rng.normal(0, 0.1, len(predictions))] * 5)
    screens = xr.Dataset({"lfc": (("chain", "draw", "measurement"), lfc[None])})
    mutated = (predictions["hugo_symbol"] == "KRAS") & (predictions["depmap_id"] == "c1")
    covariates = {"is_mutated": mutated, "rna_expr_z": 0.5, "gene_cn_z": 0.5}
    lineage = predictions["depmap_id"].astype(str).map({"c1": "soft_tissue", "c2": "lung"})
    return {
        "prior": {"prior_predictive": screens},
        "posterior": {"posterior": draws, "sample_stats": energy},
        "predictions": predictions,
        "replicates": {"posterior_predictive": screens},
        "effects": effects,
        "estimates": estimates,
        "recovery": recovery,
        "screen": predictions[["hugo_symbol", "depmap_id"]].assign(lineage=lineage, **covariates),
        "intervals": CONVERGENCE,
        "prediction": PREDICTION,
        "choices": CHOICES,
        "verdict": {"passed": True},
    }


#: What a fit may have.
EVERYTHING = frozenset(need for figures in fit_figures.FIGURES for need in figures.needs)


def drawn(tables: dict[str, Any], has: frozenset[str] = EVERYTHING) -> dict[str, Any]:
    """Plots of a fit, by name."""
    return {name: drawing() for name, drawing in fit_figures.drawings(tables, has)}


@pytest.fixture(scope="module")
def figures(tables: dict[str, Any]) -> dict[str, Any]:
    """Every figure of a fit, by name."""
    return drawn(tables)


def words_of(figure: Any) -> set[str]:
    """Everything that is written in a figure, which is drawn for it (once: some can't be twice)."""
    drawn = figure.draw()
    plt.close(drawn)
    return {text.get_text() for text in drawn.findobj(mpl.text.Text)}


@pytest.mark.parametrize("passed", [True, False])
def test_figures_of_a_failed_fit_say_so_wherever_they_go(
    tables: dict[str, Any], passed: bool
) -> None:
    figures = drawn(tables | {"verdict": {"passed": passed}}, frozenset())
    assert {"trace", "rank", "gene_effects"} <= set(figures)
    mark = "This fit FAILED its convergence check: do not use it."
    for figure in figures.values():
        assert (mark in words_of(figure)) is not passed


NAMES = [name for figures in fit_figures.FIGURES for name in figures.names]


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_is_drawn_with_title_unit_and_caption(
    figures: dict[str, Any], name: str
) -> None:
    figure = figures[name].draw()
    texts = figures[name].labels
    assert texts.title
    assert texts.caption.endswith(".")
    axes = f"{texts.x} {texts.y}"
    assert "log2 fold change" in axes or name in ("rank", "energy", "estimates_vs_truth")
    plt.close(figure)


def test_a_trace_shows_draws_and_their_densities(figures: dict[str, Any]) -> None:
    draws, densities = figures["trace"].layers
    assert figures["trace"].data["x"].max() < 60
    assert densities._data["x"].min() > 60
    worst = {"gene_effect[TP53]", "sgrna_effect[MYC2]"}
    assert set(figures["trace"].data["parameter"]) == {"mu_gene", "sigma", *worst}
    assert len(figures["trace"].data) == 4 * 2 * 49
    assert draws._data is None or not len(draws._data)


def test_ranks_are_drawn_as_steps(figures: dict[str, Any]) -> None:
    segments = figures["rank"].data
    flat = segments[segments["y"] == segments["yend"]]
    assert len(segments) == 4 * 2 * 9
    assert flat["xend"].max() == 1


def test_traces_and_ranks_name_the_effects_that_converged_worst(tables: dict[str, Any]) -> None:
    for drawing in fit_figures.paths(tables["posterior"], tables["estimates"], CHOICES):
        figure = drawing()
        panels = words_of(figure)
        assert "gene_effect[TP53]\nR-hat 1.2000, bulk ESS 900" in panels
        assert "sgrna_effect[MYC2]\nR-hat 1.0010, bulk ESS 12" in panels
        assert "worst effects" in figure.labels.title


def test_densities_of_effects_have_a_curve_per_effect_and_chain(tables: dict[str, Any]) -> None:
    figure = fit_figures.effect_densities(tables["posterior"], tables["effects"], CHOICES)()
    curves = figure.data.dropna(subset=["height"])
    shown = curves.groupby("effect", observed=True)["element"].nunique()
    assert set(shown) == {3}
    assert set(curves["chain"]) == {1, 2}
    assert {"Gene effects: 3 genes", "Guide effects: 3 of 6 guides"} <= words_of(figure)


def test_energy_says_whether_it_passes(figures: dict[str, Any]) -> None:
    assert "passes at 0.3" in figures["energy"].labels.title


def test_forests_have_a_row_per_element_and_the_share_of_the_interval(
    figures: dict[str, Any],
) -> None:
    assert figures["gene_effects"].labels.title == "Gene effects: 3 genes"
    assert figures["cell_line_effects"].labels.title == "Cell-line effects: 4 cell lines"
    assert "89 %" in figures["gene_effects"].labels.caption
    assert "per sd of the gene's RNA" in figures["rna_effects"].labels.x
    assert len(figures["gene_effects"].data) == 3


def test_covariate_effects_are_those_of_genes_that_have_the_covariate(
    tables: dict[str, Any], figures: dict[str, Any]
) -> None:
    figure = figures["mutation_effects"]
    assert figure.data["hugo_symbol"].tolist() == ["KRAS"]
    assert figure.labels.title == "Mutation effects: 1 gene"
    caption = figure.labels.caption.replace("\n", " ")
    assert "1 of 3 genes have mutated measurements; the others' effects follow" in caption
    assert "have" not in figures["rna_effects"].labels.caption  # RNA varies in every gene
    screen = tables["screen"].assign(is_mutated=False)
    none = fit_figures.mutation_effects(
        tables["effects"], tables["predictions"], screen, CONVERGENCE
    )
    figure = none().draw()
    (words,) = [text.get_text() for text in figure.axes[0].texts]
    assert words == "None of the 3 genes has mutated measurements."
    plt.close(figure)


def test_lines_are_named_with_their_lineages(figures: dict[str, Any]) -> None:
    figure = figures["cell_line_effects"].draw()
    names = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert names == ["c1 (soft tissue)", "c2 (lung)", "c3", "c4"]
    plt.close(figure)


def test_measurements_stand_on_what_is_predicted_for_their_guide_and_line(
    figures: dict[str, Any],
) -> None:
    figure = figures["posterior_predictive_panel"]
    dots, bars = figure.data, figure.layers[1]._data
    keys = ["hugo_symbol", "depmap_id"]
    for (gene, line), shown in dots.groupby(keys, observed=True):
        places = bars.loc[(bars["hugo_symbol"] == gene) & (bars["depmap_id"] == line), "x"]
        assert sorted(set(shown["x"])) == sorted(places)
        assert len(places) == 2
    assert "bar" in figure.labels.caption


def test_a_figure_of_many_says_which_it_shows() -> None:
    ends = Rows(("a", "b"), 883, 1)
    assert which(ends, "genes") == "1 lowest and 1 highest of 883 genes"
    top = Rows(("a", "b"), 883, 2)
    assert which(top, "genes", "with the largest errors") == (
        "the 2 of 883 genes with the largest errors"
    )
    assert which(top, "genes") == "2 of 883 genes"


def test_guides_stand_with_their_genes(figures: dict[str, Any]) -> None:
    guides = figures["sgrna_and_gene_effects"].data
    assert set(guides["sgrna"]) == {f"{gene}{i}" for gene in GENES for i in (1, 2)}
    assert guides.groupby("hugo_symbol")["row"].mean().round(6).tolist() == [0.0, -2.0, -1.0]


def test_predictions_without_the_data_hold_no_measurement(figures: dict[str, Any]) -> None:
    assert "real_value" not in figures["predictions_by_gene"].data
    assert len(figures["predictions_by_gene"].data) == 6


def test_predictions_with_the_data_hold_both(figures: dict[str, Any]) -> None:
    data = figures["predictions_and_data_by_gene"].data
    assert set(data["kind"]) == {"measured", "predicted"}


def test_predictive_checks_say_how_many_screens_they_show(figures: dict[str, Any]) -> None:
    for name, words in (("ppc", "4 screens"), ("prior_predictive", "4 screens")):
        assert words in figures[name].labels.caption


def test_few_errors_are_points_and_many_are_bins(
    tables: dict[str, Any], figures: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert figures["error_by_gene"].labels.caption.startswith("Dots")
    monkeypatch.setattr(fit_figures, "MANY_POINTS", 10)
    many = fit_figures.errors_of_genes(tables["predictions"], PREDICTION, CHOICES)[0]()
    assert many.labels.caption.startswith("Colour: number of measurements")
    plt.close(many.draw())


def test_disagreeing_guides_are_named_by_their_sequences(figures: dict[str, Any]) -> None:
    drawn = figures["genes_with_disagreeing_guides"].draw()
    names = [text.get_text() for text in drawn.axes[0].get_yticklabels()]
    shown = set(figures["genes_with_disagreeing_guides"].data["hugo_symbol"])
    assert set(names) == {f"{gene}  {gene}{guide}" for gene in shown for guide in (1, 2)}
    plt.close(drawn)


def test_every_second_row_of_boxes_is_shaded_and_few_genes_are_shown(
    tables: dict[str, Any], figures: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stripes = figures["prediction_boxes_by_sgrna"].layers[0]._data
    assert stripes.to_numpy().tolist() == [[-1.5, -0.5]]
    monkeypatch.setattr(fit_figures, "MANY_BOXED_GENES", 2)
    made = [tables[name] for name in ("predictions", "replicates", "effects")]
    without, _, boxes = (
        drawing() for drawing in fit_figures.predictions_of_genes(*made, PREDICTION, CHOICES)
    )
    assert boxes.labels.title == "Predictions by guide: 1 lowest and 1 highest of 3 genes"
    assert without.labels.title == "Predictions: 3 genes"


def test_disagreeing_guides_are_chosen_by_the_data_or_by_name(
    tables: dict[str, Any], figures: dict[str, Any]
) -> None:
    chosen = figures["genes_with_disagreeing_guides"]
    assert "the 2 of 3 genes whose guides disagree most" in chosen.labels.title
    named = fit_figures.genes_with_disagreeing_guides(
        tables["predictions"],
        PREDICTION,
        CHOICES.model_copy(update={"disagreeing_genes": ("MYC",)}),
    )()
    assert set(named.data["hugo_symbol"]) == {"MYC"}


def test_mutation_status_counts_the_mutated_measurements(figures: dict[str, Any]) -> None:
    figure = figures["error_by_mutation_status"]
    assert "KRAS 6" in figure.labels.caption
    assert set(figure.data["status"]) == {"mutated", "wild type"}


def test_without_mutations_the_figure_says_so(tables: dict[str, Any]) -> None:
    screen = tables["screen"].assign(is_mutated=False)
    figure = fit_figures.error_by_mutation_status(
        tables["predictions"], screen, PREDICTION, CHOICES
    )()
    drawn = figure.draw()
    words = " ".join(text.get_text() for text in drawn.axes[0].texts)
    assert "No gene of this screen is mutated" in " ".join(words.split())
    plt.close(drawn)


def test_truth_is_counted_in_the_title(tables: dict[str, Any], figures: dict[str, Any]) -> None:
    n = len(tables["recovery"])
    assert figures["estimates_vs_truth"].labels.title == (
        f"Estimates and truth: {n} of {n} inside (100 %)"
    )


def names_of(tables: dict[str, Any], *has: str) -> set[str]:
    return {name for name, _ in fit_figures.drawings(tables, frozenset(has))}


def test_a_fit_has_the_figures_of_what_it_has(tables: dict[str, Any]) -> None:
    gene = names_of(tables, "gene_effect", "annotations")
    assert "sgrna_and_gene_effects" not in gene
    assert "estimates_vs_truth" not in gene
    assert {"trace", "rank", "energy", "error_by_mutation_status"} <= gene
    line = names_of(tables, "gene_effect", "sgrna_effect", "cell_line_effect", "truth")
    assert {
        "cell_line_effects",
        "sgrna_and_gene_effects",
        "estimates_vs_truth",
        "posterior_predictive_panel",
    } <= line
    assert "error_by_mutation_status" not in line  # a screen without annotations


def has_of(pipeline: Any) -> frozenset[str]:
    """What the node that draws a fit was told that the fit has."""
    (node,) = [node for node in pipeline.nodes if node.short_name == "draw"]
    return node.func._fixed["has"]


def test_the_wiring_says_what_a_fit_has() -> None:
    gene = reporting.create_fit_pipeline("gene", MODELS["gene"], "screen")
    assert has_of(gene) == {"gene_effect", "annotations"}
    line = reporting.create_fit_pipeline("cell_line", MODELS["cell_line"], "screen", has_truth=True)
    assert has_of(line) == {
        *("gene_effect", "sgrna_effect", "cell_line_effect"),
        *("truth", "annotations"),
    }
    assert {"cell_line.posterior", "screen", "params:reporting"} <= line.inputs()
    assert line.outputs() == {"cell_line.section"}
    other = reporting.create_fit_pipeline(
        "e", MODELS["expression"], "other_screen", has_truth=True, has_annotations=False
    )
    assert "rna_effect" in has_of(other)
    assert "annotations" not in has_of(other)
    assert "other_screen" in other.inputs()
    assert "screen" not in other.inputs()


def test_only_fits_to_one_screen_are_ranked() -> None:
    default = build_pipelines(screen_is_simulated=True, models=["gene", "expression"])
    (rank,) = [n for n in default["evaluation"].nodes if n.short_name == "compare_models"]
    assert set(rank.inputs) == {"gene.loo", "expression.loo"}
    assert "expression_simulated.loo" in default["evaluation"].all_outputs()


def test_models_side_by_side() -> None:
    limits = CONVERGENCE.model_dump(exclude={"hdi_prob", "on_failure"})
    good = {
        "passed": True,
        "max_r_hat": 1.001,
        "min_ess_bulk": 900.0,
        "min_ess_tail": 800.0,
        "min_e_bfmi": 0.9,
        "divergences": 0,
        "treedepth_hits": 0,
        "thresholds": limits,
    }
    bad = good | {"passed": False, "divergences": 3}
    scores = {"n_measurements": 40, "rmse": 0.5, "coverage": 0.9}
    judged = {"gene": good, "cell_line": bad}
    verdicts = comparison_figures.verdicts_by_model(judged)()
    assert verdicts.labels.title == "Did the sampler converge? 1 of 2 models pass"
    r_hat = next(panel for panel in verdicts.draw().axes if panel.get_xlim()[1] < 2)
    low, high = r_hat.get_xlim()
    assert low < 1.0 < 1.02 < high
    figure = comparison_figures.verdicts_by_model(judged)().draw()
    words = {text.get_text() for axes in figure.axes for text in axes.get_yticklabels()}
    assert {"gene\npasses", "cell_line\nFAILS, 3 divergences"} <= words
    plt.close(figure)
    scored = dict.fromkeys(judged, scores) | {"elsewhere": scores | {"n_measurements": 1300}}
    errors = comparison_figures.rmse_by_model(judged | {"elsewhere": good}, scored, PREDICTION)()
    panels = errors.data.groupby("panel", observed=True)["model"].agg(list)
    assert panels.tolist() == [["gene", "cell_line"]] * 2
    caption = " ".join(errors.labels.caption.split())
    assert "40 measurements" in caption
    assert "elsewhere (1,300 rows: 0.500, 0.900)" in caption
    failed = errors.data.loc[errors.data["sampler"] == "FAILS", "model"]
    assert set(failed) == {"cell_line"}
    plt.close(errors.draw())


@pytest.mark.parametrize(
    ("value", "text"), [(1.0064, "1.006"), (1.0101, "1.0101"), (1.01, "1.010"), (1234.5, "1,234")]
)
def test_a_value_near_its_threshold_is_told_from_it(value: float, text: str) -> None:
    assert comparison._written(value, 1.01) == text


def test_kedro_finds_the_types_of_the_settings_of_figures() -> None:
    """It reads them off the functions of nodes; without them figures would be given dicts."""
    for name, pipeline in build_pipelines(screen_is_simulated=True).items():
        found = TypeExtractor({name: pipeline}).extract_types_from_pipelines()
        for setting, kind in TYPES.items():
            assert found.get(setting, kind) is kind, name
            assert (setting in found) == (f"params:{setting}" in pipeline.inputs()), name
