"""What the nodes that draw take and give."""

from types import SimpleNamespace
from typing import Any

import pytest
from kedro.validation.type_extractor import TypeExtractor

from partialpool.figures.drawing import DrawingError, draw_figures
from partialpool.figures.failed import FAILED, marked_failed
from partialpool.figures.figure import Figure
from partialpool.figures.options import FigureOptions
from partialpool.inference.fit_settings import ConvergenceSettings, FitSettings, PredictionSettings
from partialpool.inference.scores import ScoreSettings
from partialpool.models import MODELS
from partialpool.pipeline_registry import build_pipelines
from partialpool.pipelines import reporting
from partialpool.preparation import DataSettings

#: Settings, and what Kedro makes of them.
TYPES = {
    "reporting": FigureOptions,
    "prediction": PredictionSettings,
    "convergence": ConvergenceSettings,
    "scores": ScoreSettings,
    "data_engineering": DataSettings,
    **{f"modeling.{name}": FitSettings for name in MODELS},
}


def test_a_fit_is_drawn_from_its_own_results() -> None:
    line = reporting.create_fit_pipeline("cell_line", "screen", has_truth=True)
    assert {"cell_line.posterior", "screen", "params:reporting", "answer"} <= line.inputs()
    assert {"cell_line.recovery", "cell_line.coverage"} <= line.inputs()
    assert line.outputs() == {"cell_line.section"}
    other = reporting.create_fit_pipeline("e", "other_screen")
    assert "other_screen" in other.inputs()
    assert not {"screen", "e.recovery"} & other.inputs()


def test_prior_and_replicated_draws_are_saved_on_request_only() -> None:
    def outputs(save: tuple[str, ...]) -> set[str]:
        pipeline = build_pipelines(True, ["gene"], save)["__default__"]
        return {name for name in pipeline.all_outputs() if name.startswith("gene.")}

    kept = outputs(())
    assert outputs(("prior",)) - kept == {"gene.prior"}
    assert outputs(("replicates",)) - kept == {"gene.replicates"}


def test_the_default_pipeline_has_at_most_60_nodes(parameters) -> None:
    assert len(build_pipelines(True, parameters.models)["__default__"].nodes) <= 60


def test_only_fits_to_one_screen_are_ranked() -> None:
    default = build_pipelines(screen_is_simulated=True, models=["gene", "expression"])
    (rank,) = [n for n in default["evaluation"].nodes if n.short_name == "compare_models"]
    assert set(rank.inputs) == {"gene.loo", "expression.loo"}
    assert "expression_simulated.loo" in default["evaluation"].all_outputs()


def test_kedro_finds_the_types_of_the_settings_of_figures() -> None:
    """It reads them off the functions of nodes; without them figures would be given dicts."""
    for name, pipeline in build_pipelines(screen_is_simulated=True).items():
        found = TypeExtractor({name: pipeline}).extract_types_from_pipelines()
        for setting, kind in TYPES.items():
            assert found.get(setting, kind) is kind, name
            assert (setting in found) == (f"params:{setting}" in pipeline.inputs()), name


@pytest.mark.parametrize("failed", [True, False])
def test_figures_of_a_failed_fit_say_so(monkeypatch: pytest.MonkeyPatch, failed: bool) -> None:
    import plotnine as p9

    drawn: dict[str, Any] = {}

    def draw_all(drawings: Any, cores: int) -> dict[str, bytes]:
        drawn.update({name: make() for name, make in drawings})
        return dict.fromkeys(drawn, b"png")

    monkeypatch.setattr("partialpool.figures.drawing.draw_all", draw_all)
    figure = Figure("Title", "Read.", "effects", 1, lambda: {}, lambda: p9.ggplot())
    (picture,) = draw_figures([figure], SimpleNamespace(), 1, failed=failed).values()
    (plot,) = drawn.values()
    assert (plot.labels.get("subtitle", "") == FAILED) is failed
    assert picture.png == b"png"


def test_where_there_is_nothing_to_draw_the_reason_is_kept() -> None:
    nothing = Figure("Title", "Read.", "effects", 2, lambda: "There is nothing.", lambda: None)
    (picture,) = draw_figures([nothing], SimpleNamespace(), 1).values()
    assert (picture.png, picture.reason) == (b"", "There is nothing.")


def test_a_matplotlib_figure_of_a_failed_fit_is_marked() -> None:
    from matplotlib import pyplot as plt

    plot = marked_failed(lambda: plt.figure())
    assert FAILED in [text.get_text() for text in plot.texts]
    plt.close(plot)


def test_an_error_in_tables_names_the_figure() -> None:
    def tables(scrn: Any) -> dict[str, Any]:
        return {"screen": scrn}

    figure = Figure("Title", "Read.", "effects", 1, tables, lambda: None)
    with pytest.raises(DrawingError, match=f"tables of figure {figure.name} .* 'scrn'"):
        draw_figures([figure], SimpleNamespace(screen=1), 1)
