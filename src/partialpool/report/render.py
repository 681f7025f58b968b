"""Content to page: what each template is given."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from partialpool import models
from partialpool.models import MODELS
from partialpool.report import captions, headline, verdicts
from partialpool.report.captions import Caption
from partialpool.report.content import MAIN_SCREEN, ModelContent, ReportContent, Section
from partialpool.report.equations import ModelText, read_docstring
from partialpool.report.pictures import Picture, embed, embed_svg
from partialpool.report.tables import (
    COLUMNS,
    OTHER_COLUMNS,
    Column,
    Table,
    interval_columns,
    table_of,
    text,
)
from partialpool.tidy import export_tables
from partialpool.tidy.calibration import expected_inside
from partialpool.tidy.export_tables import DICTIONARY

if TYPE_CHECKING:
    from markupsafe import Markup

DATA, COMPARISON = "data", "comparison"
#: Columns of an effect table, in order; those that a table lacks or that are empty are left out.
LABEL_COLUMNS = tuple(
    dict.fromkeys(("hugo_symbol", "guide", "sgrna", "depmap_id", "lineage", *models.LABEL_COLUMNS))
)
ESTIMATE_COLUMNS = ("mean", "hdi_lower", "hdi_upper", "direction", "true_value", "n_measurements")
SAMPLED_COLUMNS = ("sd", "ess_bulk", "r_hat")
#: Columns of a table of the data that only repeat others.
REPEATED = ("family", "number")


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
    description: verdicts.Description | None
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
    environment.filters["breakable"] = _breakable
    trusted = headline.trusted_model(content.models)
    views = {model.name: _model_view(model, content) for model in content.models}
    return environment.get_template("report.html.j2").render(
        content=content,
        models=list(views.values()),
        main_models=[view for view in views.values() if view.screen == MAIN_SCREEN],
        other_models=[view for view in views.values() if view.screen != MAIN_SCREEN],
        headline=headline.headline(trusted, content.strong_effect) if trusted else None,
        trusted=views[trusted.name] if trusted else None,
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
        fit_words=verdicts.FIT_WORDS,
        well=verdicts.WELL,
        mostly=verdicts.MOSTLY,
        percent=content.percent,
        style=_resource("partialpool.report", "templates/style.css"),
        script=_resource("partialpool.report", "templates/tables.js"),
        datatables=_datatables(),
        datatables_style=_resource("itables", "html/dt_bundle.css"),
    )


def _model_view(model: ModelContent, content: ReportContent) -> ModelView:
    about = read_docstring(model.about)
    return ModelView(
        name=model.name,
        in_words=MODELS[str(model.settings.get("model", model.name))].summary,
        text=about,
        light=verdicts.light(model.verdict),
        checks=verdicts.checks(model.verdict),
        description=verdicts.description(model.gene_scores, content.prediction_prob),
        verdict=model.verdict,
        settings=model.settings,
        priors=model.priors,
        scores=model.scores,
        screen=model.screen,
        graph=embed_svg(model.graph) if model.graph else "",
        groups=_groups(model.figures),
        tables=_model_tables(model, content),
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


def _figure(name: str, picture: bytes) -> Figure:
    return Figure(name, captions.figure_caption(name), embed(picture))


def _model_tables(model: ModelContent, content: ReportContent) -> list[Table]:
    """Effects by kind, genes first; population parameters; fit by gene; planted values."""
    columns = interval_columns(content.percent)
    effects = _with_planted(model, _with_labels(model))
    kinds = sorted(effects["effect"].unique(), key=lambda kind: kind != headline.GENE_EFFECT)
    tables = [
        _effect_table(model, kind, effects[effects["effect"] == kind], columns) for kind in kinds
    ]
    single = ~model.convergence["parameter"].str.contains("[", regex=False)
    population = _with_planted(model, model.convergence[single])
    if len(population):
        caption = captions.figure_caption("population_parameters")
        shown = _present(model, population, ("parameter",))
        file_name = f"{model.name}_population"
        tables.append(
            table_of(shown, caption.title, caption.how_to_read, file_name, columns=columns)
        )
    if len(model.gene_scores):
        tables.append(_gene_score_table(model))
    if model.coverage is not None:
        tables.append(_coverage_table(model, model.coverage, content.hdi_prob))
    return tables


def _effect_table(
    model: ModelContent, kind: str, rows: pd.DataFrame, columns: Mapping[str, Column]
) -> Table:
    """Rank the effects of one kind; those that no measurement informs come last."""
    caption = captions.effect_caption(kind)
    ranked = rows.sort_values(
        ["informed", "mean"], ascending=[False, True], kind="stable", ignore_index=True
    )
    return table_of(
        _present(model, ranked, LABEL_COLUMNS),
        caption.title,
        caption.how_to_read,
        f"{model.name}_{kind}",
        source=f"07_model_output/{model.name}/effects.csv",
        columns=columns,
    )


def _gene_score_table(model: ModelContent) -> Table:
    caption = captions.table_caption("gene_scores")
    scores = model.gene_scores.assign(
        is_described=np.where(model.gene_scores["is_described"], "yes", "no"),
        verdict=model.found.verdict,
    )
    source = f"07_model_output/{model.name}/gene_scores.csv"
    file_name = f"{model.name}_gene_scores"
    return table_of(
        scores, caption.title, caption.how_to_read, file_name, source, rank_by="coverage"
    )


def _coverage_table(model: ModelContent, coverage: pd.DataFrame, prob: float) -> Table:
    caption = captions.table_caption("coverage")
    low, high = expected_inside(coverage["n"], prob)
    expected = [f"{few} to {many}" for few, many in zip(low, high, strict=True)]
    return table_of(
        coverage.assign(expected=expected, verdict=model.found.verdict),
        caption.title,
        caption.how_to_read,
        f"{model.name}_coverage",
    )


def _with_labels(model: ModelContent) -> pd.DataFrame:
    """The effects of a fit with the columns of the export tables, for effects of one label."""
    added = export_tables.labelled_effects(model.found)
    new = ["parameter", *added.columns.difference(model.effects.columns)]
    return model.effects.merge(added[new], on="parameter", how="left", validate="1:1")


def _with_planted(model: ModelContent, table: pd.DataFrame) -> pd.DataFrame:
    """With planted values if there are some."""
    if model.recovery is None:
        return table
    planted = model.recovery.set_index("parameter")["true_value"]
    return table.assign(true_value=table["parameter"].map(planted))


def _present(model: ModelContent, table: pd.DataFrame, labels: Iterable[str]) -> pd.DataFrame:
    """What the page shows of a table of estimates; a failed verdict stands before the numbers."""
    marked = table.assign(verdict=model.found.verdict)
    numbers = (*ESTIMATE_COLUMNS, *SAMPLED_COLUMNS)
    order = (*labels, *numbers, "verdict") if model.passed else (*labels, "verdict", *numbers)
    return marked[[name for name in order if name in marked and marked[name].notna().any()]]


def _section_view(name: str, content: ReportContent) -> SectionView:
    section, marked = content.sections.get(name, Section()), name == COMPARISON
    names = captions.in_order(section.figures)
    verdicts_of = {model.name: model.found.verdict for model in content.models}
    return SectionView(
        name=name,
        caption=captions.section_caption(name),
        figures=[_figure(figure, section.figures[figure]) for figure in names],
        tables=[
            _section_table(name, kind, _with_verdicts(table, verdicts_of), COLUMNS)
            if marked
            else _section_table(name, kind, table, OTHER_COLUMNS)
            for kind, table in section.tables.items()
            if len(table)
        ],
    )


def _with_verdicts(table: pd.DataFrame, verdicts_of: Mapping[str, str]) -> pd.DataFrame:
    """With the verdict beside every model that the table tells of."""
    if "model" not in table:
        return table
    others = [name for name in table.columns if name != "model"]
    return table.assign(verdict=table["model"].map(verdicts_of))[["model", "verdict", *others]]


def _section_table(
    section: str, name: str, table: pd.DataFrame, columns: Mapping[str, Column]
) -> Table:
    caption = captions.table_caption(name)
    shown = table[[column for column in table if column not in REPEATED]]
    source, file_name = f"08_reporting/{section}/{name}.csv", f"{section}_{name}"
    return table_of(shown, caption.title, caption.how_to_read, file_name, source, columns=columns)


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


def _breakable(name: str) -> Markup:
    """A name that a narrow page may break after an underscore."""
    from markupsafe import Markup, escape

    return escape(name).replace("_", Markup("_<wbr>"))


def _datatables() -> str:
    """The script that sorts, searches and downloads tables, as an address inside the page."""
    script = _resource("itables", "html/dt_bundle.js")
    return f"data:text/javascript;base64,{base64.b64encode(script.encode()).decode('ascii')}"


def _resource(package: str, path: str) -> str:
    return files(package).joinpath(path).read_text(encoding="utf-8")
