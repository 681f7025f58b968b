"""Content to page: what each template is given."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pandas as pd

from partialpool.report import captions, headline, verdicts
from partialpool.report.captions import Caption
from partialpool.report.content import ModelContent, ReportContent, Section
from partialpool.report.equations import ModelText, read_docstring
from partialpool.report.pictures import Picture, embed_png, embed_svg
from partialpool.report.tables import Column, Table, table_of, text
from partialpool.tidy.handon import DICTIONARY, FAILED, PASSED, direction

DATA, COMPARISON = "data", "comparison"
#: Columns of an effect table, in order; those that a table lacks or that are empty are left out.
EFFECT_COLUMNS = (
    "hugo_symbol",
    "sgrna",
    "depmap_id",
    "verdict",
    "mean",
    "hdi_lower",
    "hdi_upper",
    "direction",
    "true_value",
    "sd",
    "ess_bulk",
    "r_hat",
)
POPULATION_COLUMNS = ("parameter", "verdict", *EFFECT_COLUMNS[4:7], *EFFECT_COLUMNS[8:])


@dataclass(frozen=True)
class Figure:
    """A figure on the page."""

    name: str
    caption: Caption
    picture: Picture


@dataclass(frozen=True)
class FigureGroup:
    """Figures that answer one question."""

    title: str
    figures: list[Figure]
    is_open: bool


@dataclass(frozen=True)
class ModelView:
    """A fit as its section shows it."""

    name: str
    in_words: str
    text: ModelText
    light: verdicts.Light
    checks: list[verdicts.Check]
    verdict: Mapping[str, Any]
    settings: Mapping[str, Any]
    priors: Mapping[str, str]
    scores: Mapping[str, Any] | None
    screen: str
    graph: str
    groups: list[FigureGroup]
    tables: list[Table]

    @property
    def failed(self) -> bool:
        """Whether every number of it has to be marked."""
        return self.light == "failed"


@dataclass(frozen=True)
class SectionView:
    """A section besides the models."""

    name: str
    caption: Caption
    figures: list[Figure]
    tables: list[Table]


def render(content: ReportContent) -> str:
    """Make the page: HTML that needs no other file and no network."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("partialpool.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = _shown
    trusted = headline.trusted_model(content.models)
    return environment.get_template("report.html.j2").render(
        content=content,
        models=[_model_view(model) for model in content.models],
        headline=headline.headline(trusted) if trusted else None,
        quality=_quality_table(content.data_quality),
        counts=_counts(content.data_quality),
        data=_section_view(DATA, content),
        comparison=_section_view(COMPARISON, content),
        others=[
            _section_view(name, content)
            for name in content.sections
            if name not in (DATA, COMPARISON)
        ],
        dictionary=DICTIONARY,
        words=verdicts.WORDS,
        sentences=verdicts.SENTENCES,
        percent=f"{100 * content.hdi_prob:g} %",
        style=_resource("partialpool.report", "templates/style.css"),
        script=_resource("partialpool.report", "templates/tables.js"),
        datatables=_datatables(),
        datatables_style=_resource("itables", "html/dt_bundle.css"),
    )


def _model_view(model: ModelContent) -> ModelView:
    about = read_docstring(model.about)
    return ModelView(
        name=model.name,
        in_words=captions.MODELS.get(str(model.settings.get("model", model.name)), ""),
        text=about,
        light=verdicts.light(model.verdict),
        checks=verdicts.checks(model.verdict),
        verdict=model.verdict,
        settings=model.settings,
        priors=model.priors,
        scores=model.scores,
        screen=model.screen,
        graph=embed_svg(model.graph) if model.graph else "",
        groups=_groups(model.figures),
        tables=_model_tables(model),
    )


def _groups(figures: Mapping[str, bytes]) -> list[FigureGroup]:
    """Figures by the question that they answer; those of no group come last."""
    grouped = {name for group in captions.GROUPS for name in group.figures}
    others = captions.Group(captions.OTHERS, tuple(n for n in figures if n not in grouped))
    groups = [
        FigureGroup(
            group.title,
            [_figure(name, figures[name]) for name in group.figures if name in figures],
            group.is_open,
        )
        for group in (*captions.GROUPS, others)
    ]
    return [group for group in groups if group.figures]


def _figure(name: str, png: bytes) -> Figure:
    return Figure(name, captions.figure_caption(name), embed_png(png))


def _model_tables(model: ModelContent) -> list[Table]:
    """Effects by kind, genes first; population parameters; planted values found again."""
    effects = _marked(model, model.effects)
    kinds = sorted(effects["effect"].unique(), key=lambda kind: kind != headline.GENE_EFFECT)
    tables = [_effect_table(model, kind, effects[effects["effect"] == kind]) for kind in kinds]
    single = ~model.convergence["parameter"].str.contains("[", regex=False)
    population = _marked(model, model.convergence[single])
    if len(population):
        caption = captions.figure_caption("population_parameters")
        shown = _present(population, POPULATION_COLUMNS)
        file_name = f"{model.name}_population"
        tables.append(table_of(shown, caption.title, caption.how_to_read, file_name))
    if model.coverage is not None:
        tables.append(_coverage_table(model, model.coverage))
    return tables


def _effect_table(model: ModelContent, kind: str, rows: pd.DataFrame) -> Table:
    caption = captions.effect_caption(kind)
    rows = rows.assign(direction=direction(rows["hdi_lower"], rows["hdi_upper"]))
    return table_of(
        _present(rows.sort_values("mean", kind="stable"), EFFECT_COLUMNS),
        caption.title,
        caption.how_to_read,
        f"{model.name}_{kind}",
        source=f"07_model_output/{model.name}/effects.csv",
    )


def _coverage_table(model: ModelContent, coverage: pd.DataFrame) -> Table:
    return table_of(
        coverage.assign(verdict=_verdict(model)),
        "Planted values found again",
        "How many of the values that the simulation planted lie inside their intervals.",
        f"{model.name}_coverage",
    )


def _marked(model: ModelContent, table: pd.DataFrame) -> pd.DataFrame:
    """With the verdict in every row, and planted values if there are some."""
    marked = table.assign(verdict=_verdict(model))
    if model.recovery is None:
        return marked
    planted = model.recovery.set_index("parameter")["true_value"]
    return marked.assign(true_value=marked["parameter"].map(planted))


def _verdict(model: ModelContent) -> str:
    return PASSED if model.passed else FAILED


def _present(table: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """These columns as far as the table has something in them."""
    return table[[name for name in columns if name in table and table[name].notna().any()]]


def _section_view(name: str, content: ReportContent) -> SectionView:
    section, marked = content.sections.get(name, Section()), name == COMPARISON
    names = captions.in_order(section.figures)
    verdicts_of = {model.name: _verdict(model) for model in content.models}
    return SectionView(
        name=name,
        caption=captions.section_caption(name),
        figures=[_figure(figure, section.figures[figure]) for figure in names],
        tables=[
            _section_table(name, kind, _with_verdicts(table, verdicts_of) if marked else table)
            for kind, table in section.tables.items()
        ],
    )


def _with_verdicts(table: pd.DataFrame, verdicts_of: Mapping[str, str]) -> pd.DataFrame:
    """With the verdict beside every model that the table tells of."""
    if "model" not in table:
        return table
    others = [name for name in table.columns if name != "model"]
    return table.assign(verdict=table["model"].map(verdicts_of))[["model", "verdict", *others]]


def _section_table(section: str, name: str, table: pd.DataFrame) -> Table:
    caption = captions.table_caption(name)
    source = f"08_reporting/{section}/{name}.csv"
    return table_of(table, caption.title, caption.how_to_read, f"{section}_{name}", source)


def _quality_table(quality: pd.DataFrame) -> Table:
    return table_of(
        quality,
        "What was read, left out and kept",
        "Only rows that fail quality control and rows without a log fold change are left out.",
        "data_quality",
        source="03_primary/data_quality.csv",
    )


def _counts(quality: pd.DataFrame) -> dict[str, int]:
    """Counts by item, such as ``genes kept``."""
    return {str(item): int(n) for item, n in zip(quality["item"], quality["count"], strict=True)}


def _shown(value: Any, kind: str, digits: int = 3) -> str:
    """A number as tables show it; nothing for None."""
    return text(value, Column("", kind, digits))  # type: ignore[arg-type]


def _datatables() -> str:
    """The script that sorts, searches and downloads tables, as an address inside the page."""
    script = _resource("itables", "html/dt_bundle.js")
    return f"data:text/javascript;base64,{base64.b64encode(script.encode()).decode('ascii')}"


def _resource(package: str, path: str) -> str:
    return files(package).joinpath(path).read_text(encoding="utf-8")
