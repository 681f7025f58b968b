"""The report: what it shows of each fit, and that it needs nothing but itself."""

import base64
import io
import json
import re
import subprocess
import sys
from dataclasses import fields, replace
from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from PIL import Image

from made_calls import made_calls, with_lists
from partialpool.defaults import default
from partialpool.figures.figure import GROUPS
from partialpool.figures.pictures import Picture, _encoded
from partialpool.inference.fit_settings import ConvergenceSettings, PredictionSettings
from partialpool.inference.recovery import coverage
from partialpool.models import MODELS, dependency
from partialpool.pipeline_registry import build_pipelines
from partialpool.pipelines.reporting import create_report_pipeline
from partialpool.pipelines.reporting.nodes import gather_fit, gather_sections
from partialpool.report import (
    DependencyContent,
    ModelContent,
    ReportContent,
    Section,
    captions,
    lookup,
    render,
    tables,
)
from partialpool.report.answer import answer, trusted_model, varying
from partialpool.report.bars import Axis
from partialpool.report.dependency import dependency_view
from partialpool.report.equations import read_docstring
from partialpool.report.pictures import embed
from partialpool.report.seen import Seen, counts, seen
from partialpool.report.tables import Column
from partialpool.report.verdicts import light

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
    "advice": [],
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
    "r_hat_rule": "max_r_hat 1.01 holds for these 30 parameters",
}
REASON = "R-hat > 1.01 for 9 of 30 parameters"
ADVICE = "More draws: draws=3000 suits mu_gene, which has the lowest ESS."
BAD = GOOD | {"passed": False, "max_r_hat": 1.4, "reasons": [REASON], "advice": [ADVICE]}
SCREENED = {"measurements": 5000, "genes": 12, "guides": 24, "cell lines": 8, "replicates": 16}
DESCRIBED = pd.DataFrame({"column": ["lfc"], "mean": [-0.1], "std": [0.56]})
PREDICTION = PredictionSettings.model_validate(
    default("prediction") | {"hdi_prob": 0.89, "max_share_off": 0.05, "seed": 1}
)
LABELS = ["hugo_symbol", "sgrna", "depmap_id"]


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
        n_measurements=table["sgrna"].notna().map({True: 1, False: guides_per_gene}),
        informed=True,
    )


def _picture(group, seed=0, png=None):
    return Picture(png or _png(seed=seed), "Title of it", "Read it so.", group)


def _adequacy(*coverages, shape="ok"):
    """Genes of which each is ok if its coverage is from 0.79 to 0.96."""
    genes = {f"GENE{i}": share for i, share in enumerate(coverages)}
    rows = [("all", "all", 0.89, 0.89), *(("gene", gene, s, 0.89) for gene, s in genes.items())]
    rows += [("cell_line", "ACH-1", 0.88, 0.89), ("replicate", "rep1", 0.88, 0.89)]
    rows += [("shape", "middle half", 0.6, 0.5), ("shape", "outer 1 %", 0.01, 0.01)]
    rows += [("shape", "lower half", 0.5, 0.5), ("shape", "peak of the density", 0.73, 0.48)]
    table = pd.DataFrame(rows, columns=["level", "label", "value", "expected"])
    low, high = table["value"] < 0.79, table["value"] > 0.96
    table = table.assign(n_measurements=500, mean_error=0.01, rmse=0.4)
    table = table.assign(expected_low=0.79, expected_high=0.96)
    table["status"] = np.select([low, high], ["too few inside", "too many inside"], "ok")
    table.loc[table["level"] == "shape", "status"] = [shape, "ok", "ok", "not judged"]
    return table


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
        | {"elpd_loo_se": 50.0, "n_genes": 12},
        "recovery": effects[["parameter"]].assign(true_value=0.25),
        "coverage": coverage(
            pd.DataFrame({"effect": "gene_effect", "is_inside": [0] + [1] * 8}), 0.89
        ),
        "adequacy": _adequacy(0.9, 0.6, 0.88, 0.87),
        "figures": {
            "gene_effects": _picture("effects", seed=1),
            "posterior_gene_violins": _picture("effects", seed=2),
            "trace": _picture("sampler"),
        },
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
        "data": Section({"lfc_by_gene": _picture("screen")}, {"describe": DESCRIBED}),
        "comparison": Section({"rmse_by_model": _picture("comparison")}, {"model_comparison": loo}),
        "expression_data": Section({"rna_trend": _picture("screen")}),
    }
    made = {"pymc": "5.28.5"}
    return ReportContent(quality, sections, fits, made, 0.89, PREDICTION, 0.5, SCREENED)


@pytest.fixture(scope="module")
def content():
    fits = [_fit(name, BAD if name == "cell_line" else GOOD) for name in MODELS]
    return _content(*fits)


@pytest.fixture(scope="module")
def page(content):
    return render(content)


def _section(page, name):
    return re.search(rf'<section id="{name}".*?</section>', page, re.S)[0]


def _text(section):
    """The words of a section, without tags."""
    return " ".join(re.sub(r"<[^>]*>", "", section).split())


def _tables(text):
    found = re.findall(r'<script type="application/json">(.*?)</script>', text, re.S)
    return {table["name"]: table for table in map(json.loads, found)}


def _column(table, title):
    position = [column["title"] for column in table["columns"]].index(title)
    return [row[position] for row in table["rows"]]


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_a_section_with_equations_figures_and_tables(page, name):
    section = _section(page, f"model-{name}")
    assert "<math" in section
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
    for name, table in _tables(passed).items():
        if name in ("gene_adequacy", "gene_coverage"):  # whose results are of their own rows
            assert "verdict" not in [column["title"] for column in table["columns"]]
        else:
            assert set(_column(table, "verdict")) == {"passed"}, name
    captions_ = re.findall(r"<figcaption>.*?</figcaption>", failed, re.S)
    assert sum('class="mark"' in caption for caption in captions_) == 3
    heads = re.findall(r"<summary>(?:Table|What|How|Did).*?</summary>", failed, re.S)
    assert len(heads) == 4
    assert all('class="mark"' in head for head in heads)
    assert "R-hat &gt; 1.01 for 9 of 30 parameters" in failed
    assert 'class="mark"' not in passed
    assert 'class="verdict failed"' not in passed


def test_a_failed_model_is_marked_among_the_others(page):
    side_by_side = _section(page, "comparison")
    row = re.search(r"<tr[^>]*>\s*<th[^>]*><a[^>]*>cell_<wbr>line<.*?</tr>", side_by_side, re.S)[0]
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


def test_a_model_of_all_genes_answers_before_one_of_more_measurements():
    scores = _fit("gene").scores
    all_genes = _fit("gene", scores=scores | {"n_measurements": 100})
    fewer = scores | {"n_measurements": 900, "n_genes": 11}
    some_genes = _fit("cell_line", effects=_effects(11), scores=fewer)
    trusted = trusted_model([some_genes, all_genes])
    assert trusted is not None
    assert trusted.name == "gene"


def test_an_answer_of_fewer_genes_than_the_screen_says_so_before_any_gene():
    scores = _fit("gene").scores | {"n_genes": 3}
    partial = _fit("expression", effects=_effects(3), scores=scores)
    page = render(_content(_fit("gene", BAD), _fit("cell_line", BAD), partial))
    text = _text(_section(page, "answer"))
    warning = "These results cover only 3 of the 12 genes of the screen."
    assert text.index(warning) < text.index("GENE0")
    assert "The models that cover more genes did not converge: gene, cell_line" in text
    whole = _text(_section(render(_content(_fit("gene"))), "answer"))
    assert "cover only" not in whole


def test_the_answer_ranks_genes_and_counts_the_clear_and_the_strong_ones():
    """Means of 12 genes from -1.12 to -0.43, intervals of 0.2 either way: all are negative."""
    fit = _fit("gene")
    found = answer(fit, [fit], strong=0.9, n_screened=12)
    lowest, highest = found.groups
    assert [bar.gene for bar in lowest.bars] == [f"GENE{i}" for i in range(10)]
    assert highest.bars == [], "no gene whose loss helps"
    assert (found.n_genes, found.n_negative, found.n_positive) == (12, 12, 0)
    means = fit.effects.loc[fit.effects["effect"] == "gene_effect", "mean"]
    assert 0 < found.n_strong == sum(mean <= -0.9 for mean in means) < 12
    assert found.conditions == []
    assert varying([fit]) == []


def test_genes_without_a_clear_effect_are_not_among_the_strongest():
    effects = _effects().assign(informed=lambda table: table["hugo_symbol"] != "GENE0")
    effects.loc[effects["hugo_symbol"] == "GENE1", "hdi_upper"] = 0.1
    fit = _fit("gene", effects=effects)
    found = answer(fit, [fit], strong=0.9, n_screened=12)
    assert found.groups[0].bars[0].gene == "GENE2"
    assert found.n_negative == 10


def _with_slopes(name, effect, verdict=GOOD, **changes):
    """A fit with slopes of three genes: a clear one, one that nothing informs, an unclear one."""
    effects, genes = _effects(), ("GENE1", "GENE2", "GENE3")
    slopes = effects[effects["hugo_symbol"].isin(genes) & effects["sgrna"].isna()].assign(
        effect=effect, mean=[-0.3, -0.7, 0.1], hdi_lower=[-0.4, -0.8, -0.1]
    )
    slopes = slopes.assign(
        hdi_upper=[-0.2, -0.6, 0.3], parameter=effect + "[" + slopes["hugo_symbol"] + "]"
    )
    seen = slopes["hugo_symbol"] != "GENE2"
    slopes = slopes.assign(informed=seen, n_measurements=2 * seen)
    return _fit(name, verdict, effects=pd.concat([effects, slopes]), **changes)


@pytest.mark.parametrize(
    ("name", "effect", "condition"),
    [
        ("mutation", "mutation_effect", "where the gene is not mutated"),
        ("expression", "rna_effect", "with average expression of the gene"),
        ("copy_number", "copy_number_effect", "with the average copy number of the gene"),
    ],
)
def test_the_answer_tells_where_genes_matter_more_and_under_which_condition_it_holds(
    name, effect, condition
):
    fit = _with_slopes(name, effect)
    (one,) = varying([fit])
    assert [bar.gene for bar in one.group.bars] == ["GENE1"]  # GENE2: uninformed; GENE3: unclear
    assert "1 of the 2 genes" in one.note

    page = render(_content(fit))
    assert condition in _section(page, "answer")
    table = _tables(page)[f"{name}_{effect}"]
    assert _column(table, "gene") == ["GENE1", "GENE3"]  # by estimate; GENE2 is uninformed
    assert _column(table, "measurements") == [2, 2]
    assert _column(table, "direction") == ["negative", "unclear"]


@pytest.mark.parametrize(
    ("figures", "shown"),
    [
        (["trace", "ppc", "posterior_predictive_panel"], "posterior_predictive_panel"),
        (["trace", "ppc"], "ppc"),
        (["trace"], None),
    ],
)
def test_a_figure_of_the_fit_is_open_and_stands_on_the_page_once(figures, shown):
    page = render(
        _content(_fit("gene", figures={name: _picture("predictions") for name in figures}))
    )
    for name in figures:
        assert page.count(f'id="gene-{name}"') == 1
    assert ('<section id="fit">' in page) == (shown is not None)
    if shown:
        assert f'id="gene-{shown}"' in _section(page, "fit")


def test_effects_that_vary_are_shown_whichever_model_predicts_best():
    scores = _fit("gene").scores
    best = _fit("gene", scores=scores | {"elpd_loo": -1.0})
    mutation = _with_slopes("mutation", "mutation_effect")
    rna = _with_slopes("expression", "rna_effect", BAD)
    worse = _with_slopes("full", "mutation_effect", scores=scores | {"elpd_loo": -9000.0})
    found = varying([best, mutation, rna, worse])
    by_effect = {one.effect: one for one in found}
    assert by_effect["mutation_effect"].models == ["mutation"]
    assert by_effect["rna_effect"].models == ["expression"]
    assert by_effect["rna_effect"].group is None
    text = _text(_section(render(_content(best, mutation, rna, worse)), "answer"))
    assert "The answer comes from model gene." in text
    assert "The effects are from model mutation." in text
    assert "No model with this effect converged: expression" in text


def test_the_first_screen_answers_four_questions_in_order(page):
    heads = re.findall(r"<h3>(.*?)</h3>", _section(page, "answer"))
    assert heads == [
        "1. What was screened",
        "2. Can it be trusted?",
        "3. Which genes matter, and how sure is that?",
    ]
    text = _text(_section(page, "answer"))
    assert "12 genes with 24 guides in 8 cell lines (16 replicates): 5,000 measurements" in text
    assert "100 were left out" in text
    assert text.index("\u22121.12 (\u22121.32 to \u22120.92)") > text.index("Which genes")


@pytest.mark.parametrize("failing", [["cell_line"], ["gene", "cell_line"]])
def test_what_to_do_about_a_failed_fit_stands_on_the_page(failing):
    fits = [_fit(name, BAD if name in failing else GOOD) for name in ("gene", "cell_line")]
    page = render(_content(*fits))
    for name in failing:
        assert ADVICE in _section(page, f"model-{name}")
    has_answer = len(failing) < len(fits)
    assert _section(page, "answer").count(ADVICE) == (0 if has_answer else len(failing))
    if has_answer:
        text = _text(_section(page, "answer"))
        assert "did not converge: cell_line. Its section says what to do." in text


def test_where_r_hat_is_judged_its_limit_is_explained(page):
    section = _section(page, "model-gene")
    judged = section[section.index("All checks") :]
    assert GOOD["r_hat_rule"] in judged.split("</details>")[0]
    assert "1.0020 (1.01)" in _section(page, "comparison")


def _screen():
    """Three genes in two lines; RNA of the last gene is not known."""
    genes = ["A", "A", "B", "B", "C", "C"]
    return pd.DataFrame(
        {
            "hugo_symbol": genes,
            "sgrna": [f"{gene}1" for gene in genes],
            "depmap_id": ["L1", "L2"] * 3,
            "replicate_id": ["L1_a", "L2_a"] * 3,
            "lfc": 0.0,
            "rna_expr_z": [0.1, 0.2, 0.3, None, None, None],
        }
    )


def test_what_a_model_saw_is_what_has_its_covariates():
    found = seen(_screen(), MODELS["expression"])
    expected = {"measurements": 3, "genes": 2, "guides": 2, "cell lines": 2, "replicates": 2}
    assert found.n == expected
    assert found.of == {
        "measurements": 6,
        "genes": 3,
        "guides": 3,
        "cell lines": 2,
        "replicates": 2,
    }
    assert found.why == "3 have no RNA expression"
    assert not found.is_all
    assert seen(_screen(), MODELS["gene"]).is_all
    assert counts(_screen()) == found.of


def test_the_page_says_which_model_saw_less_and_why():
    less = Seen(SCREENED | {"measurements": 70, "genes": 3}, SCREENED, {"RNA expression": 4930})
    fits = [_fit("gene", seen=Seen(SCREENED, SCREENED, {})), _fit("expression", seen=less)]
    page = render(_content(*fits))
    for section in ("answer", "model-expression"):
        text = _text(_section(page, section))
        assert "could use only 70 of 5,000 measurements (3 of 12 genes" in text
        assert "4,930 have no RNA expression" in text
    assert "could use only" not in _section(page, "model-gene")


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (-1.6, 0.0, ["\u22121.5", "\u22121.0", "\u22120.5", "0.0"]),
        (-0.9, 2.2, ["0", "1", "2"]),
        (-80.0, 0.0, ["\u221280", "\u221260", "\u221240", "\u221220", "0"]),
        (0.0, 0.0, ["0"]),
    ],
)
def test_an_axis_has_a_few_round_numbers(low, high, labels):
    axis = Axis(low, high)
    assert [label for label, _ in axis.ticks] == labels
    if high > low:
        for label, at in axis.ticks:
            value = float(label.replace("\u2212", "-"))
            assert at == pytest.approx(100 * (value - low) / (high - low))


def test_every_interval_lies_on_its_axis():
    fit = _fit("gene")
    for group in answer(fit, [fit], strong=0.5, n_screened=12).groups:
        for bar in group.bars:
            assert 0 < bar.left < bar.point < bar.left + bar.width < 100
            assert group.axis.at(bar.upper) == pytest.approx(bar.left + bar.width)


@pytest.mark.parametrize(
    ("adequacy", "verdict", "word"),
    [
        (_adequacy(0.9, 0.88), GOOD, "reliable"),
        (_adequacy(0.9, 0.6), GOOD, "use with care"),
        (_adequacy(0.9, 0.88, shape="too many inside"), GOOD, "use with care"),
        (_adequacy(0.9, 0.88), BAD, "do not use"),
    ],
)
def test_the_page_says_how_far_a_model_can_be_trusted(adequacy, verdict, word):
    page = render(_content(_fit("gene", verdict, adequacy=adequacy)))
    answer = _section(page, "answer")
    if verdict is BAD:
        assert "There is no answer yet" in answer
        return
    assert f"{word.capitalize()}." in re.search(r'<p class="trust.*?</p>', answer, re.S)[0]


def test_the_page_names_what_is_off(page):
    sentence = (
        "1 of 4 genes has too few measurements inside their 89\u00a0% intervals: GENE1 (60\u00a0%)."
    )
    assert sentence in _section(page, "model-gene")
    assert sentence in _section(page, "answer")
    table = _tables(_section(page, "model-gene"))["gene_adequacy"]
    assert _column(table, "name")[0] == "GENE1"
    assert _column(table, "result")[0] == "too few inside"
    assert "ACH-1" not in _column(table, "name")  # lines that are not off are in the file only


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
    text = _text(_section(page, "answer"))
    assert "10 were left out: 0 failed quality control, 10 had no log fold change" in text
    assert "90 rows failed quality control but were kept" in text


def test_a_table_of_the_data_is_not_headed_as_estimates(page):
    heads = [c["title"] for c in _tables(_section(page, "data"))["data_describe"]["columns"]]
    assert heads == ["column", "mean", "sd"]


def test_planted_values_found_again_stand_beside_what_chance_allows(page):
    """Of 9 independent values, 6 to 9 lie inside intervals of 89 %: P(5 or fewer) = 1.2 %."""
    table = _tables(_section(page, "model-gene"))["gene_coverage"]
    assert _column(table, "expected") == ["6 to 9", "6 to 9"]


def test_the_result_beside_a_count_of_planted_values_is_of_that_count():
    """14 of 21 are too few, of a fit that passed: P(15 or fewer) = 2.2 %."""
    recovery = pd.DataFrame({"effect": "population", "is_inside": np.arange(21) < 14})
    page = render(_content(_fit("gene", GOOD, coverage=coverage(recovery, 0.89))))
    table = _tables(_section(page, "model-gene"))["gene_coverage"]
    assert _column(table, "result") == ["too few inside", "too few inside"]
    assert "verdict" not in [column["title"] for column in table["columns"]]


def test_a_fit_to_another_screen_follows_what_is_shown_of_that_screen():
    other = _fit("expression_simulated", model="expression", screen="its own")
    page = render(_content(_fit("gene"), other))
    order = [page.index(f'<section id="{name}"') for name in ("model-gene", "expression_data")]
    assert order[0] < order[1] < page.index('<section id="model-expression_simulated"')
    assert "It was fitted to a screen of its own." in _section(page, "model-expression_simulated")


def test_where_a_model_is_from_is_not_told_to_readers_of_the_report():
    about = read_docstring("Model ``x``: a test.\n\nRead on.\n\nSource: the notebook.")
    assert "Read on." in about.notes
    assert "notebook" not in about.notes


def test_there_is_no_answer_if_no_model_passed():
    page = render(_content(_fit("gene", BAD)))
    assert "There is no answer yet" in _section(page, "answer")
    assert "Which genes" not in _section(page, "answer")
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


def test_every_table_has_a_caption_and_every_group_of_figures_a_title():
    tables = {
        name.rpartition(".")[2]
        for name in build_pipelines(screen_is_simulated=True)["__default__"].all_outputs()
        if ".tables." in name
    }
    assert tables <= set(captions.TABLES)
    assert set(GROUPS) == set(captions.GROUPS)


def test_figures_stand_by_group_with_their_captions_and_the_reason_where_one_lacks(page):
    section = _section(page, "model-gene")
    effects, sampler = (section.index(captions.GROUPS[name]) for name in ("effects", "sampler"))
    assert effects < section.index("gene-posterior_gene_violins") < sampler
    assert section.count("Title of it.") == 3
    missing = Picture(b"", "Lineages", "Read it so.", "screen", reason="There are no lineages.")
    content = replace(_content(_fit("gene")), sections={"data": Section({"lineages": missing})})
    assert "There are no lineages." in _section(render(content), "data")


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
    picture = _picture("effects", png=_encoded(Image.fromarray(pixels.astype(np.uint8))))
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
    fit = _fit("gene", adequacy=pd.DataFrame(), **nothing)
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
        "adequacy": fit.adequacy,
        "convergence": fit.convergence,
        "effects": fit.effects,
        "graph": fit.graph,
    }
    return gather_fit(settings, table, {"trace": _picture("sampler")}, **given)


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
            "data.figures": MemoryDataset({"lfc": _picture("screen")}),
            "data.tables.describe": MemoryDataset(balanced_table),
            "data.tables.scale_priors": MemoryDataset(DESCRIBED),
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
    first = _tables(_section(page, "data"))["data_first_rows"]
    assert _column(first, "sgrna") == balanced_table["sgrna"].astype(str).head().tolist()
    assert _column(first, "lfc") == pytest.approx(balanced_table["lfc"].head().tolist(), abs=1e-4)
    assert section.seen.n["measurements"] == section.seen.of["measurements"] == len(balanced_table)
    made = _section(page, "provenance")
    assert "screen.csv.gz" in made
    assert "far/away" not in made
    assert len(found["report.gene_effects"].load()) == 12
    assert isinstance(tiny.convergence, ConvergenceSettings)


def test_parts_of_sections_are_gathered_by_section():
    figures = {"rna_trend": _picture("screen")}
    found = gather_sections(
        **{
            "data.figures": {},
            "data.tables.describe": DESCRIBED,
            "data.tables.scale_priors": DESCRIBED.head(0),
            "expression_data.figures": figures,
        }
    )
    assert list(found) == ["data", "expression_data"]
    assert list(found["data"].tables) == ["describe", "scale_priors"]
    assert found["data"].tables["describe"] is DESCRIBED
    assert found["expression_data"].figures is figures


# ---- model dependency ----


def _calls(calls=None, **changes):
    """Calls of four genes in four lines, as the report has them."""
    known = {field.name for field in fields(DependencyContent)}
    given = {name: value for name, value in (calls or made_calls()).items() if name in known}
    figures = {"dependencies_heatmap": _picture("dependencies"), "q": _picture("quality")}
    lineages = {"c1": "soft_tissue"}
    return DependencyContent(
        dependency.__doc__, **{**given, "figures": figures, "lineages": lineages, **changes}
    )


def _with_calls(calls=None, **changes):
    return replace(_content(_fit("gene")), dependency=_calls(calls, **changes))


def test_calls_and_quality_are_on_the_first_screen():
    text = _text(_section(render(_with_calls()), "answer"))
    assert "2. Which lines depend on which genes?" in text
    assert "6 dependencies of 4 of 4 lines on 3 of 4 genes are called" in text
    assert "at most 5 % of all calls are expected to be false" in text
    assert (
        "KRAS 1 of 4 1.2 (1 to 2) \u22121.50 (\u22121.70 to \u22121.20) in c1 (soft tissue)" in text
    )
    assert "Common essential: 1 gene: RPS19." in text
    assert "skin (2 lines, 2 others): 2 genes differ." in text
    assert "Stronger in the group: KRAS \u22121.00. Weaker: NRAS 0.50." in text
    distrusted = "1 of 8, used in the fit all the same: c1a (NNMD -1.00, not below -1.25)."
    assert f"Replicates to distrust: {distrusted}" in text
    assert "Genes to check: 2, with reasons." in text
    assert "3. Can the means over lines be trusted?" in text


def test_without_the_model_the_page_says_nothing_of_it(page):
    for word in ("lookup", "model-dependency", "depend on which genes"):
        assert word not in re.sub(r"<style>.*?</style>", "", page, flags=re.S)


def test_calls_of_a_failed_fit_are_not_an_answer():
    failed = made_calls()["verdict"] | {"passed": False, "reasons": [REASON], "advice": [ADVICE]}
    page = render(_with_calls(verdict=failed | {"max_r_hat": 1.4}))
    text = _text(_section(page, "answer"))
    assert "There is no answer yet: model dependency did not converge." in text
    assert REASON in unescape(text)
    assert "are called" not in text
    assert "Replicates to distrust: 1 of 8" in text, "QC does not need the fit"
    section = _section(page, "model-dependency")
    assert section.count('class="failed"') >= 2, "both figures"
    assert 'class="mark"' in _section(page, "lookup")


def test_checks_that_a_gibbs_sampler_does_not_have_are_left_out():
    names = [check.name for check in dependency_view(_calls()).checks]
    assert names == ["largest R-hat", "smallest bulk ESS"]


def test_figures_and_tables_of_the_calls_are_in_their_section():
    section = _section(render(_with_calls()), "model-dependency")
    assert 'id="dependency-dependencies_heatmap"' in section
    found = _tables(section)
    assert _column(found["dependency_hits"], "gene") == ["KRAS", "NRAS", *["RPS19"] * 4]
    assert _column(found["dependency_differences"], "gene") == ["KRAS", "NRAS"]
    assert _column(found["dependency_trust"], "reasons") == ["guides disagree", "1 guide"]
    assert "false positive rate" not in [c["title"] for c in found["dependency_qc"]["columns"]]
    assert "<math" in section


def test_without_any_call_the_page_says_so():
    calls = made_calls()
    calls |= {"effects": calls["effects"].assign(call="not called")}
    calls |= {"differential": {"skin": calls["differential"]["skin"].assign(call="not called")}}
    text = _text(_section(render(_with_calls(calls)), "answer"))
    assert "No dependency of 4 lines on 4 genes is certain enough to be called" in text
    assert "no gene differs" in text


def _unpacked(packed, kind="effects"):
    how = {"effects": "<i2", "below": "u1", "above": "u1"}[kind]
    values = np.frombuffer(base64.b64decode(packed[kind]), how)
    return values.reshape(len(packed["genes"]), len(packed["lines"])).astype(int)


def test_the_search_box_has_every_effect_interval_and_call():
    packed = lookup.lookup(_calls(), "89 %")
    assert packed["genes"] == ["KRAS", "NRAS", "RPS19", "TP53"]
    assert packed["lines"] == ["c1", "c2", "c3", "c4"]
    assert packed["lineages"] == ["soft tissue", "", "", ""]
    stored = _unpacked(packed)
    assert (stored >> 2)[0].tolist() == [-150, -10, 0, 10]
    assert (stored & 3)[0].tolist() == [1, 0, 0, 0], "c1 depends on KRAS"
    assert (stored & 3)[3].tolist() == [0, 0, 0, 2], "TP53 was not measured in c4"
    assert packed["fine"] * _unpacked(packed, "below")[0, 0] == pytest.approx(0.2)
    assert packed["fine"] * _unpacked(packed, "above")[3, 3] == pytest.approx(0.3)


def test_control_genes_are_marked_in_the_search_box():
    packed = lookup.lookup(_calls(with_lists(made_calls())), "89 %")
    assert set((_unpacked(packed) & 3)[2]) == {3}


def test_wide_intervals_are_stored_in_larger_steps():
    calls = made_calls()
    effects = calls["effects"].assign(upper=calls["effects"]["mean"] + 51.0)
    packed = lookup.lookup(_calls(calls | {"effects": effects}), "89 %")
    assert packed["fine"] == pytest.approx(0.2)
    assert set(_unpacked(packed, "above").ravel()) == {255}


def test_of_a_large_screen_the_genes_with_the_strongest_effects_are_searched(monkeypatch):
    monkeypatch.setattr(lookup, "MAX_CELLS", 11)
    page = render(_with_calls())
    data = json.loads(re.search(r'id="lookup-data">(.*?)</script>', page, re.S)[1])
    assert data["genes"] == ["KRAS", "NRAS"]
    assert "contains the 2 genes with the strongest effects of 4" in _text(_section(page, "lookup"))


def test_the_search_box_of_200_000_effects_is_below_a_megabyte_and_a_half():
    n = lookup.MAX_CELLS // 100
    calls = made_calls()
    names = np.repeat([f"GENE{i:05d}" for i in range(n)], 100)
    effects = pd.DataFrame({"hugo_symbol": names, "depmap_id": [f"c{i}" for i in range(100)] * n})
    effects = effects.assign(mean=-0.5, lower=-1.0, upper=0.1, n_measured=4, call="dependent")
    genes = pd.DataFrame({"hugo_symbol": np.unique(names), "class": "selective"})
    given = calls | {"effects": effects.assign(control=""), "genes": genes}
    packed = lookup.lookup(_calls(given), "89 %")
    assert len(packed["genes"]) == n
    assert len(lookup.as_json(packed)) < 1_500_000


def test_the_script_of_the_search_box_is_small():
    folder = Path(lookup.__file__).parent / "templates"
    assert (folder / "lookup.js").stat().st_size < 9_000


def test_the_report_imports_neither_samplers_nor_kedro_nor_plots():
    code = (
        "import sys, partialpool.report; "
        "sys.exit(str(found) if (found := {'pymc', 'arviz', 'plotnine', 'kedro'} & {*sys.modules}) "
        "else 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
