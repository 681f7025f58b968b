"""Prepares fits and sections for the templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from partialpool.figures.pictures import Picture
from partialpool.inference.trust import Trust, assess
from partialpool.models import MODELS
from partialpool.report import captions, verdicts
from partialpool.report.captions import Caption
from partialpool.report.content import COMPARISON, ModelContent, ReportContent, Section
from partialpool.report.equations import ModelText, read_docstring
from partialpool.report.model_tables import model_tables
from partialpool.report.pictures import EmbeddedPicture, embed, embed_svg
from partialpool.report.seen import Seen
from partialpool.report.tables import COLUMNS, OTHER_COLUMNS, Column, Table, table_of

#: Columns that repeat the content of others.
REPEATED = ("family", "number")
#: Figures that show whether a model fits, the best one first. The page shows the first of them that
#: was drawn for the model that the answer comes from.
FIT_FIGURES = ("posterior_predictive_panel", "predictions_and_data_by_gene", "ppc")


@dataclass(frozen=True)
class Figure:
    """A figure on the page."""

    name: str
    caption: Caption
    picture: EmbeddedPicture


@dataclass(frozen=True)
class FigureGroup:
    """Figures that answer one question. Some may have nothing to draw."""

    title: str
    figures: list[Figure]
    not_drawn: list[Picture]


@dataclass(frozen=True)
class ModelView:
    """A fit, prepared for its section."""

    name: str
    in_words: str
    text: ModelText
    light: verdicts.Light
    checks: list[verdicts.Check]
    trust: Trust
    verdict: Mapping[str, Any]
    settings: Mapping[str, Any]
    priors: Mapping[str, str]
    scores: Mapping[str, Any] | None
    seen: Seen | None
    screen: str
    graph: str
    fit_figure: Figure | None
    groups: list[FigureGroup]
    tables: list[Table]

    @property
    def failed(self) -> bool:
        """Whether all numbers of the fit must be marked."""
        return self.light == "failed"

    @property
    def trust_light(self) -> verdicts.Light:
        """The colour of the word of trust."""
        return verdicts.TRUST_LIGHTS[self.trust.word]

    @property
    def saw_less(self) -> bool:
        """Whether the fit did not see all measurements of its screen."""
        return self.seen is not None and not self.seen.is_all


@dataclass(frozen=True)
class SectionView:
    """A section that is not about one model."""

    name: str
    caption: Caption
    figures: list[Figure]
    not_drawn: list[Picture]
    tables: list[Table]


def model_view(model: ModelContent, content: ReportContent, *, answers: bool) -> ModelView:
    """Make the section of a fit.

    Parameters
    ----------
    model
        The fit.
    content
        Everything that the report shows.
    answers
        Whether the answer comes from this fit, so that the page shows one of its figures.
    """
    drawn = {name: picture for name, picture in model.figures.items() if picture.png}
    of_fit = [name for name in FIT_FIGURES if name in drawn and answers][:1]
    return ModelView(
        name=model.name,
        in_words=MODELS[str(model.settings.get("model", model.name))].summary,
        text=read_docstring(model.about),
        light=verdicts.light(model.verdict),
        checks=verdicts.checks(model.verdict),
        trust=assess(model.verdict, model.adequacy, content.prediction),
        verdict=model.verdict,
        settings=model.settings,
        priors=model.priors,
        scores=model.scores,
        seen=model.seen,
        screen=model.screen,
        graph=embed_svg(model.graph) if model.graph else "",
        fit_figure=_figure(of_fit[0], drawn[of_fit[0]]) if of_fit else None,
        groups=figure_groups(
            {n: picture for n, picture in model.figures.items() if n not in of_fit}
        ),
        tables=model_tables(model, content),
    )


def section_view(name: str, content: ReportContent) -> SectionView:
    """Make a section that is not about one model; it may be empty."""
    section, marked = content.sections.get(name, Section()), name == COMPARISON
    verdicts_of = {model.name: model.found.verdict for model in content.models}
    return SectionView(
        name=name,
        caption=captions.section_caption(name),
        figures=[_figure(n, picture) for n, picture in section.figures.items() if picture.png],
        not_drawn=[picture for picture in section.figures.values() if picture.reason],
        tables=[
            _section_table(name, kind, _with_verdicts(table, verdicts_of), COLUMNS)
            if marked
            else _section_table(name, kind, table, OTHER_COLUMNS)
            for kind, table in section.tables.items()
            if len(table)
        ],
    )


def quality_table(quality: pd.DataFrame) -> Table:
    """Make the table of rows that were read, left out and kept."""
    return table_of(
        quality,
        "What was read, left out and kept",
        "Only rows that fail quality control and rows without a log fold change are left out.",
        "data_quality",
        source="03_primary/data_quality.csv",
    )


def figure_groups(figures: Mapping[str, Picture]) -> list[FigureGroup]:
    """Group figures by the question that they answer."""
    names = {picture.group for picture in figures.values()}
    return [_group(name, figures) for name in captions.GROUPS if name in names]


def _group(name: str, figures: Mapping[str, Picture]) -> FigureGroup:
    members = {key: picture for key, picture in figures.items() if picture.group == name}
    return FigureGroup(
        title=captions.GROUPS[name],
        figures=[_figure(key, picture) for key, picture in members.items() if picture.png],
        not_drawn=[picture for picture in members.values() if picture.reason],
    )


def _figure(name: str, picture: Picture) -> Figure:
    return Figure(name, Caption(picture.title, picture.how_to_read), embed(picture.png))


def _with_verdicts(table: pd.DataFrame, verdicts_of: Mapping[str, str]) -> pd.DataFrame:
    """Add the verdict of each model to a table with models."""
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
