"""``kedro run`` from nothing to every artefact, on a tiny simulated screen."""

import json
from pathlib import Path
from shutil import copytree

import numpy as np
import pandas as pd
import pytest
from kedro.framework.session import KedroSession
from scipy import stats

from partialpool.datasets.inference_data import InferenceDataDataset
from partialpool.models import MODELS
from partialpool.screen import KEYS

FITS = [*MODELS, "expression_simulated"]
ESTIMATES = ["mean", "sd", "hdi_lower", "hdi_upper", "ess_bulk", "ess_tail", "r_hat"]


#: Every model and figure, all draws that can be saved, and figures in MLflow.
EVERYTHING = {
    "models": list(MODELS),
    "figures": ["all"],
    "save": ["prior", "replicates"],
    "tracking": {"figures": ["trace", "rmse_by_model"]},
}


@pytest.fixture(scope="module")
def data(project, files_of, run, tmp_path_factory) -> Path:
    """The data root of one run of everything, which wrote nowhere else."""
    data_root = tmp_path_factory.mktemp("data")
    before = files_of()
    run("test", data_root, EVERYTHING)
    assert files_of() == before, "written outside data_root"
    return data_root


def table(data: Path, fit: str, name: str) -> pd.DataFrame:
    path = data / "07_model_output" / fit / name
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)


def fit_of(data: Path, fit: str, name: str = "posterior"):
    return InferenceDataDataset(filepath=str(data / "06_models" / fit / f"{name}.nc")).load()


def test_every_artefact_is_there(data: Path) -> None:
    shared = {
        "01_raw/simulated_screen.csv",
        "01_raw/simulated_truth.csv",
        "01_raw/expression_truth.csv",
        "03_primary/screen.parquet",
        "03_primary/expression_screen.parquet",
        "03_primary/data_quality.csv",
    }
    of_each = {
        f"{folder}/{fit}/{name}"
        for fit in FITS
        for folder, names in {
            "06_models": ("prior.nc", "posterior.nc"),
            "08_reporting": ("graph.svg", "gene_effects.png", "trace.png", "figures.json"),
            "07_model_output": (
                *("convergence.csv", "verdict.json", "predictions.parquet", "replicates.nc"),
                *("effects.csv", "recovery.csv", "coverage.csv"),
            ),
        }.items()
        for name in names
    }
    shared |= {
        f"08_reporting/{name}"
        for name in (
            *("report.html", "gene_effects.csv", "sgrna_effects.csv", "cell_line_effects.csv"),
            *("data/lfc_by_gene.png", "data/prior_scales.png", "data/describe.csv"),
            *("comparison/rmse_by_model.png", "comparison/model_comparison.csv"),
            *("expression_data/rna_trend.png", "expression_data/estimates_vs_published.csv"),
        )
    }
    missing = [path for path in sorted(shared | of_each) if not (data / path).stat().st_size]
    assert missing == []


def test_only_missing_outputs_are_made_again(data: Path, run, tmp_path, caplog) -> None:
    copied = copytree(data, tmp_path / "data")
    (copied / "08_reporting/gene/graph.svg").unlink()
    before = {path: path.stat().st_mtime_ns for path in copied.rglob("*") if path.is_file()}
    with caplog.at_level("INFO"):
        run(
            "test",
            copied,
            EVERYTHING | {"tracking": {"enabled": False}},
            only_missing_outputs=True,
        )

    after = {path: path.stat().st_mtime_ns for path in copied.rglob("*") if path.is_file()}
    written = {path for path in after if after[path] != before.get(path)}
    drawn = copied / "08_reporting/gene"
    assert {drawn / "graph.svg", drawn / "figures.json", *drawn.glob("*.png")} <= written
    kept = [path for path in written if "cell_line" in path.parts or path.suffix == ".nc"]
    assert kept == [copied / ".made_from/reporting/cell_line/gather.json"]  # made in memory only
    assert caplog.text.count(": passed; max R-hat") == len(FITS)  # verdicts are logged again


def test_nothing_half_written_is_left(data: Path) -> None:
    assert [path for path in data.rglob(".*") if "unfinished" in path.name] == []


def test_the_raw_screen_looks_as_if_r_had_written_it(data: Path) -> None:
    text = (data / "01_raw" / "simulated_screen.csv").read_text()
    header, first, *_ = text.splitlines()
    assert len(header.split(",")) == 27
    assert ",TRUE," in first
    assert ",NA" in text
    assert "True" not in text


def test_the_screen_has_every_measurement(data: Path, tiny) -> None:
    screen = pd.read_parquet(data / "03_primary" / "screen.parquet")
    sizes = tiny.simulation.depmap_screen
    assert len(screen) == sizes.n_sgrnas * sizes.n_replicates
    assert screen["hugo_symbol"].cat.ordered
    assert {"gene_cn_z", "rna_expr_z", "is_mutated"} <= set(screen)


@pytest.mark.parametrize("fit", FITS)
def test_posteriors_have_labels_and_their_provenance(data: Path, fit: str, tiny) -> None:
    found, settings = fit_of(data, fit), tiny.modeling[fit]

    assert set(found.groups()) == {"posterior", "sample_stats"}
    sizes = found.posterior.sizes
    assert (sizes["chain"], sizes["draw"]) == (settings.sampler.chains, settings.sampler.draws)
    for term in settings.spec.terms:
        assert found.posterior[term.effect].dims == ("chain", "draw", *term.dims)
    assert not [name for name in found.posterior if "_z" in name or name.endswith("__")]
    assert np.isfinite(found.posterior.to_dataarray()).all()

    attrs = found.attrs
    assert attrs["model"] == settings.model
    assert attrs["seed"] == settings.seed
    assert json.loads(attrs["settings"]) == settings.model_dump(mode="json")
    assert {"pymc", "nutpie", "partialpool"} <= set(json.loads(attrs["versions"]))
    assert len(attrs["data_hash"]) == 64
    assert attrs["seconds"] >= attrs["compile_seconds"] > 0
    assert attrs["n_measurements"] == len(table(data, fit, "predictions.parquet"))
    for dim, size in found.posterior.sizes.items():
        if dim not in ("chain", "draw"):
            assert attrs[f"n_{dim}"] == size


def test_labels_are_those_of_the_screen(data: Path) -> None:
    screen = pd.read_parquet(data / "03_primary" / "screen.parquet")
    effect = fit_of(data, "cell_line").posterior["cell_line_effect"]
    assert effect["cell_line"].to_numpy().tolist() == list(screen["depmap_id"].cat.categories)


@pytest.mark.parametrize("fit", FITS)
def test_every_parameter_is_in_the_convergence_table(data: Path, fit: str) -> None:
    found = table(data, fit, "convergence.csv")
    posterior = fit_of(data, fit).posterior

    n = sum(values[0, 0].size for values in posterior.data_vars.values())
    assert found["parameter"].is_unique
    assert len(found) == n
    assert set(ESTIMATES) <= set(found)
    sigma = found.set_index("parameter").loc["sigma"]
    assert sigma["mean"] == pytest.approx(float(posterior["sigma"].mean()))


@pytest.mark.parametrize("fit", FITS)
def test_verdicts_pass_at_the_thresholds_of_so_few_draws(data: Path, fit: str, tiny) -> None:
    record = json.loads((data / "07_model_output" / fit / "verdict.json").read_text())
    assert record["model"] == fit
    assert record["passed"], record["reasons"]
    limit = record["thresholds"]["max_r_hat"]  # what chance explains, if that is more
    assert tiny.convergence.max_r_hat <= limit <= tiny.convergence.r_hat_cap


@pytest.mark.parametrize("fit", FITS)
def test_every_measurement_is_predicted(data: Path, fit: str) -> None:
    name = "expression_screen" if fit == "expression_simulated" else "screen"
    screen = pd.read_parquet(data / "03_primary" / f"{name}.parquet")
    found = table(data, fit, "predictions.parquet")

    keys = list(KEYS)
    assert found[keys].astype(str).equals(screen[keys].astype(str))
    assert np.allclose(found["real_value"], screen["lfc"])
    assert np.allclose(found["error"], found["mean"] - found["real_value"])
    assert (found["hdi_lower"] < found["mu_hdi_lower"]).all()
    assert (found["mu_hdi_upper"] < found["hdi_upper"]).all()
    path = data / "07_model_output" / fit / "replicates.nc"
    replicates = InferenceDataDataset(filepath=str(path)).load()
    assert replicates.posterior_predictive["lfc"].sizes["measurement"] == len(screen)


@pytest.mark.parametrize("fit", FITS)
def test_effects_carry_their_labels(data: Path, fit: str) -> None:
    found = table(data, fit, "effects.csv")
    posterior = fit_of(data, fit).posterior

    labels = ["parameter", "effect", "hugo_symbol", "sgrna", "depmap_id"]
    columns = [*labels, *ESTIMATES, "n_measurements", "informed"]
    assert found.columns.tolist() == columns
    assert not found[ESTIMATES].isna().any(axis=None)
    for effect, rows in found.groupby("effect"):
        dim = posterior[effect].dims[-1]
        column = {"gene": "hugo_symbol", "sgrna": "sgrna", "cell_line": "depmap_id"}[dim]
        assert rows[column].tolist() == posterior[dim].to_numpy().tolist()
        assert np.allclose(rows["mean"], posterior[effect].mean(("chain", "draw")))


def test_the_published_estimates_are_found_again(data: Path) -> None:
    """The test's few draws are worth some 400, so means are off by 0.05 sd: 0.25 is five times."""
    found = pd.read_csv(data / "08_reporting/expression_data/estimates_vs_published.csv")
    assert len(found) == 36
    assert found["distance"].abs().max() < 0.25


def test_guides_come_with_their_gene(data: Path) -> None:
    screen = pd.read_parquet(data / "03_primary" / "screen.parquet")
    gene_of = screen.astype(str).drop_duplicates("sgrna").set_index("sgrna")["hugo_symbol"]
    guides = table(data, "cell_line", "effects.csv").query("effect == 'sgrna_effect'")
    assert guides["hugo_symbol"].tolist() == gene_of[guides["sgrna"]].tolist()


@pytest.mark.parametrize("fit", FITS)
def test_estimates_are_compared_with_every_planted_value(data: Path, fit: str, tiny) -> None:
    recovery, shares = table(data, fit, "recovery.csv"), table(data, fit, "coverage.csv")
    effects = table(data, fit, "effects.csv")

    assert set(effects["parameter"]) <= set(recovery["parameter"])
    total = shares.set_index("effect").loc["all"]
    assert total["n"] == len(recovery)
    assert total["n_inside"] == recovery["is_inside"].sum()
    # As few as this by chance in one run in a million, all fits together, if each value is inside
    # with the interval's own probability and by itself.
    fewest = stats.binom.ppf(1e-6 / len(FITS), total["n"], tiny.convergence.hdi_prob)
    assert total["n_inside"] >= fewest > 0
    assert total["share_inside"] == pytest.approx(total["n_inside"] / total["n"])


@pytest.mark.parametrize("fit", FITS)
def test_prior_draws_and_the_picture_are_kept(data: Path, fit: str, tiny) -> None:
    prior = fit_of(data, fit, "prior")
    assert prior.prior.sizes["draw"] == tiny.prediction.prior_draws
    assert prior.prior_predictive.sizes["draw"] == tiny.prediction.replicates
    assert "</svg>" in (data / "08_reporting" / fit / "graph.svg").read_text()


def test_mlflow_keeps_tables_and_chosen_figures_only(data: Path) -> None:
    kept = [path for path in (data / "mlartifacts").rglob("*") if path.is_file()]
    figures = [path.stem for path in kept if path.suffix == ".png"]
    assert set(figures) == set(EVERYTHING["tracking"]["figures"])
    assert figures.count("trace") == len(FITS)  # once each
    assert figures.count("rmse_by_model") == 1
    assert {path.suffix for path in kept} == {".png", ".csv", ".json"}


def test_one_seed_gives_one_posterior(data: Path, run, tmp_path: Path) -> None:
    """Another process or folder, the same draws: nothing random is left to chance."""
    run("test", tmp_path, {"tracking": {"enabled": False}}, pipeline_names=["gene"])
    one, other = fit_of(data, "gene").posterior, fit_of(tmp_path, "gene").posterior
    assert np.array_equal(one["gene_effect"], other["gene_effect"])


def test_parameters_of_the_command_line_reach_every_fit(run, project, tmp_path: Path) -> None:
    given = {"data_root": str(tmp_path), "draws": 17, "chains": 3, "seed": 5, "sampler": "pymc"}
    with KedroSession.create(project, env="test", runtime_params=given) as session:
        modeling = session.load_context().params["modeling"]
    for settings in modeling.values():
        assert settings.seed == 5
        sampler = settings.sampler
        assert (sampler.name, sampler.chains, sampler.draws) == ("pymc", 3, 17)
