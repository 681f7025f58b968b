"""Model dependency in a run: its files, what is kept, and inputs that are refused."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pandas as pd
import pytest
from kedro.io import DatasetError

from partialpool.datasets.inference_data import InferenceDataDataset
from partialpool.running.parameters import ParameterError, check_parameters

QUICK = {"tracking": {"enabled": False}}
#: Files in DepMap's layout -> column of the long table.
WIDE = {
    "CRISPRGeneEffect": "mean",
    "CRISPRGeneDependency": "p_dependent",
    "CRISPRGeneEffectSD": "sd",
    "CRISPRGeneEffectLower": "lower",
    "CRISPRGeneEffectUpper": "upper",
}


@pytest.fixture(scope="module")
def lists(tmp_path_factory) -> dict[str, str]:
    """Parameters with the paths of two lists; most of their genes are not in the screen."""
    folder = tmp_path_factory.mktemp("lists")
    (folder / "nonessential.csv").write_text("hugo_symbol\nTP53\nABC\n")
    (folder / "common_essential.csv").write_text("Gene\nPTK2 (5747)\nXYZ (1)\n")
    return {f"{path.stem}_path": str(path) for path in folder.iterdir()}


@pytest.fixture(scope="module")
def screen(simulated, tmp_path_factory) -> Path:
    """The tiny screen as a user's own table, with Entrez ids of some genes and two groups."""
    table = simulated[0].assign(entrez_id=simulated[0]["hugo_symbol"].map({"KRAS": 3845}))
    lines = sorted(table["depmap_id"].unique())
    table["lineage"] = table["depmap_id"].map(lambda line: "ab"[lines.index(line) % 2])
    path = tmp_path_factory.mktemp("own") / "screen.csv"
    table.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def given(screen, lists) -> dict[str, Any]:
    return QUICK | lists | {"screen_path": str(screen), "compare": ["lineage"]}


@pytest.fixture(scope="module")
def first(run, given, tmp_path_factory) -> Path:
    data_root = tmp_path_factory.mktemp("first")
    run("test", data_root, given, pipeline_names=["calls"])
    return data_root


@pytest.fixture
def copy(first: Path, tmp_path: Path) -> Path:
    return copytree(first, tmp_path / "data")


def files(data: Path) -> dict[str, int]:
    """Time of each file, but for records."""
    found = (path for path in data.rglob("*") if path.is_file() and ".made_from" not in path.parts)
    return {str(path.relative_to(data)): path.stat().st_mtime_ns for path in found}


def read(data: Path, name: str) -> pd.DataFrame:
    path = data / "08_reporting" / "dependency" / name
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)


@pytest.fixture
def written(run, given, copy):
    """Run again with other parameters; give the files that were written."""

    def again(**changes: Any) -> set[str]:
        before = files(copy)
        run("test", copy, given | changes, pipeline_names=["calls"])
        return {path for path, time in files(copy).items() if before.get(path) != time}

    return again


# ---- what is written ----


def test_the_files_that_the_field_expects(first: Path) -> None:
    found = {path.name for path in (first / "08_reporting" / "dependency").iterdir()}
    assert found == {
        *(f"{name}.csv" for name in WIDE),
        *("effects.parquet", "hits.csv", "genes.csv", "trust.csv", "qc.csv", "qc_lines.csv"),
        *("differential_lineage_a.csv", "differential_lineage_b.csv"),
        "differential_index.json",
    }


@pytest.mark.parametrize("name", WIDE)
def test_wide_tables_are_the_long_one(first: Path, name: str) -> None:
    effects = read(first, "effects.parquet")
    wide = read(first, f"{name}.csv").set_index("ModelID").rename(columns={"KRAS (3845)": "KRAS"})
    assert wide.shape == (8, 6)
    expected = effects.pivot_table(WIDE[name], "depmap_id", "hugo_symbol")
    assert np.allclose(wide.loc[expected.index, expected.columns], expected, rtol=1e-5, atol=1e-12)


def test_control_genes_set_the_scale_and_are_not_called(first: Path) -> None:
    genes = read(first, "genes.csv").set_index("hugo_symbol")
    assert genes.loc["TP53", "mean"] == pytest.approx(0, abs=1e-6)
    assert genes.loc["PTK2", "mean"] == pytest.approx(-1, abs=1e-6)
    assert genes["control"].dropna().to_dict() == {
        "PTK2": "common essential",
        "TP53": "nonessential",
    }
    assert not set(read(first, "hits.csv")["hugo_symbol"]) & {"PTK2", "TP53"}


def test_a_contrast_is_the_difference_of_mean_effects(first: Path, screen: Path) -> None:
    lineage = pd.read_csv(screen).drop_duplicates("depmap_id").set_index("depmap_id")["lineage"]
    effects = read(first, "effects.parquet")
    effects["lineage"] = effects["depmap_id"].map(lineage)
    means = effects.pivot_table("mean", "hugo_symbol", "lineage")
    found = read(first, "differential_lineage_a.csv").set_index("hugo_symbol")["difference"]
    assert np.allclose(found, (means["a"] - means["b"])[found.index], atol=1e-5)


def test_the_posterior_says_how_it_was_made(first: Path) -> None:
    path = first / "06_models/dependency/posterior.nc"
    posterior = InferenceDataDataset(filepath=str(path)).load()
    verdict = json.loads((first / "07_model_output/dependency/verdict.json").read_text())
    assert posterior.attrs["fit_id"] == verdict["fit_id"]
    assert posterior.posterior["lambda"].sizes["cell_line"] == 8


# ---- what is kept ----


def test_an_unchanged_run_makes_nothing_again(written) -> None:
    assert written() == set()
    assert written(cores=1) == set()


def test_calls_are_made_again_without_the_fit(written) -> None:
    made = written(dependency={"calls": {"fdr": 0.2}})
    assert "08_reporting/dependency/hits.csv" in made
    assert not [path for path in made if path.startswith(("06_models", "07_model_output"))]


def test_another_list_of_genes_is_another_fit(written, tmp_path: Path) -> None:
    other = tmp_path / "nonessential.csv"
    other.write_text("hugo_symbol\nMDM2\n")
    assert "06_models/dependency/posterior.nc" in written(nonessential_path=str(other))


def test_the_same_list_elsewhere_is_not(written, lists, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere.csv"
    other.write_bytes(Path(lists["nonessential_path"]).read_bytes())
    assert written(nonessential_path=str(other)) == set()


def test_replicates_that_fail_are_left_out_on_request(written, copy: Path) -> None:
    correlation = read(copy, "qc.csv")["correlation"]
    limit = float(correlation.quantile(0.3))
    few = correlation < limit
    written(
        dependency={
            "qc": {"min_correlation": limit, "min_variable": 6},
            "inputs": {"drop_failing": True},
        }
    )
    left_out = json.loads((copy / "07_model_output/dependency/left_out.json").read_text())
    assert left_out == read(copy, "qc.csv").loc[few, "replicate_id"].tolist()
    fitted = pd.read_parquet(copy / "07_model_output/dependency/replicates.parquet")
    assert not set(fitted["replicate_id"]) & set(left_out)


# ---- what is refused ----


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"nonessential_path": "nowhere.csv"}, "no file at .*nowhere.csv"),
        ({"dependency": {"inputs": {"contrasts": {"x": {"column": "colour"}}}}}, "colour"),
    ],
)
def test_wrong_inputs_are_refused_before_anything_is_fitted(
    run, given, tmp_path: Path, changes: dict, named: str
) -> None:
    with pytest.raises((DatasetError, ValueError), match=named) as caught:
        run("test", tmp_path, given | changes, pipeline_names=["calls"])
    for part in ("Expected: ", "Got: ", "Fix: "):
        assert part in str(caught.value)
    assert not (tmp_path / "06_models").exists()


@pytest.mark.parametrize(
    ("group", "values", "said"),
    [
        ("fit", {"drawz": 9}, r"dependency\.fit\.drawz: no such parameter \(did you mean draws"),
        ("fit", {"priors": {"mu": {"sigma": -1}}}, r"dependency\.fit\.priors\.mu\.sigma"),
        ("calls", {"delta": 0.7}, r"fit\.thresholds must contain 0 and -calls\.delta \(-0\.7\)"),
        ("inputs", {"contrasts": {"a/b": {"mutated": "KRAS"}}}, "names of contrasts"),
    ],
)
def test_a_bad_parameter_is_named(read_conf, group: str, values: dict, said: str) -> None:
    raw = read_conf()
    changed = raw["dependency"] | {group: raw["dependency"][group] | values}
    with pytest.raises(ParameterError, match=said):
        check_parameters(raw | {"dependency": changed})


def test_an_unknown_model_is_still_refused(read_conf) -> None:
    with pytest.raises(ParameterError, match=r"no model dependenc; there are .*dependency"):
        check_parameters(read_conf() | {"models": ["gene", "dependenc"]})
