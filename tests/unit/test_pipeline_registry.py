"""Every pipeline by name: what each makes, on the simulated screen and on the user's own."""

import pickle
from multiprocessing.reduction import ForkingPickler

import pytest
from kedro.validation.type_extractor import TypeExtractor

from partialpool.inference.settings import FitSettings
from partialpool.models import MODELS
from partialpool.pipeline_registry import build_pipelines
from partialpool.pipelines import modeling

#: Whether the input is simulated -> what is made on the way to the modelling table.
MADE = {
    True: {"simulation.raw_screen", "simulation.truth", "screen", "data_quality"},
    False: {"screen", "data_quality"},
}


def made(pipeline, section: str) -> set[str]:
    """What a pipeline makes but for the results of a fit."""
    return {name for name in pipeline.all_outputs() if not name.startswith(f"{section}.")}


@pytest.mark.parametrize("is_simulated", [True, False])
@pytest.mark.parametrize("model", MODELS)
def test_a_model_alone_makes_its_own_table_and_no_other(is_simulated: bool, model: str) -> None:
    pipeline = build_pipelines(is_simulated)[model]
    assert made(pipeline, model) == MADE[is_simulated]
    assert f"{model}.posterior" in pipeline.all_outputs()


@pytest.mark.parametrize("is_simulated", [True, False])
def test_the_fit_to_the_notebooks_screen_leaves_the_users_alone(is_simulated: bool) -> None:
    pipeline = build_pipelines(is_simulated)["expression_simulated"]
    assert made(pipeline, "expression_simulated") == {
        "simulation.expression_screen",
        "simulation.expression_truth",
    }
    assert "expression_simulated.posterior" in pipeline.all_outputs()
    assert not {name for name in pipeline.inputs() if not name.startswith("params:")}


def test_on_the_users_own_screen_nothing_simulated_is_made_unasked() -> None:
    pipelines = build_pipelines(False)
    assert set(pipelines) == set(build_pipelines(True))
    for name in ("__default__", "data_engineering", "modeling", "reporting"):
        found = pipelines[name].datasets()
        assert not [n for n in found if n.startswith(("simulation.", "expression_simulated."))]


def test_a_fit_is_told_by_its_namespace_whatever_its_settings(
    monkeypatch, balanced_table, tiny
) -> None:
    """What is fitted under another name is called by that name."""
    from partialpool.inference import sampling

    monkeypatch.setattr(sampling, "fit", lambda screen, settings, label: label)
    pipeline = modeling.create_pipeline("second", "screen", "truth")
    nodes = {node.name: node for node in pipeline.nodes}
    fit = pickle.loads(ForkingPickler.dumps(nodes["second.fit"].func))  # as to a worker process
    assert fit.__name__ == "fit"
    assert fit(balanced_table, tiny.modeling["gene"]) == "second"

    types = TypeExtractor({"second": pipeline}).extract_types_from_pipelines()
    assert types["modeling.second"] is FitSettings


def test_the_settings_of_a_fit_hold_no_second_name(tiny) -> None:
    raw = tiny.modeling["gene"].model_dump() | {"label": "mine"}
    with pytest.raises(ValueError, match="label"):
        FitSettings.model_validate(raw)
