"""``kedro run --env depmap``: a user's own table, good and bad."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

from partialpool.datasets.whole_file import replacing
from partialpool.running.parameters import ParameterError, check_parameters

#: Few draws: these tests ask whether it runs, and no MLflow record is made.
QUICK = {"draws": 20, "tune": 50, "chains": 1, "tracking": {"enabled": False}}


@pytest.fixture
def own(run, tmp_path: Path):
    """Run the project on a table; give its data root."""

    def on(screen: Path, parameters: dict | None = None, **what) -> Path:
        data_root = tmp_path / "data"
        given = QUICK | {"screen_path": str(screen)} | (parameters or {})
        run("depmap", data_root, given, **what)
        return data_root

    return on


def screen_of(data_root: Path) -> pd.DataFrame:
    return pd.read_parquet(data_root / "03_primary" / "screen.parquet")


def quality_of(data_root: Path) -> pd.DataFrame:
    return pd.read_csv(data_root / "03_primary" / "data_quality.csv").set_index("item")


# ---- tables that can be used ----


@pytest.mark.parametrize(
    "model",
    [
        pytest.param("gene", marks=pytest.mark.slow),
        pytest.param("sgrna_in_gene", marks=pytest.mark.slow),
        "cell_line",
    ],
)
def test_five_columns_fit_the_models_without_covariates(
    own, written, minimal_table, tmp_path, model: str
) -> None:
    minimal_table.to_csv(tmp_path / "screen.csv", index=False)
    data_root = own(tmp_path / "screen.csv", {"chains": 2}, pipeline_names=[model])

    predictions = data_root / "07_model_output" / model / "predictions.parquet"
    assert len(pd.read_parquet(predictions)) == len(minimal_table)
    found = written(data_root)
    assert "recovery.csv" not in found  # nothing was planted in a real screen
    assert "simulated_screen.csv" not in found


def test_five_columns_get_a_report_of_the_models_that_they_fit(
    own, minimal_table, tmp_path
) -> None:
    minimal_table.to_csv(tmp_path / "screen.csv", index=False)
    data_root = own(tmp_path / "screen.csv", {"chains": 2, "models": "cell_line gene"})

    assert {path.name for path in (data_root / "06_models").iterdir()} == {"cell_line", "gene"}
    page = (data_root / "08_reporting" / "report.html").read_text()
    assert page.index('id="model-cell_line"') < page.index('id="model-gene"')  # as asked for
    assert 'id="model-mutation"' not in page
    genes = pd.read_csv(data_root / "08_reporting" / "gene_effects.csv")
    assert set(genes["model"]) == {"cell_line", "gene"}
    priors = pd.read_csv(data_root / "08_reporting" / "data" / "scale_priors.csv")
    assert set(priors["fit"]) == {"cell_line", "gene"}


def test_every_column_that_lacks_is_named_before_the_first_fit(
    own, written, minimal_table, tmp_path
) -> None:
    minimal_table.to_csv(tmp_path / "screen.csv", index=False)
    with pytest.raises(ValueError, match="n_muts for mutation; rna_expr for expression") as caught:
        own(tmp_path / "screen.csv")
    assert "--params models=gene,sgrna_in_gene,cell_line" in str(caught.value)
    assert not written(tmp_path / "data" / "06_models")


def test_a_model_says_which_column_it_lacks(own, written, minimal_table, tmp_path) -> None:
    minimal_table.to_csv(tmp_path / "screen.csv", index=False)
    with pytest.raises(ValueError, match="Expected: n_muts for mutation"):
        own(tmp_path / "screen.csv", pipeline_names=["mutation"])
    assert not written(tmp_path / "data" / "06_models")


def test_copy_number_is_clipped_where_the_truth_was_planted(run, project, tmp_path: Path) -> None:
    """Else the planted slopes are on another scale than the estimates beside them."""
    bootstrap_project(project)
    with KedroSession.create(project, env="test", runtime_params={"cn_max": 4.5}) as session:
        found = check_parameters(session.load_context().config_loader["parameters"])
    assert found.data_engineering.cn_max == 4.5
    assert found.simulation.depmap_screen.effects.cn_max == 4.5

    differ = {"data_engineering": {"cn_max": 4.5}}
    with pytest.raises(ParameterError, match=r"cn_max 4\.5, .*effects\.cn_max 10\n.*cn_max=4\.5"):
        run("test", tmp_path / "data", differ)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("saved_before", [False, True])
def test_one_cell_line_is_refused_before_the_first_fit(
    own, written, minimal_table, tmp_path, saved_before: bool
) -> None:
    """Whether the modelling table is made in this run or was made by an earlier one."""
    line = minimal_table["depmap_id"].iloc[0]
    one = minimal_table[minimal_table["depmap_id"] == line]
    one.to_csv(tmp_path / "screen.csv", index=False)
    models = {"models": "gene cell_line"}
    what = {}
    if saved_before:
        own(tmp_path / "screen.csv", models, pipeline_names=["data_engineering"])
        what = {"pipeline_names": ["modeling"]}
    with pytest.raises(ValueError, match="Expected: 2 cell lines for cell_line") as caught:
        own(tmp_path / "screen.csv", models, **what)
    assert f"1 cell lines ({line})" in str(caught.value)
    assert "--params models=gene" in str(caught.value)
    assert not written(tmp_path / "data" / "06_models")


@pytest.mark.parametrize("name", ["screen.csv", "screen.csv.gz", "screen.tsv", "screen.parquet"])
def test_every_format_gives_one_modelling_table(own, minimal_table, tmp_path, name) -> None:
    path = tmp_path / name
    if name.endswith("parquet"):
        minimal_table.to_parquet(path)
    else:
        minimal_table.to_csv(path, index=False, sep="\t" if "tsv" in name else ",")
    found = screen_of(own(path, pipeline_names=["data_engineering"]))

    expected = minimal_table.sort_values(["hugo_symbol", "sgrna", "depmap_id"], kind="stable")
    assert found["sgrna"].astype(str).tolist() == expected["sgrna"].tolist()
    assert np.allclose(found["lfc"], expected["lfc"])


def test_a_table_that_r_wrote(own, minimal_table, tmp_path) -> None:
    table = minimal_table.assign(passes_qc="TRUE", gene_cn="NA", pdna_batch=3)
    table.loc[:9, "passes_qc"] = "FALSE"
    table["lfc"] = table["lfc"].astype(object)
    table.loc[20:22, "lfc"] = "NA"
    table.to_csv(tmp_path / "screen.csv", index=False, quoting=2)
    data_root = own(tmp_path / "screen.csv", pipeline_names=["data_engineering"])

    count = quality_of(data_root)["count"]
    assert count["rows failing QC"] == 10
    assert count["rows without lfc"] == 3
    assert len(screen_of(data_root)) == len(table) - 13
    assert screen_of(data_root)["pdna_batch"].unique().tolist() == ["3"]


def test_rows_that_fail_qc_stay_if_so_set(own, minimal_table, tmp_path) -> None:
    table = minimal_table.assign(passes_qc=np.arange(len(minimal_table)) > 9)
    table.to_csv(tmp_path / "screen.csv", index=False)
    keep = {"data_engineering": {"drop_failed_qc": False}}
    data_root = own(tmp_path / "screen.csv", keep, pipeline_names=["data_engineering"])
    assert len(screen_of(data_root)) == len(table)


def test_a_gene_whose_copy_number_does_not_vary_is_reported(own, minimal_table, tmp_path) -> None:
    rng = np.random.default_rng(1)
    constant = minimal_table["hugo_symbol"] == "KRAS"
    copies = pd.Series(rng.uniform(1, 4, len(minimal_table))).mask(constant, 2.0)
    minimal_table.assign(gene_cn=copies).to_csv(tmp_path / "screen.csv", index=False)
    data_root = own(tmp_path / "screen.csv", pipeline_names=["data_engineering"])

    item = quality_of(data_root).loc["genes with constant gene_cn"]
    assert (item["count"], item["note"]) == (1, "KRAS")
    screen = screen_of(data_root)
    assert (screen.loc[screen["hugo_symbol"] == "KRAS", "gene_cn_z"] == 0).all()
    assert (screen.loc[screen["hugo_symbol"] != "KRAS", "gene_cn_z"] != 0).all()


def test_pipelines_of_the_simulated_screen_do_not_stay_behind(project, tmp_path) -> None:
    """Kedro registers those of the default input first; they would write the user's ``screen``."""
    bootstrap_project(project)
    pipelines["of another screen"] = pipelines["data_engineering"]
    assert "simulation.raw_screen" in pipelines["expression"].datasets()
    given = {"screen_path": str(tmp_path / "screen.csv")}
    with KedroSession.create(project, env="depmap", runtime_params=given) as session:
        session.load_context()

    assert "of another screen" not in pipelines
    writers = [name for name, found in pipelines.items() if "screen" in found.all_outputs()]
    assert {"expression", "data_engineering"} < set(writers)
    assert not [n for n in writers if "simulation.raw_screen" in pipelines[n].datasets()]


# ---- tables that can't: change the good one, and what the message must say ----


def two_genes(table: pd.DataFrame) -> pd.DataFrame:
    first = table["sgrna"].iloc[0]
    elsewhere = (table["sgrna"] == first) & (table.index > 100)
    return table.assign(hugo_symbol=table["hugo_symbol"].mask(elsewhere, "OTHER"))


def with_value(column: str, value: object):
    def change(table: pd.DataFrame) -> pd.DataFrame:
        changed = table.assign(**{column: table.get(column, 2.0)}).astype({column: object})
        changed.loc[4, column] = value
        return changed

    return change


BAD = {
    "missing column": (
        lambda table: table.rename(columns={"lfc": "logFC"}),
        ["the columns sgrna, replicate_id, lfc", "no lfc", "rename logFC to lfc"],
    ),
    "text in lfc": (
        with_value("lfc", "high"),
        ["numbers in column lfc", "text in row 5: 'high'", "write NA"],
    ),
    "infinite lfc": (
        with_value("lfc", "-inf"),
        ["finite numbers in column lfc", "row 5: ", "inf", "pseudocount"],
    ),
    "guide of two genes": (
        two_genes,
        ["one gene (hugo_symbol) for each sgrna", "OTHER (row", "correct the guide map"],
    ),
    "measured twice": (
        lambda table: pd.concat([table, table.iloc[[7]]]),
        ["one row for each sgrna x replicate_id", "in rows 8, 289", "remove the repeated rows"],
    ),
    "negative copy number": (
        with_value("gene_cn", -1.5),
        ["no negative number in column gene_cn", "row 5: ", "-1.5", "check the scale"],
    ),
    "no rows": (
        lambda table: table.iloc[:0],
        ["at least one row", "no rows", "filtered out all rows"],
    ),
    "one gene": (
        lambda table: table[table["hugo_symbol"] == "KRAS"],
        ["at least 2 genes", "of 1 genes (KRAS)", "a table with more genes"],
    ),
}


def assert_said(text: str, parts: list[str]) -> None:
    for part in ("Expected: ", "Got: ", "Fix: ", *parts):
        assert part in text


@pytest.mark.parametrize("what", BAD)
def test_a_bad_table_is_refused_and_nothing_is_written(
    own, written, minimal_table, tmp_path, what
) -> None:
    change, parts = BAD[what]
    change(minimal_table).to_csv(tmp_path / "screen.csv", index=False)
    with pytest.raises(Exception, match="Expected: ") as caught:
        own(tmp_path / "screen.csv")
    assert_said(str(caught.value), parts)
    assert not written(tmp_path / "data")


def test_a_file_that_is_not_there_is_named(own, written, tmp_path) -> None:
    with pytest.raises(Exception, match="Expected: a file") as caught:
        own(tmp_path / "nowhere.csv")
    assert_said(str(caught.value), [f"no file at {tmp_path / 'nowhere.csv'}", "correct the path"])
    assert not written(tmp_path / "data")


@pytest.mark.parametrize(
    ("name", "content", "came"),
    [
        ("screen.csv.gz", b"sgrna,lfc\n", "plain text"),
        ("screen.parquet", b"sgrna,lfc\n", "text"),
        ("screen.csv", b"PK\x03\x04 and more", "a zip archive or an Excel workbook"),
        ("screen.csv", b"", "an empty file"),
    ],
)
def test_a_file_that_is_not_what_its_name_says(own, written, tmp_path, name, content, came) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Exception, match="Expected: ") as caught:
        own(tmp_path / name)
    assert_said(str(caught.value), [f"Got: {came}"])
    assert not written(tmp_path / "data")


@pytest.mark.parametrize(
    ("parameters", "parts"),
    [
        (
            {"drws": 5},
            ["1 parameter can't be used", "drws: no such parameter (did you mean draws?); got 5"],
        ),
        (
            {"draws": -5},
            ["1 parameter can't be used", "draws", "greater than or equal to 4; got -5"],
        ),
        (
            {"sampler": "gibbs"},
            ["1 parameter can't be used", "sampler", "'nutpie' or 'pymc'; got 'gibbs'"],
        ),
        ({"models": "gene cellline"}, ["models: there is no model cellline; there are gene, "]),
        ({"models": ""}, ["models", "at least 1 item"]),
        (
            {"modeling": {"geen": {"seed": 3}}},
            ["1 parameter can't be used", "no fit geen (did you mean gene?)"],
        ),
        (
            {"modeling": {"gene": {"model": "genes"}}},
            ["modeling.gene.model", "one of gene, "],
        ),
        ({"seed": -1}, ["seed", "greater than or equal to 0; got -1"]),
        ({"draws": "many"}, ["draws", "valid integer", "got 'many'"]),
        (
            {"modeling": {"gene": {"priors": {"sigma": {"sigma": -5.0}}}}},
            ["modeling.gene.priors.sigma.sigma", "greater than or equal to 0.000001; got -5.0"],
        ),
        (
            {"modeling": {"gene": {"priors": {"sigma_genes": {"sigma": 5.0}}}}},
            ["modeling.gene.priors.sigma_genes: no such parameter (did you mean sigma_gene?)"],
        ),
        ({"seed": 2**32}, ["1 parameter can't be used", "seed: ", "less than 4294967296"]),
        (
            {"modeling": {"gene": {"priors": {"mu_gene": {"mu": float("nan")}}}}},
            ["modeling.gene.priors.mu_gene.mu: ", "finite number; got nan"],
        ),
        (
            {"modeling": {"gene": {"priors": {"sigma": {"sigma": float("inf")}}}}},
            ["modeling.gene.priors.sigma.sigma: ", "finite number; got inf"],
        ),
        (
            {"modeling": {"gene": {"priors": {"mu_gene": {"mu": -1e308}}}}},
            ["modeling.gene.priors.mu_gene.mu: ", "greater than or equal to -1000000; got -1e+308"],
        ),
        (
            {"modeling": {"gene": {"priors": {"sigma": {"sigma": 1e-308}}}}},
            ["modeling.gene.priors.sigma.sigma: ", "greater than or equal to 0.000001; got 1e-308"],
        ),
        (
            {"dependency": {"fit": {"priors": {"level": {"sigma": float("inf")}}}}},
            ["dependency.fit.priors.level.sigma: ", "finite number; got inf"],
        ),
        ({"cn_max": float("inf")}, ["1 parameter can't be used", "cn_max: ", "finite number"]),
        ({"convergence": {"max_r_hat": 0.9}}, ["convergence.max_r_hat", "greater than 1"]),
        ({"data_engineering": {"cn_max": 0}}, ["data_engineering.cn_max", "greater than 0"]),
    ],
    ids=str,
)
def test_a_bad_parameter_is_named_before_anything_runs(
    run, written, tmp_path: Path, parameters: dict, parts: list[str]
) -> None:
    with pytest.raises(ValueError, match="can't be used") as caught:
        run("test", tmp_path / "data", parameters)
    for part in (*parts, "Fix: correct --params, or conf/"):
        assert part in str(caught.value)
    assert not written(tmp_path / "data")


@pytest.mark.parametrize(
    ("value", "reason"),
    [("${nothing}", "'nothing' not found"), ("${seed", "at input '${seed'")],
)
@pytest.mark.parametrize("name", ["screen_path", "draws"])
def test_an_interpolation_that_leads_nowhere_names_the_parameter(
    run, written, tmp_path: Path, name: str, value: str, reason: str
) -> None:
    with pytest.raises(ParameterError, match=f"Got: {name}: ") as caught:
        run("test", tmp_path / "data", {name: value})
    assert_said(str(caught.value), [reason, "correct --params", r"\${...}"])
    assert not written(tmp_path / "data")


KILLED = """
import os, signal, sys
from partialpool.datasets.whole_file import replacing

with replacing(sys.argv[1]) as unfinished:
    unfinished.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have SIGKILL")
def test_what_a_killed_process_left_is_removed_by_the_next_run(
    own, minimal_table, tmp_path: Path
) -> None:
    """Also in folders in which that run writes nothing."""
    data = tmp_path / "data"
    left = [data / "06_models" / "gene" / "posterior.nc", data / ".made_from" / "a" / "b.json"]
    for path in left:
        done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
        assert done.returncode == -signal.SIGKILL
    assert len([*data.rglob(".unfinished~*")]) == 2
    users = data / "06_models" / "gene" / ".unfinished~mine"
    users.touch()

    minimal_table.to_csv(tmp_path / "screen.csv", index=False)
    with replacing(data / "06_models" / "gene" / "other.nc") as unfinished:
        unfinished.touch()
        own(tmp_path / "screen.csv", pipeline_names=["data_engineering"])
        assert unfinished.exists()  # this process still runs
    assert [*data.rglob(".unfinished~*")] == [users]
