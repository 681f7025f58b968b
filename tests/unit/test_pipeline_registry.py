"""Every pipeline by name: what each makes, on the simulated screen and on the user's own."""

import pickle
from multiprocessing.reduction import ForkingPickler

import pytest
from kedro.validation.type_extractor import TypeExtractor

from partialpool.inference.fit_settings import ConvergenceSettings, FitSettings
from partialpool.models import MODELS
from partialpool.pipeline_registry import build_pipelines
from partialpool.pipelines import modeling
from partialpool.running.parameters import DependencyParameters

#: Whether the input is simulated -> what is made on the way to the modelling table.
MADE = {
    True: {"simulation.raw_screen", "simulation.truth", "screen", "data_quality"},
    False: {"screen", "data_quality"},
}


def made(pipeline, section: str) -> set[str]:
    """What a pipeline makes but for the results of a fit, and what stays in memory."""
    others = (f"{section}.", "data_engineering.")
    return {name for name in pipeline.all_outputs() if not name.startswith(others)}


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
    for name in ("__default__", "data_engineering", "modeling", "evaluation", "reporting"):
        found = pipelines[name].datasets()
        assert not [n for n in found if n.startswith(("simulation.", "expression_simulated."))]


def test_modeling_has_one_node_per_model_that_gives_the_whole_fit() -> None:
    """And one that stops the run after all of it is saved."""
    modeled = build_pipelines(True, MODELS)["modeling"]
    nodes = {node.short_name: node for node in modeled.nodes if node.outputs}
    assert set(nodes) == {*MODELS, "expression_simulated"}
    for name, node in nodes.items():
        assert {output.removeprefix(f"{name}.") for output in node.outputs} == {
            *("posterior", "convergence", "verdict", "effects"),
        }
    others = [node for node in modeled.nodes if not node.outputs]
    assert {node.short_name for node in others} == {"enforce_verdict"}
    assert len(others) == len(nodes)


def test_the_steps_of_data_engineering_have_names_and_none_simulates() -> None:
    steps = [node.short_name for node in build_pipelines(False)["data_engineering"].nodes]
    assert steps == [
        *("load_screen", "validate", "leave_out", "categorize"),
        *("scale_copy_number", "scale_rna_expression", "mark_mutated", "describe_quality"),
    ]


def test_the_default_pipeline_opens_as_five_boxes() -> None:
    default = build_pipelines(True)["__default__"]
    boxes = {str(node.namespace).partition(".")[0] for node in default.nodes}
    assert boxes == {"simulation", "data_engineering", "models", "calls", "reporting"}


@pytest.mark.parametrize("is_simulated", [True, False])
def test_the_dependency_model_and_its_calls_make_their_own_table(is_simulated: bool) -> None:
    pipelines = build_pipelines(is_simulated)
    alone, called = pipelines["dependency"], pipelines["calls"]
    assert made(alone, "dependency") == MADE[is_simulated]
    assert "dependency.posterior" in alone.all_outputs()
    assert made(called, "dependency") - made(alone, "dependency") == {
        f"calls.{table}"
        for table in (
            *("effects", "hits", "genes", "differential", "qc", "qc_lines", "trust"),
            *("gene_effect", "gene_dependency"),
            *("gene_effect_sd", "gene_effect_lower", "gene_effect_upper"),
        )
    }


def test_what_was_planted_is_compared_only_if_it_was() -> None:
    def outputs(simulated: bool, planted: bool) -> set[str]:
        return build_pipelines(simulated, has_deviations=planted)["calls"].all_outputs()

    assert outputs(True, True) - outputs(True, False) == {"calls.recovery"}
    assert outputs(False, True) == outputs(False, False)


@pytest.mark.parametrize("name", ["__default__", "modeling"])
def test_the_dependency_model_is_left_out_like_any_other(name: str) -> None:
    with_it, without = (
        build_pipelines(True, models)[name] for models in (["gene", "dependency"], ["gene"])
    )
    rest = {node.name for node in with_it.nodes} - {node.name for node in without.nodes}
    boxes = ("models.dependency.", "calls.", "reporting.dependency.")
    assert rest
    assert all(node.startswith(boxes) for node in rest)


def test_the_dependency_model_can_be_the_only_one() -> None:
    default = build_pipelines(True, ["dependency"])["__default__"]
    assert {"dependency.posterior", "calls.hits", "report"} <= default.all_outputs()
    assert "comparison.figures" not in default.all_outputs()


def test_lists_of_control_genes_are_inputs_only_if_they_are_given() -> None:
    given = build_pipelines(False, gene_lists=["nonessential"])["calls"].inputs()
    assert "nonessential_genes" in given
    assert "common_essential_genes" not in given
    nodes = build_pipelines(False, gene_lists=["nonessential", "common_essential"])["calls"].nodes
    readers = {node.short_name for node in nodes if "common_essential_genes" in node.inputs}
    assert readers == {"leave_out", "choose_replicates", "dependency", "call", "check"}


def test_kedro_finds_the_types_of_the_settings_of_calls() -> None:
    types = TypeExtractor(build_pipelines(True)).extract_types_from_pipelines()
    found = {name: types[f"dependency.{name}"] for name in DependencyParameters.model_fields}
    assert found == {n: f.annotation for n, f in DependencyParameters.model_fields.items()}


def test_a_fit_is_told_by_its_name_whatever_its_settings(monkeypatch, balanced_table, tiny) -> None:
    """What is fitted under another name is called by that name."""
    from partialpool.inference import sampling

    def told(screen, settings, label):
        raise RuntimeError(label)

    monkeypatch.setattr(sampling, "fit", told)
    pipeline = modeling.create_pipeline("second", "screen")
    nodes = {node.short_name: node for node in pipeline.nodes}
    fit = pickle.loads(ForkingPickler.dumps(nodes["second"].func))  # as to a worker process
    assert fit.__name__ == "fit"
    with pytest.raises(RuntimeError, match=r"^second$"):
        fit(balanced_table, tiny.modeling["gene"], tiny.convergence)

    types = TypeExtractor({"second": pipeline}).extract_types_from_pipelines()
    assert types["modeling.second"] is FitSettings
    assert types["convergence"] is ConvergenceSettings


def test_the_settings_of_a_fit_hold_no_second_name(tiny) -> None:
    raw = tiny.modeling["gene"].model_dump() | {"label": "mine"}
    with pytest.raises(ValueError, match="label"):
        FitSettings.model_validate(raw)
