"""The report: what it shows of each fit, and that it needs nothing but itself."""

import base64
import io
import json
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from PIL import Image

from partialpool.inference.reuse import SavedFit
from partialpool.inference.settings import ConvergenceSettings
from partialpool.models import MODELS
from partialpool.pipelines.reporting import pipeline_data, pipeline_model
from partialpool.pipelines.reporting.nodes_report import gather_fit, gather_section
from partialpool.pipelines.reporting.pipeline_report import create_report_pipeline
from partialpool.report import ModelContent, ReportContent, Section, captions, render, tables
from partialpool.report.equations import read_docstring
from partialpool.report.headline import headline, trusted_model
from partialpool.report.pictures import embed_png
from partialpool.report.same_fit import OutOfDateError
from partialpool.report.verdicts import light
from partialpool.screen import Screen

THRESHOLDS = {
    "max_r_hat": 1.01,
    "min_ess_bulk": 400.0,
    "min_ess_tail": 400.0,
    "max_divergences": 0,
    "max_treedepth_hits": 0,
    "min_e_bfmi": 0.3,
}
GOOD = {
    "passed": True,
    "reasons": [],
    "max_r_hat": 1.002,
    "min_ess_bulk": 2000.0,
    "min_ess_tail": 1800.0,
    "divergences": 0,
    "treedepth_hits": 0,
    "min_e_bfmi": 0.9,
    "n_parameters": 30,
    "chains": 4,
    "draws": 500,
    "seconds": 3.21,
    "compile_seconds": 2.0,
    "thresholds": THRESHOLDS,
}
BAD = GOOD | {"passed": False, "max_r_hat": 1.4, "reasons": ["R-hat > 1.01 for 9 of 30 parameters"]}
LABELS = ("hugo_symbol", "sgrna", "depmap_id")


def _png(width=60, height=40, seed=0):
    pixels = np.full((height, width, 3), 255, dtype=np.uint8)
    pixels[10:30, 10:50] = np.random.default_rng(seed).integers(0, 255, (20, 40, 3))
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def _effects(n_genes=12, guides_per_gene=2):
    genes = [f"GENE{i}" for i in range(n_genes)]
    guides = [(gene, f"{gene}-{k}") for gene in genes for k in range(guides_per_gene)]
    rows = [("gene_effect", gene, None) for gene in genes]
    rows += [("sgrna_effect", gene, guide) for gene, guide in guides]
    table = pd.DataFrame(rows, columns=["effect", "hugo_symbol", "sgrna"]).assign(depmap_id=None)
    mean = np.linspace(-1.123456, 1.0, len(table))
    label = table["sgrna"].fillna(table["hugo_symbol"])
    return table.assign(
        parameter=table["effect"] + "[" + label + "]",
        mean=mean,
        sd=0.1,
        hdi_lower=mean - 0.2,
        hdi_upper=mean + 0.2,
        ess_bulk=1234.5,
        ess_tail=999.0,
        r_hat=1.0012,
    )


def _fit(name, verdict=GOOD, model=None, **changes):
    effects = _effects()
    population = pd.DataFrame({"parameter": ["mu_gene", "sigma"], "mean": [-0.1, 0.5], "sd": 0.1})
    population = population.assign(hdi_lower=-0.2, hdi_upper=0.6, ess_bulk=900.0, r_hat=1.0)
    about = sys.modules[MODELS[model or name].build.__module__].__doc__
    given = {
        "settings": {"model": model or name, "seed": 824, "sampler": {"name": "nutpie"}},
        "convergence": pd.concat([effects.drop(columns=["effect", *LABELS]), population]),
        "effects": effects,
        "priors": {"mu_gene": "Normal, mu 0, sigma 5"},
        "graph": '<svg xmlns="http://www.w3.org/2000/svg"/>',
        "scores": {"n_measurements": 5000, "rmse": 0.4, "coverage": 0.9, "elpd_loo": -3000.0}
        | {"elpd_loo_se": 50.0},
        "recovery": effects[["parameter"]].assign(true_value=0.25),
        "coverage": pd.DataFrame({"effect": ["all"], "n": [9], "n_inside": [8]}),
        "figures": {"trace": _png(), "gene_effects": _png(seed=1), "something_new": _png(seed=2)},
    }
    return ModelContent(name, about, verdict=verdict, **(given | changes))


def _content(*fits):
    quality = pd.DataFrame(
        {
            "item": ["rows read", "rows kept", "rows failing QC", "rows without lfc"]
            + [f"{level} kept" for level in ("genes", "sgrnas", "cell lines")]
            + [f"{level} left with no rows" for level in ("genes", "sgrnas", "cell lines")],
            "count": [5100, 5000, 90, 10, 12, 24, 8, 0, 0, 0],
            "share": [1.0, 0.98, 0.02, 0.0, 1, 1, 1, 0, 0, np.nan],
            "note": "",
        }
    )
    loo = pd.DataFrame({"model": [fit.name for fit in fits], "elpd_loo": -3000.0})
    sections = {
        "data": Section({"lfc_by_gene": _png()}, {"describe": pd.DataFrame({"column": ["lfc"]})}),
        "comparison": Section({"rmse_by_model": _png()}, {"model_comparison": loo}),
        "expression_data": Section({"rna_trend": _png()}),
    }
    return ReportContent(quality, sections, fits, {"pymc": "5.28.5"}, 0.89)


@pytest.fixture(scope="module")
def content():
    fits = [_fit(name, BAD if name == "cell_line" else GOOD) for name in MODELS]
    return _content(*fits)


@pytest.fixture(scope="module")
def page(content):
    return render(content)


def _section(page, name):
    return re.search(rf'<section id="{name}".*?</section>', page, re.S)[0]


def _tables(text):
    found = re.findall(r'<script type="application/json">(.*?)</script>', text, re.S)
    return {table["name"]: table for table in map(json.loads, found)}


def _column(table, title):
    position = [column["title"] for column in table["columns"]].index(title)
    return [row[position] for row in table["rows"]]


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_a_section_with_equations_figures_and_tables(page, name):
    section = _section(page, f"model-{name}")
    assert "<math" in section.split("<details>")[0], "equations before anything that opens"
    assert section.count("<figure") == 4, "three figures and the graph"
    assert {f"{name}_gene_effect", f"{name}_sgrna_effect", f"{name}_population"} <= set(
        _tables(section)
    )


@pytest.mark.parametrize("name", MODELS)
def test_docstrings_of_models_have_equations_and_symbols_that_can_be_read(name):
    about = read_docstring(sys.modules[MODELS[name].build.__module__].__doc__)
    assert "<mtable" in about.equations
    assert "problematic" not in about.equations + about.notes
    assert about.symbols.count("<tr>") > 1, "a table of symbols that reStructuredText can read"


def test_tables_hold_every_row_and_number(page, content):
    table = _tables(_section(page, "model-gene"))["gene_gene_effect"]
    effects = content.models[0].effects
    genes = effects[effects["effect"] == "gene_effect"]
    assert _column(table, "gene") == list(genes["hugo_symbol"])
    assert _column(table, "estimate") == pytest.approx(list(genes["mean"]), abs=1e-4)
    assert _column(table, "planted") == [0.25] * len(genes)
    assert _column(table, "direction")[0] == "negative"


def test_a_failed_model_is_marked_beside_every_number_and_a_passed_one_is_not(page):
    failed, passed = _section(page, "model-cell_line"), _section(page, "model-gene")
    for table in _tables(failed).values():
        assert set(_column(table, "verdict")) == {"failed"}, table["name"]
    for table in _tables(passed).values():
        assert set(_column(table, "verdict")) == {"passed"}, table["name"]
    captions_ = re.findall(r"<figcaption>.*?</figcaption>", failed, re.S)
    assert sum('class="mark"' in caption for caption in captions_) == 3
    heads = re.findall(r"<summary>(?:Table|What|More|Did).*?</summary>", failed, re.S)
    assert len(heads) >= 6
    assert all('class="mark"' in head for head in heads)
    assert "R-hat &gt; 1.01 for 9 of 30 parameters" in failed
    assert 'class="mark"' not in passed
    assert 'class="verdict failed"' not in passed


def test_a_failed_model_is_marked_among_the_others(page):
    side_by_side = _section(page, "comparison")
    row = re.search(r"<tr[^>]*>\s*<th[^>]*><a[^>]*>cell_line</a>.*?</tr>", side_by_side, re.S)[0]
    assert 'class="failed"' in row
    assert "FAILED" in row
    assert (
        _column(_tables(side_by_side)["comparison_model_comparison"], "verdict").count("failed")
        == 1
    )
    assert 'class="mark"' in re.search(r"<figcaption>.*?</figcaption>", side_by_side, re.S)[0]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "passed"),
        ({"max_r_hat": 1.009}, "narrow"),
        ({"min_ess_tail": 450.0}, "narrow"),
        ({"passed": False, "max_r_hat": None}, "failed"),
    ],
)
def test_a_verdict_is_a_traffic_light(changes, expected):
    assert light(GOOD | changes) == expected


def test_the_answer_comes_from_the_best_model_that_passed():
    scores = _fit("gene").scores
    better = _fit("cell_line", scores=scores | {"elpd_loo": -10.0})
    failed = _fit("mutation", BAD, scores=scores | {"elpd_loo": -1.0})
    fewer = _fit("expression", scores=scores | {"n_measurements": 5, "elpd_loo": -1.0})
    other = _fit("sgrna_in_gene", screen="another", scores=scores | {"elpd_loo": -1.0})
    trusted = trusted_model([_fit("gene"), better, failed, fewer, other])
    assert trusted is not None
    assert trusted.name == "cell_line"
    answer = headline(trusted)
    assert answer.lowest[0].gene == "GENE0"
    assert answer.highest[0].gene == "GENE11"
    assert answer.n_negative + answer.n_positive <= answer.n_genes == 12


def test_there_is_no_answer_if_no_model_passed():
    page = render(_content(_fit("gene", BAD)))
    assert "There is no answer yet" in _section(page, "answer")
    assert "GENE0" not in _section(page, "answer")


def test_nothing_on_the_page_is_fetched(page):
    addresses = re.findall(r"""(?:src|href|action|poster|data)=["']([^"']*)""", page)
    outside = [a[:60] for a in addresses if not a.startswith(("#", "data:"))]
    assert not outside
    styles = "".join(re.findall(r"<style>(.*?)</style>", page, re.S))
    assert "@import" not in styles
    assert all(url.startswith("data:") for url in re.findall(r"url\(([^)]*)", styles))


def test_names_of_the_screen_can_not_break_the_page():
    evil = "</script><b>x"
    fit = _fit("gene")
    effects = fit.effects.replace({"hugo_symbol": {"GENE0": evil}})
    page = render(_content(replace(fit, effects=effects)))
    assert evil not in page
    assert evil in _column(_tables(page)["gene_gene_effect"], "gene")


def test_every_figure_that_is_drawn_has_a_caption_of_its_own():
    drawn = {output for group in pipeline_model.FIGURES for output in group.figures}
    drawn |= {draw.__name__ for draw in pipeline_data.FIGURES}
    drawn |= {
        name.rpartition(".")[2]
        for name in pipeline_model.create_comparison_pipeline({"gene": "screen"}).outputs()
    } - {"section"}
    assert drawn - {*captions.FIGURES, *captions.TABLES} == set()
    grouped = {name for group in captions.GROUPS for name in group.figures}
    assert {n for group in pipeline_model.FIGURES for n in group.figures} - grouped == set()


def test_an_unknown_figure_is_shown_last_with_its_name(page):
    section = _section(page, "model-gene")
    assert "Something new" in section
    assert section.index("gene-something_new") > section.index("gene-trace")


def test_a_long_table_shows_its_ends_and_says_where_the_rest_is(monkeypatch):
    monkeypatch.setattr(tables, "MAX_ROWS", 4)
    frame = pd.DataFrame({"hugo_symbol": list("ABCDEFG"), "mean": [3, 1, 2, 5, 4, 7, 6.0]})
    table = tables.table_of(frame, "Genes", source="effects.csv")
    assert [row[0] for row in table.rows] == ["B", "C", "G", "F"]
    assert "of 7 rows" in table.note
    assert "effects.csv" in table.note


def test_the_page_of_a_large_screen_stays_below_15_mb():
    rng = np.random.default_rng(0)
    pixels = np.repeat(np.repeat(rng.integers(0, 255, (300, 400, 3)), 2, axis=0), 2, axis=1)
    out = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(out, "PNG")
    effects = _effects(883, 4)
    fits = [
        _fit(name, effects=effects, figures={f"f{i}": out.getvalue() for i in range(4)})
        for name in MODELS
    ]
    page = render(_content(*fits))
    assert len(_tables(page)["gene_sgrna_effect"]["rows"]) == 883 * 4
    assert len(page.encode()) < 15e6


def test_pictures_get_smaller_and_keep_their_size_and_white_paper():
    pixels = np.full((300, 400, 4), 255, dtype=np.uint8)
    pixels[..., :3][100:200] = np.random.default_rng(1).integers(0, 255, (100, 400, 3))
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    picture = embed_png(out.getvalue())
    assert (picture.width, picture.height) == (400, 300)
    assert len(picture.address) < len(out.getvalue())
    seen = Image.open(io.BytesIO(base64.b64decode(picture.address.partition(",")[2])))
    assert seen.convert("RGB").getpixel((5, 5)) == (255, 255, 255)


def test_the_page_works_without_scores_truth_figures_and_other_sections():
    fit = _fit("gene", scores=None, recovery=None, coverage=None, figures={}, graph="")
    content = replace(_content(fit), sections={})
    assert not content.is_simulated
    page = render(content)
    assert "planted" not in _section(page, "model-gene")
    assert 'id="model-gene"' in page


def _gather(settings, table, **changes):
    """What the fit gene gave, gathered: all of one fit to this table, but for the changes."""
    fit = _fit("gene")
    of = {"fit_id": "a", "data_hash": Screen.from_table(table).content_hash}
    given = {
        "saved_fit": SavedFit({"model": "gene"} | of, 1, 1, lambda: None),
        "verdict": GOOD | {"model": "gene"} | of,
        "scores": fit.scores | of,
        "convergence": fit.convergence,
        "effects": fit.effects,
        "graph": fit.graph,
    }
    return gather_fit(settings, table, **(given | changes), trace=_png())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"saved_fit": None}, "posterior is gone"),
        ({"scores": {"rmse": 0.4}}, "scores are of an earlier fit"),
        ({"effects": _effects(n_genes=3)}, "effects are of an earlier fit"),
    ],
)
def test_results_of_different_fits_are_not_gathered(tiny, balanced_table, changes, reason):
    with pytest.raises(OutOfDateError, match=rf"gene \(its {reason}"):
        _gather(tiny.modeling["gene"], balanced_table, **changes)


def test_the_pipeline_makes_page_and_tables_from_what_the_models_gave(tiny, balanced_table):
    fit = _fit("gene")
    section = _gather(tiny.modeling["gene"], balanced_table)
    catalog = DataCatalog(
        {
            "screen": MemoryDataset(balanced_table),
            "data_quality": MemoryDataset(_content(fit).data_quality),
            "params:convergence": MemoryDataset(tiny.convergence),
            "gene.section": MemoryDataset(section),
            "data.section": MemoryDataset(gather_section(describe=balanced_table, lfc=_png())),
        }
    )
    pipeline = create_report_pipeline(["gene"], ["data"])
    assert pipeline.outputs() == {
        "report",
        "report.gene_effects",
        "report.sgrna_effects",
        "report.cell_line_effects",
    }
    found = SequentialRunner().run(pipeline, catalog)
    page = found["report"].load()
    assert 'id="gene-trace"' in page
    assert 'id="data-lfc"' in page
    assert "Normal, mu 0" in page
    assert len(found["report.gene_effects"].load()) == 12
    assert isinstance(tiny.convergence, ConvergenceSettings)


def test_the_report_imports_neither_samplers_nor_kedro_nor_plots():
    code = (
        "import sys, partialpool.report; "
        "sys.exit(str(found) if (found := {'pymc', 'arviz', 'plotnine', 'kedro'} & {*sys.modules}) "
        "else 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
