"""The report in a browser: it opens from disk, its tables work, and it fits phone and desktop."""

import io
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from made_calls import made_calls
from partialpool.defaults import default
from partialpool.figures.figure import Group
from partialpool.figures.pictures import Picture
from partialpool.inference.fit_settings import PredictionSettings
from partialpool.models import MODELS, dependency
from partialpool.report import DependencyContent, ModelContent, ReportContent, Section, render
from partialpool.report.views import FIT_FIGURES

CHROMIUM = Path("/usr/bin/chromium")
sync_api = pytest.importorskip("playwright.sync_api", reason="needs the Python package playwright")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs Chromium at {CHROMIUM}")

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
DESKTOP, PHONE = (1280, 900), (390, 844)
N_GENES, N_LINES = 30, 70
#: Of the closed page on a desktop, in pixels.
MOST_HEIGHT = 15_000
#: Larger than its place on a phone.
PICTURE = (900, 700)
SCREENED = {"measurements": 3000, "genes": N_GENES, "guides": 60, "cell lines": 9, "replicates": 18}
NUMBERS = [-0.00001, 0.0, 0.123456, -1.0, 60049.0, 76247424.99, 1.282e10, -1.337e-7, 250.0]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"/>'
VERDICT = {
    "reasons": ["R-hat > 1.01 for 9 of 30 parameters"],
    "advice": ["Double tune."],
    "r_hat_rule": "max_r_hat 1.01",
    "max_r_hat": 1.4,
    "min_ess_bulk": 2000.0,
    "min_ess_tail": 1800.0,
    "divergences": 0,
    "treedepth_hits": 0,
    "min_e_bfmi": 0.9,
    "n_parameters": 30,
    "chains": 4,
    "draws": 500,
    "seconds": 3.2,
    "compile_seconds": 2.0,
    "thresholds": {
        "max_r_hat": 1.01,
        "min_ess_bulk": 400.0,
        "min_ess_tail": 400.0,
        "max_divergences": 0,
        "max_treedepth_hits": 0,
        "min_e_bfmi": 0.3,
    },
}

PREDICTION = PredictionSettings.model_validate(default("prediction") | {"seed": 1})


def _fit(name: str, passed: bool) -> ModelContent:
    genes = [f"GENE{i:02d}" for i in range(N_GENES)]
    mean = np.random.default_rng(5).permutation(np.linspace(-2, 1, N_GENES))
    table = pd.DataFrame({"parameter": [f"gene_effect[{gene}]" for gene in genes], "mean": mean})
    table = table.assign(
        sd=0.1, hdi_lower=mean - 0.2, hdi_upper=mean + 0.2, ess_bulk=1234.0
    ).assign(ess_tail=1000.0, r_hat=1.0, n_measurements=100, informed=True)
    effects = table.assign(effect="gene_effect", hugo_symbol=genes, sgrna=None, depmap_id=None)
    about = MODELS[name].page
    figures = {name: _picture() for name in (*(f"figure_{i}" for i in range(20)), *FIT_FIGURES)}
    verdict = VERDICT | {"passed": passed}
    scores = {"n_genes": N_GENES, "n_measurements": 3000, "elpd_loo": -10.0}
    scores |= {"rmse": 0.4, "coverage": 0.89, "elpd_loo_se": 1.0}
    return ModelContent(
        name, about, {}, verdict, table, effects, graph=SVG, scores=scores, figures=figures
    )


def _picture(group: Group = "errors") -> Picture:
    out = io.BytesIO()
    Image.new("RGB", PICTURE, "white").save(out, "PNG")
    return Picture(out.getvalue(), "Title", "Read it so.", group)


def _calls() -> DependencyContent:
    """Three genes in 70 lines. Effects of KRAS rise from line00, the only dependency, to line69."""
    means = {"KRAS": np.linspace(-2, 1, N_LINES), "TP53": np.full(N_LINES, 0.2), "A<B": -0.1}
    lines = [f"line{i:02d}" for i in range(N_LINES)]
    effects = pd.concat(
        pd.DataFrame({"hugo_symbol": gene, "depmap_id": lines, "mean": mean})
        for gene, mean in means.items()
    )
    call = effects["mean"].lt(-1.99).map({True: "dependent", False: "not called"})
    effects = effects.assign(call=call, control="", n_measured=4, fdr=0.01, p_dependent=0.99)
    effects = effects.assign(lower=effects["mean"] - 0.3, upper=effects["mean"] + 0.3)
    calls = made_calls()
    genes = calls["genes"].head(3).assign(hugo_symbol=list(means))
    genes = genes.assign(**{"class": ["selective", "no effect", "common essential"]})
    names = ("verdict", "differential", "qc", "trust", "delta", "fdr", "probability")
    rest = {name: calls[name] for name in names}
    lineages = {"line00": "Haematopoietic_and_Lymphoid"}
    figures = {"dependencies_heatmap": _picture("dependencies")}
    return DependencyContent(
        str(dependency.__doc__),
        effects=effects.reset_index(drop=True),
        genes=genes,
        figures=figures,
        lineages=lineages,
        **rest,
    )


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page of fits that passed and one that failed, on disk."""
    items = ["rows read", "rows kept", "genes kept", "sgrnas kept", "cell lines kept"]
    counts = [*(3000 for _ in items), 0, 0]
    items += ["rows failing QC", "rows without lfc"]
    quality = pd.DataFrame({"item": items, "count": counts, "share": 1.0, "note": ""})
    data = Section(
        {"lfc_by_gene": _picture("screen")}, {"describe": pd.DataFrame({"mean": NUMBERS})}
    )
    fits = [_fit(name, name != "cell_line") for name in MODELS]
    made = {"pymc": "5.28.5", "hash": "a" * 64}
    content = ReportContent(
        quality, {"data": data}, fits, made, 0.89, PREDICTION, 0.5, SCREENED, _calls()
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(content), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def page(request, browser, address):
    """The page as it is opened; whatever went wrong by the end of the test fails it."""
    width, height = request.param
    opened = browser.new_page(viewport={"width": width, "height": height})
    wrong: list[str] = []
    opened.on("console", lambda message: wrong.append(f"console: {message.text}"))
    opened.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    opened.on("requestfailed", lambda request: wrong.append(f"failed: {request.url[:80]}"))
    opened.on(
        "request",
        lambda request: (
            None if request.url.startswith(("file:", "data:")) else wrong.append(request.url[:80])
        ),
    )
    opened.goto(address)
    yield opened
    opened.close()
    assert not wrong


def _table(page, name="gene"):
    page.locator(f"#model-{name} summary", has_text="Tables").click()
    table = page.locator(f"#table-{name}_gene_effect")
    table.scroll_into_view_if_needed()
    page.wait_for_selector(f"#table-{name}_gene_effect[data-ready]")
    return table


def _column(table, kind, at=0):
    cells = table.locator("tbody tr").locator(f"td.{kind}:nth-child({at})")
    return [text.replace("\u2212", "-") for text in cells.all_inner_texts()]


def test_a_table_sorts_by_number_in_both_directions(page):
    table = _table(page)
    heading = table.locator("th", has_text="estimate")
    heading.click()
    sync_api.expect(heading).to_have_attribute("aria-sort", "ascending")
    rising = [float(text) for text in _column(table, "number", 2)]
    heading.click()
    sync_api.expect(heading).to_have_attribute("aria-sort", "descending")
    falling = [float(text) for text in _column(table, "number", 2)]
    assert len(rising) == len(falling) == 10
    assert rising == sorted(rising)
    assert rising[0] == -2
    assert falling == sorted(falling, reverse=True)
    assert falling[0] == 1


def test_a_table_is_searched_and_turned_over(page):
    table = _table(page)
    first = _column(table, "text", 1)
    table.get_by_role("link", name="2", exact=True).or_(
        table.get_by_role("button", name="2", exact=True)
    ).click()
    assert not set(first) & set(_column(table, "text", 1))
    table.get_by_role("searchbox").fill("GENE17")
    assert _column(table, "text", 1) == ["GENE17"]


def test_a_table_is_downloaded_whole_with_its_digits(page, tmp_path):
    table = _table(page)
    with page.expect_download() as waiting:
        table.get_by_role("button", name="CSV").click()
    waiting.value.save_as(tmp_path / "table.csv")
    saved = pd.read_csv(tmp_path / "table.csv")
    assert waiting.value.suggested_filename == "gene_gene_effect.csv"
    assert len(saved) == N_GENES
    assert saved["estimate"].min() == -2
    assert set(saved["verdict"]) == {"passed"}


def test_numbers_look_the_same_before_and_after_the_script_has_run(page):
    cells = page.locator("#table-data_describe tbody td")
    before = cells.all_text_contents()
    page.locator("#data summary", has_text="The numbers of the screen").click()
    page.wait_for_selector("#table-data_describe[data-ready]")
    assert len(before) == len(NUMBERS)
    assert cells.all_text_contents() == before


def test_a_figure_is_enlarged_by_mouse_and_by_key(page):
    page.locator("#model-gene summary", has_text="Equations, priors").click()
    frame = page.locator("#model-gene .graph .frame")
    frame.click()
    sync_api.expect(frame).to_have_class("frame large")
    frame.press("Enter")
    sync_api.expect(frame).to_have_class("frame")


def test_rows_of_a_failed_model_stay_marked_when_sorted(page):
    table = _table(page, "cell_line")
    table.locator("th", has_text="estimate").click()
    assert table.locator("tbody .verdict.failed").count() == 10


def test_the_page_does_not_scroll_sideways_with_everything_open(page):
    page.locator("#answer summary").click()
    page.get_by_role("button", name="Open everything").click()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]
    assert page.locator("details:not([open])").count() == 0


def test_equations_are_drawn(page):
    page.locator("#model-gene summary", has_text="Equations, priors").click()
    box = page.locator("#model-gene .equations math").bounding_box()
    assert box["width"] > 100
    assert box["height"] > 30


def test_the_closed_page_is_short(page):
    """However many figures and rows it holds."""
    if page.viewport_size["width"] != DESKTOP[0]:
        pytest.skip("the limit is of a desktop")
    assert page.evaluate("document.documentElement.scrollHeight") <= MOST_HEIGHT


def test_bars_have_an_axis_and_numbers_that_can_be_seen(page):
    width = page.viewport_size["width"]
    bars = page.locator("#answer .bars").first
    numbers = bars.locator("tbody td.number")
    assert numbers.count() == 10
    assert numbers.first.inner_text() == "\u22122.00 (\u22122.20 to \u22121.80)"
    for cell in numbers.all():
        box = cell.bounding_box()
        assert box["x"] + box["width"] <= width
        assert cell.evaluate("cell => cell.scrollWidth <= cell.clientWidth")
    ticks = [t for t in bars.locator(".axis span").all() if t.is_visible()]
    boxes = sorted((tick.bounding_box() for tick in ticks), key=lambda box: box["x"])
    assert len(boxes) >= 2
    for left, right in pairwise(boxes):
        assert left["x"] + left["width"] <= right["x"]


def test_bars_lie_where_their_numbers_are_on_the_axis(page):
    bars = page.locator("#answer .bars").first
    ticks = [tick for tick in bars.locator(".axis span").all() if tick.is_visible()]
    points = [_centre(tick) for tick in ticks]
    values = [float(tick.inner_text().replace("\u2212", "-")) for tick in ticks]
    slope, start = np.polyfit(values, points, 1)
    for row in bars.locator("tbody tr").all():
        mean = float(row.locator("b").inner_text().replace("\u2212", "-"))
        assert abs(_centre(row.locator(".point")) - (start + slope * mean)) < 1.5  # pixels


def test_a_link_opens_what_it_leads_to(page):
    page.locator("#answer a", has_text="The table lists all genes").click()
    page.wait_for_selector("#table-gene_gene_effect[data-ready]")
    assert page.locator("#table-gene_gene_effect").is_visible()


def test_the_figure_of_the_fit_is_open_and_others_are_not(page):
    assert page.locator("#fit figure").is_visible()
    shown = [f.get_attribute("id") for f in page.locator("figure").all() if f.is_visible()]
    assert shown == [f"gene-{FIT_FIGURES[0]}"]


#: For what does not depend on the size of the page.
on_desktop = pytest.mark.parametrize("page", [DESKTOP], indirect=True, ids=["desktop"])


def _look_up(page, name):
    page.get_by_label("Gene or cell line").fill(name)
    return page.locator("#lookup-figure"), page.locator("#lookup-said")


@on_desktop
def test_a_gene_is_looked_up_in_all_lines(page):
    """As soon as its name is complete, in any case."""
    figure, said = _look_up(page, "kras")
    assert said.inner_text() == "KRAS (selective): 1 of 70 lines are called dependent."
    columns, rows = (figure.locator("svg").nth(i) for i in (0, 1))
    assert columns.locator("g").count() == N_LINES
    assert columns.locator("g.dependency").count() == 1
    names = [name.partition(" ")[0] for name in rows.locator("g a text").all_text_contents()]
    assert names == [f"line{i:02d}" for i in range(25)]
    title = rows.locator("g title").first.text_content()
    assert title.replace("\u2212", "-") == (
        "line00 (Haematopoietic and Lymphoid): -2.00 (-2.30 to -1.70), dependency"
    )


def test_dots_lie_where_their_numbers_are_on_the_axis_of_the_search_box(page):
    rows = _look_up(page, "KRAS")[0].locator("svg").nth(1)
    ticks = rows.locator(".tick")
    values = [float(text.replace("\u2212", "-")) for text in ticks.all_text_contents()]
    slope, start = np.polyfit(values, [_centre(tick) for tick in ticks.all()], 1)
    assert abs(_centre(rows.locator("circle").first) - (start - 2 * slope)) < 2  # pixels
    assert slope > 0


@on_desktop
def test_a_line_is_looked_up_by_key_and_its_genes_by_link(page):
    _look_up(page, "line0")
    page.keyboard.press("Enter")
    figure, said = page.locator("#lookup-figure"), page.locator("#lookup-said")
    assert said.inner_text() == (
        "line00 (Haematopoietic and Lymphoid): 1 of 3 genes are dependencies. "
        "The strongest effects, without 1 common-essential genes:"
    )
    assert figure.locator("g a text").all_text_contents() == ["KRAS", "TP53"]
    assert figure.locator(".band").count() == 1
    figure.locator("a").nth(1).focus()
    page.keyboard.press("Enter")
    sync_api.expect(said).to_have_text("TP53 (no effect): 0 of 70 lines are called dependent.")
    sync_api.expect(page.get_by_label("Gene or cell line")).to_have_value("TP53")
    _look_up(page, "a<b")
    expected = "A<B (common essential): 0 of 70 lines are called dependent."
    sync_api.expect(said).to_have_text(expected)


@on_desktop
def test_an_unknown_name_is_not_found(page):
    figure, said = _look_up(page, "nothing")
    page.get_by_role("button", name="Show").click()
    assert said.inner_text() == "No gene or line of this screen is called NOTHING."
    assert figure.locator("svg").count() == 0


def test_the_figure_of_the_search_box_fits_and_is_printed_without_the_form(page):
    figure = _look_up(page, "KRAS")[0]
    width = page.viewport_size["width"]
    for text in figure.locator("text").all():
        box = text.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    page.emulate_media(media="print")
    assert not page.locator("#lookup form").is_visible()
    assert figure.locator("svg").first.is_visible()


@on_desktop
def test_a_gene_of_the_answer_leads_to_the_search_box(page):
    page.locator("#answer a", has_text="KRAS").first.click()
    sync_api.expect(page.locator("#lookup")).to_be_in_viewport()
    assert page.locator("#lookup-said").inner_text().startswith("KRAS (selective)")


def _centre(element):
    box = element.bounding_box()
    return box["x"] + box["width"] / 2
