"""``kedro run --env counts``: counts, a DepMap release, and bad ones."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kedro.framework.project import pipelines

import partialpool as pp

QUICK = {"tracking": {"enabled": False}}
#: Among so few guides, thresholds of QC say nothing.
LOOSE = {"counts": {"qc": {"min_correlation": -1.0, "max_zeros": 1.0, "max_gini": 1.0}}}


@pytest.fixture
def files(simulated, tmp_path: Path) -> dict[str, str]:
    """Counts of the tiny screen with their labels: 18 guides, 16 replicates, a pDNA per batch."""
    screen, rng = simulated[0], np.random.default_rng(7)
    lfc = screen.pivot_table("lfc", "sgrna", "replicate_id")
    batch = screen.drop_duplicates("replicate_id").set_index("replicate_id")["pdna_batch"]
    pool = rng.lognormal(8, 0.3, len(lfc))  # reads: about 3,000 per guide
    counts = pd.DataFrame(rng.poisson(pool[:, None] * 2 ** lfc.to_numpy()), lfc.index, lfc.columns)
    pools = [f"pDNA-{name}" for name in batch.unique()]
    counts[pools] = rng.poisson(pool[:, None], (len(pool), len(pools)))
    line = screen.drop_duplicates("replicate_id").set_index("replicate_id")["depmap_id"]
    samples = pd.DataFrame(
        {
            "SequenceID": counts.columns,
            "ModelID": [*line[lfc.columns], *["pDNA"] * len(pools)],
            "pDNABatch": [*batch[lfc.columns], *batch.unique()],
        }
    )
    guides = screen[["sgrna", "hugo_symbol"]].drop_duplicates()
    counts.T.to_csv(tmp_path / "counts.csv.gz")
    samples.to_csv(tmp_path / "samples.csv", index=False)
    guides.rename(columns={"hugo_symbol": "gene"}).to_csv(tmp_path / "guides.csv", index=False)
    return {
        "counts_path": str(tmp_path / "counts.csv.gz"),
        "samples_path": str(tmp_path / "samples.csv"),
        "guides_path": str(tmp_path / "guides.csv"),
    }


def screen_of(data_root: Path) -> pd.DataFrame:
    return pd.read_parquet(data_root / "03_primary" / "screen.parquet")


def test_counts_become_the_modelling_table_with_its_qc_and_record(
    run, files, simulated, tmp_path, written
) -> None:
    data_root = tmp_path / "data"
    what = {"pipeline_names": ["data_engineering"]}
    run("counts", data_root, QUICK | LOOSE | files, **what)

    found = screen_of(data_root)
    assert len(found) == 18 * 16
    # Counts do not determine the level of a replicate: its median becomes 0.
    keys = ["sgrna", "replicate_id"]
    both = found.astype(dict.fromkeys(keys, str)).merge(simulated[0], on=keys)
    planted = both["lfc_y"] - both.groupby("replicate_id")["lfc_y"].transform("median")
    assert both.groupby("replicate_id")["lfc_x"].median().abs().max() < 1e-9
    assert np.corrcoef(both["lfc_x"], planted)[0, 1] > 0.97
    assert found["lfc_count_sd"].between(0.01, 0.1).all()
    qc = pd.read_csv(data_root / "08_reporting" / "sequence_qc.csv")
    assert set(qc["verdict"]) == {"pass"}
    record = json.loads((data_root / "03_primary" / "counts_record.json").read_text())
    assert record["read"]["orientation"] == "sequences x guides"
    assert record["normalisation"] == "median_of_ratios"
    assert "simulated_screen.csv" not in written(data_root)

    # The same from Python.
    table = pp.from_counts(*files.values(), qc=LOOSE["counts"]["qc"])
    pd.testing.assert_frame_equal(table, found, check_dtype=False, check_categorical=False)


def test_figures_of_sequences_are_drawn_and_the_report_names_the_input(
    run, files, tmp_path
) -> None:
    data_root = tmp_path / "data"
    given = QUICK | LOOSE | files | {"models": "gene"}
    run("counts", data_root, given, to_outputs=["data.figures"])
    drawn = {path.stem for path in (data_root / "08_reporting" / "data").glob("*.png")}
    assert {"sequence_reads", "sequence_evenness"} <= drawn
    (report,) = (node for node in pipelines["__default__"].nodes if node.name.endswith("report"))
    assert "params:counts_path" in report.inputs


def test_an_unchanged_run_makes_nothing_again(run, files, tmp_path, caplog) -> None:
    data_root, what = tmp_path / "data", {"pipeline_names": ["data_engineering"]}
    run("counts", data_root, QUICK | LOOSE | files, **what)
    screen = data_root / "03_primary" / "screen.parquet"
    before = screen.stat().st_mtime_ns
    run("counts", data_root, QUICK | LOOSE | files, **what)
    assert screen.stat().st_mtime_ns == before


def test_a_release_without_counts_uses_its_log_fold_changes(run, tmp_path) -> None:
    folder, data_root = tmp_path / "release", tmp_path / "data"
    folder.mkdir()
    guides = [f"g{i}" for i in range(6)]
    lfc = pd.DataFrame(np.random.default_rng(1).normal(size=(6, 4)), guides, list("abcd"))
    lfc.to_csv(folder / "AvanaLogfoldChange.csv")
    genes = ["KRAS (3845)"] * 3 + ["TP53 (7157)"] * 3
    pd.DataFrame({"sgRNA": guides, "Gene": genes}).to_csv(folder / "AvanaGuideMap.csv")
    pd.DataFrame({"SequenceID": list("abcd"), "ModelID": ["L1", "L1", "L2", "L2"]}).to_csv(
        folder / "ScreenSequenceMap.csv"
    )
    given = QUICK | {"depmap_dir": str(folder)}
    run("depmap_release", data_root, given, pipeline_names=["data_engineering"])
    found = screen_of(data_root)
    assert len(found) == 24
    assert set(found["entrez_id"]) == {3845, 7157}
    assert len(pd.read_csv(data_root / "08_reporting" / "sequence_qc.csv")) == 0
    record = json.loads((data_root / "03_primary" / "counts_record.json").read_text())
    assert record["source"] == "log fold changes"
    table = pp.from_depmap(folder)
    pd.testing.assert_frame_equal(table, found, check_dtype=False, check_categorical=False)


def test_bad_counts_write_nothing(run, files, written, tmp_path) -> None:
    counts = pd.read_csv(files["counts_path"], index_col=0).astype(float)
    counts.iloc[3, 2] = 7.5
    counts.to_csv(files["counts_path"])
    with pytest.raises(Exception, match=r"whole numbers in counts\.csv\.gz") as caught:
        run("counts", tmp_path / "data", QUICK | files)
    assert f"row 4, column {counts.columns[2]}: 7.5" in str(caught.value)
    assert not written(tmp_path / "data")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"samples_path": None}, "counts_path without samples_path"),
        ({"counts_path": None}, "samples_path and guides_path without counts_path"),
        ({"screen_path": "screen.csv"}, "screen_path and counts_path"),
        ({"depmap_dir": "folder"}, "counts_path and depmap_dir"),
        ({"counts": {"normalisation": "median"}}, "counts.normalisation"),
        ({"counts": {"psuedocount": 1}}, r"did you mean pseudocount\?"),
        ({"depmap": {"copy_number_unit": "ploidy"}}, "depmap.copy_number_unit"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(run, files, written, tmp_path, given, said) -> None:
    with pytest.raises(ValueError, match=said):
        run("test", tmp_path / "data", QUICK | files | given)
    assert not written(tmp_path / "data")
