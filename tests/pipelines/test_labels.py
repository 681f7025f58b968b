"""Labels that look like something else come out of a whole run as they went in."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partialpool.errors import PartialpoolError

GENES = ["007", "7157", "3845", "None", "NULL", "n/a", "β", "a.b[c]", "1e5", "True", "$_$"]
LINES = ["0", "0012", "1e3", "None"]
MODELS = ["sgrna_in_gene", "cell_line"]
#: Numbers everywhere: two guides of each gene, and batches.
GUIDES = {f"{number:04d}": GENES[number // 2] for number in range(2 * len(GENES))}


def table_of(genes: list[str], path: Path) -> Path:
    rng = np.random.default_rng(3)
    of_gene = dict(zip(GENES, rng.normal(0, 0.5, len(GENES)), strict=True))
    rows = [
        {
            "sgrna": guide,
            "replicate_id": f"{line}{replicate}",
            "lfc": of_gene[gene] + rng.normal(0, 0.3),
            "depmap_id": line,
            "hugo_symbol": gene,
            "lineage": {"0": "1", "0012": "None"}.get(line, "NA"),
            "pdna_batch": 3,
        }
        for guide, gene in GUIDES.items()
        for line in LINES
        for replicate in "ab"
        if gene in genes
    ]
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def read(path: Path) -> pd.DataFrame:
    """Every field as it stands in the file."""
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")


@pytest.fixture(scope="module")
def given(tmp_path_factory) -> dict:
    return {
        "screen_path": str(table_of(GENES, tmp_path_factory.mktemp("screen") / "screen.csv")),
        "models": MODELS,
        "draws": 100,
        "tune": 200,
        "chains": 2,
        "tracking": {"enabled": False},
    }


@pytest.fixture(scope="module")
def data(run, given, tmp_path_factory) -> Path:
    """The data root of a whole run on numbers and other oddities for labels."""
    data_root = tmp_path_factory.mktemp("data")
    run("depmap", data_root, given)
    return data_root


def test_export_tables_have_every_label_and_its_measurements(data: Path) -> None:
    genes = read(data / "08_reporting" / "gene_effects.csv")
    guides = read(data / "08_reporting" / "sgrna_effects.csv")
    lines = read(data / "08_reporting" / "cell_line_effects.csv")
    for model in MODELS:
        of_model = genes[genes["model"] == model]
        assert sorted(of_model["hugo_symbol"]) == sorted(GENES)
        assert set(of_model["n_measurements"]) == {str(2 * len(LINES) * 2)}
        own = guides[guides["model"] == model]
        assert dict(zip(own["sgrna"], own["hugo_symbol"], strict=True)) == GUIDES
        assert set(own["n_measurements"]) == {str(len(LINES) * 2)}
        assert own["guide"].tolist() == [str(int(guide) % 2 + 1) for guide in own["sgrna"]]
    assert sorted(lines["depmap_id"]) == sorted(LINES)
    lineage = dict(zip(lines["depmap_id"], lines["lineage"], strict=True))
    assert lineage == {"0": "1", "0012": "None", "1e3": "", "None": ""}


def test_export_tables_have_six_digits_and_model_output_has_all(data: Path) -> None:
    exported = read(data / "08_reporting" / "gene_effects.csv").query("model == 'cell_line'")
    effects = read(data / "07_model_output" / "cell_line" / "effects.csv")
    means = effects.set_index("parameter")["mean"]
    for gene, mean in zip(exported["hugo_symbol"], exported["mean"], strict=True):
        whole = means[f"gene_effect[{gene}]"]
        assert mean == f"{float(whole):.6g}"
        assert len(whole) > 12
    assert set(exported["verdict"]) <= {"passed", "failed"}


def test_the_page_names_genes_guides_and_lines(data: Path) -> None:
    page = (data / "08_reporting" / "report.html").read_text(encoding="utf-8")
    for label in [*GENES, *LINES]:
        assert f">{label}<" in page, label
    assert any(f">{guide}<" in page for guide in GUIDES)  # it shows the lowest and highest
    assert "7157.0" not in page


def test_batches_that_are_numbers_are_described(data: Path) -> None:
    described = read(data / "08_reporting" / "data" / "describe.csv").set_index("column")
    assert float(described.loc["pdna_batch", "mean"]) == 3


def test_fits_of_another_screen_are_not_reported(data: Path, run, given, tmp_path) -> None:
    """The last test on this data root: it replaces the screen."""
    report = data / "08_reporting" / "report.html"
    before = report.stat().st_mtime_ns
    fewer = given | {"screen_path": str(table_of(GENES[:-1], tmp_path / "fewer.csv"))}
    run("depmap", data, fewer, pipeline_names=["cell_line"])
    with pytest.raises(
        PartialpoolError, match=r"sgrna_in_gene\.\S+: input screen changed"
    ) as caught:
        run("depmap", data, fewer, pipeline_names=["reporting"])
    assert not re.search(r"cell_line\.(posterior|effects)", str(caught.value))
    assert "first run --pipelines evaluation,sgrna_in_gene;" in str(caught.value)
    assert report.stat().st_mtime_ns == before
