"""The report: what it shows of each fit, and that it needs nothing but itself."""

import base64
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from html import unescape

import numpy as np
import pandas as pd
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from PIL import Image

from partialpool.figures import fit as fit_figures
from partialpool.figures import screen as screen_figures
from partialpool.figures.pictures import Picture, _small
from partialpool.inference.settings import ConvergenceSettings
from partialpool.models import MODELS
from partialpool.pipeline_registry import build_pipelines
from partialpool.pipelines.reporting import create_report_pipeline
from partialpool.pipelines.reporting.nodes import gather_fit, gather_section
from partialpool.report import ModelContent, ReportContent, Section, captions, render, tables
from partialpool.report.equations import read_docstring
from partialpool.report.headline import headline, trusted_model
from partialpool.report.pictures import embed
from partialpool.report.tables import Column
from partialpool.report.verdicts import description, light

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
DESCRIBED = pd.DataFrame({"column": ["lfc"], "mean": [-0.1], "std": [0.56]})
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


def _gene_scores(*coverages):
    """Genes of which each is described if its coverage is within 0.1 of 0.89."""
    table = pd.DataFrame({"hugo_symbol": [f"GENE{i}" for i in range(len(coverages))]})
    table = table.assign(n_measurements=500, mean_error=0.01, rmse=0.4, coverage=coverages)
    return table.assign(is_described=(table["coverage"] - 0.89).abs() < 0.1)


def _fit(name, verdict=GOOD, model=None, **changes):
    effects = _effects()
    population = pd.DataFrame({"parameter": ["mu_gene", "sigma"], "mean": [-0.1, 0.5], "sd": 0.1})
    population = population.assign(hdi_lower=-0.2, hdi_upper=0.6, ess_bulk=900.0, r_hat=1.0)
    about = MODELS[model or name].page
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
        "gene_scores": _gene_scores(0.9, 0.6, 0.88, 0.87),
        "measurements": effects.loc[effects["sgrna"].notna(), [*LABELS]],
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
        "data": Section({"lfc_by_gene": _png()}, {"describe": DESCRIBED}),
        "comparison": Section({"rmse_by_model": _png()}, {"model_comparison": loo}),
        "expression_data": Section({"rna_trend": _png()}),
    }
    return ReportContent(quality, sections, fits, {"pymc": "5.28.5"}, 0.89, 0.89, 0.5)


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
    about = read_docstring(MODELS[name].page)
    assert "<mtable" in about.equations
    html = about.lead + about.equations + about.notes + about.symbols
    assert not set("\\$`&") & set(unescape(re.sub("<.*?>", "", html))), "LaTeX or Markdown is left"
    assert about.symbols.count("<tr>") == 1 + len(MODELS[name].symbols)


def test_tables_hold_every_row_and_number(page, content):
    table = _tables(_section(page, "model-gene"))["gene_gene_effect"]
    effects = content.models[0].effects
    genes = effects[effects["effect"] == "gene_effect"]
    assert _column(table, "gene") == list(genes["hugo_symbol"])
    assert _column(table, "estimate") == pytest.approx(list(genes["mean"]), abs=1e-4)
    assert _column(table, "planted") == [0.25] * len(genes)
    assert _column(table, "direction")[0] == "negative"
    guides = _tables(_section(page, "model-gene"))["gene_sgrna_effect"]
    assert _column(guides, "guide")[:3] == ["GENE0-0", "GENE0-1", "GENE1-0"]
    assert _column(guides, "no.")[:3] == [1, 2, 1]
    assert _column(guides, "measurements") == [1] * 24


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


def test_the_answer_ranks_genes_and_counts_the_clear_and_the_strong_ones():
    """Means of 12 genes from -1.12 to -0.43, intervals of 0.2 either way: all are negative."""
    fit = _fit("gene")
    answer = headline(fit, strong=0.9)
    lowest, highest = answer.ends
    assert lowest.bars[0].gene == "GENE0"
    assert highest.bars[0].gene == "GENE11"
    assert (answer.n_genes, answer.n_negative, answer.n_positive) == (12, 12, 0)
    means = fit.effects.loc[fit.effects["effect"] == "gene_effect", "mean"]
    assert 0 < answer.n_strong == sum(mean <= -0.9 for mean in means) < 12
    assert answer.conditions == []
    assert answer.varying == []


def test_the_answer_tells_where_genes_matter_more_and_under_which_condition_it_holds():
    effects, genes = _effects(), ("GENE1", "GENE2", "GENE3")
    mutation = effects[effects["hugo_symbol"].isin(genes) & effects["sgrna"].isna()].assign(
        effect="mutation_effect", mean=[-0.3, -0.7, 0.1], hdi_lower=[-0.4, -0.8, -0.1]
    )
    mutation = mutation.assign(
        hdi_upper=[-0.2, -0.6, 0.3], parameter="mutation_effect[" + mutation["hugo_symbol"] + "]"
    )
    seen = _fit("gene").measurements.assign(is_mutated=0)
    mutated = seen.assign(is_mutated=seen["hugo_symbol"].isin(("GENE1", "GENE3")).astype(int))
    fit = _fit("mutation", effects=pd.concat([effects, mutation]), measurements=mutated)

    answer = headline(fit, strong=0.5)
    assert answer.conditions == ["where the gene is not mutated"]
    (group,) = answer.varying
    assert [bar.gene for bar in group.bars] == ["GENE1"]  # GENE2: no measurement; GENE3: unclear
    assert "1 of 2 genes" in group.note

    page = render(_content(fit))
    assert "where the gene is not mutated" in _section(page, "answer")
    table = _tables(page)["mutation_mutation_effect"]
    assert _column(table, "gene") == ["GENE1", "GENE3", "GENE2"]  # by estimate, unseen last
    assert _column(table, "measurements") == [2, 2, 0]


@pytest.mark.parametrize(
    ("coverages", "expected"),
    [((0.9, 0.85, 0.95), "passed"), ((0.9, 0.9, 0.9, 0.9, 0.6), "narrow"), ((0.9, 0.5), "failed")],
)
def test_a_model_describes_the_data_well_mostly_or_poorly(coverages, expected):
    found = description(_gene_scores(*coverages), 0.89)
    assert found is not None
    assert found.light == expected
    assert found.n_genes == len(coverages)
    assert found.n_described == sum(abs(c - 0.89) < 0.1 for c in coverages)


def test_the_genes_that_are_described_worst_are_named(page):
    found = description(_gene_scores(0.9, 0.7, 0.4, 0.9999, 0.78, 0.5), 0.89)
    assert found is not None
    assert found.worst == {"GENE2": 0.4, "GENE5": 0.5, "GENE1": 0.7}
    assert "GENE1 (60.0 % inside)" in _section(page, "model-gene")
    answer = _section(page, "answer")
    assert "Did its computation work?" in answer
    assert "3 of 4 genes" in answer


@pytest.mark.parametrize(
    ("value", "column", "shown"),
    [
        (-0.00001, Column("", "number", 3), "0.000"),
        (-1.2345, Column("", "number", 2), "\u22121.23"),
        (0.0, Column("", "general", 4), "0"),
        (1.0, Column("", "general", 4), "1"),
        (0.123456, Column("", "general", 4), "0.1235"),
        (76247.99, Column("", "general", 4), "76,250"),
        (-60049.0, Column("", "general", 2), "\u221260,000"),
        (12820000000.0, Column("", "general", 4), "1.282e10"),
        (1.337e-7, Column("", "general", 2), "1.3e\u22127"),
        (-40659.3, Column("", "count"), "\u221240,659"),
        (-0.2, Column("", "count"), "0"),
        (0.8868, Column("", "share"), "88.7 %"),
        (None, Column("", "share"), ""),
    ],
)
def test_numbers_have_as_many_digits_as_they_need(value, column, shown):
    assert tables.text(value, column) == shown


def test_failed_rows_that_were_kept_are_not_called_left_out():
    quality = _content(_fit("gene")).data_quality
    kept = quality.assign(count=quality["count"].mask(quality["item"] == "rows kept", 5090))
    page = render(replace(_content(_fit("gene")), data_quality=kept))
    data = " ".join(_section(page, "data").split())
    assert "10 were left out: 0 failed quality control, 10 had no log fold change" in data
    assert "90 failed quality control and were kept" in data


def test_a_table_of_the_data_is_not_headed_as_estimates(page):
    heads = [c["title"] for c in _tables(_section(page, "data"))["data_describe"]["columns"]]
    assert heads == ["column", "mean", "sd"]


def test_planted_values_found_again_stand_beside_what_chance_allows(page):
    """Of 9 independent values, 6 to 9 lie inside intervals of 89 %: P(5 or fewer) = 1.2 %."""
    table = _tables(_section(page, "model-gene"))["gene_coverage"]
    assert _column(table, "expected") == ["6 to 9"]


def test_a_fit_to_another_screen_follows_what_is_shown_of_that_screen():
    other = _fit("expression_simulated", model="expression", screen="its own")
    page = render(_content(_fit("gene"), other))
    order = [page.index(f'<section id="{name}"') for name in ("model-gene", "expression_data")]
    assert order[0] < order[1] < page.index('<section id="model-expression_simulated"')
    assert "On a screen of its own." in _section(page, "model-expression_simulated")


def test_where_a_model_is_from_is_not_told_to_readers_of_the_report():
    about = read_docstring("Model ``x``: a test.\n\nRead on.\n\nSource: the notebook.")
    assert "Read on." in about.notes
    assert "notebook" not in about.notes


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


def test_every_figure_and_table_has_a_caption_of_its_own():
    of_fits = {name for figures in fit_figures.FIGURES for name in figures.names}
    of_others = {figure.__name__ for figure in screen_figures.FIGURES}
    of_others |= {"prior_scales", "verdicts_by_model", "rmse_by_model"}
    assert of_fits | of_others == set(captions.FIGURES)
    tables = {
        name.rpartition(".")[2]
        for name in build_pipelines(screen_is_simulated=True)["__default__"].all_outputs()
        if ".tables." in name
    }
    assert tables <= set(captions.TABLES)
    grouped = {name for group in captions.GROUPS for name in group.figures}
    assert of_fits == grouped


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
    picture = _small(Image.fromarray(pixels.astype(np.uint8)))
    effects = _effects(883, 4)
    fits = [
        _fit(name, effects=effects, figures={f"f{i}": picture for i in range(4)}) for name in MODELS
    ]
    page = render(_content(*fits))
    assert len(_tables(page)["gene_sgrna_effect"]["rows"]) == 883 * 4
    assert len(page.encode()) < 15e6


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_pictures_are_taken_into_the_page_as_they_are(kind):
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(out, kind)
    picture = embed(out.getvalue())
    assert (picture.width, picture.height) == (400, 300)
    start, _, content = picture.address.partition(",")
    assert start == f"data:image/{kind.lower()};base64"
    assert base64.b64decode(content) == out.getvalue()


def test_the_page_works_without_scores_truth_figures_and_other_sections():
    nothing = {"scores": None, "recovery": None, "coverage": None, "figures": {}, "graph": ""}
    fit = _fit("gene", gene_scores=pd.DataFrame(), **nothing)
    content = replace(_content(fit), sections={})
    assert not content.is_simulated
    page = render(content)
    assert "planted" not in _section(page, "model-gene")
    assert 'id="model-gene"' in page


def _gather(settings, table):
    """What the fit gene gave, gathered."""
    fit = _fit("gene")
    given = {
        "verdict": GOOD | {"model": "gene"},
        "scores": fit.scores,
        "gene_scores": fit.gene_scores,
        "convergence": fit.convergence,
        "effects": fit.effects,
        "graph": fit.graph,
    }
    return gather_fit(settings, table, {"trace": _picture()}, **given)


def _picture():
    return Picture(png=b"for people", webp=_png())


def test_the_pipeline_makes_page_and_tables_from_what_the_models_gave(tiny, balanced_table):
    fit = _fit("gene")
    section = _gather(tiny.modeling["gene"], balanced_table)
    catalog = DataCatalog(
        {
            "screen": MemoryDataset(balanced_table),
            "data_quality": MemoryDataset(_content(fit).data_quality),
            "params:screen_path": MemoryDataset("far/away/screen.csv.gz"),
            "params:convergence": MemoryDataset(tiny.convergence),
            "params:prediction": MemoryDataset(tiny.prediction),
            "params:reporting": MemoryDataset(tiny.reporting),
            "fits": MemoryDataset({"gene": section}),
            "data.section": MemoryDataset(
                gather_section({"lfc": _picture()}, describe=balanced_table)
            ),
        }
    )
    pipeline = create_report_pipeline(["data"])
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
    assert ">Normal, mu 0, sigma 5<" in page
    made = _section(page, "provenance")
    assert "screen.csv.gz" in made
    assert "far/away" not in made
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
