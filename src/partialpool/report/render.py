"""Content to page: what each template is given."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd

from partialpool import models
from partialpool.inference.adequacy import NOT_JUDGED, OK
from partialpool.inference.trust import Trust, assess
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
from partialpool.tidy import handon
from partialpool.tidy.handon import DICTIONARY

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
    trust: Trust
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

    @property
    def trust_light(self) -> verdicts.Light:
        """The light beside the word of trust."""
        return verdicts.TRUST_LIGHTS[self.trust.word]


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
        trust_words=verdicts.TRUST_WORDS,
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
        trust=assess(model.verdict, model.adequacy, content.prediction),
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
    if len(model.adequacy):
        tables.append(_adequacy_table(model))
    if model.coverage is not None:
        tables.append(_coverage_table(model, model.coverage))
    return tables


def _effect_table(
    model: ModelContent, kind: str, rows: pd.DataFrame, columns: Mapping[str, Column]
) -> Table:
    """Rank the effects of one kind; those that nothing was measured of come last."""
    caption = captions.effect_caption(kind)
    ranked = rows.assign(unseen=rows["n_measurements"] == 0).sort_values(
        ["unseen", "mean"], kind="stable"
    )
    return table_of(
        _present(model, ranked, LABEL_COLUMNS),
        caption.title,
        caption.how_to_read,
        f"{model.name}_{kind}",
        source=f"07_model_output/{model.name}/effects.csv",
        columns=columns,
    )


def _adequacy_table(model: ModelContent) -> Table:
    """What is off, then what is not: all measurements, the shape, and every gene."""
    caption = captions.table_caption("adequacy")
    judged = model.adequacy[model.adequacy["status"] != NOT_JUDGED]
    is_off = judged["status"] != OK
    shown = judged[is_off | ~judged["level"].isin(["cell_line", "replicate"])]
    shown = shown.assign(is_ok=~is_off).sort_values("is_ok", kind="stable")
    expected = [
        f"{100 * low:.1f} to {100 * high:.1f} %"
        for low, high in zip(shown["expected_low"], shown["expected_high"], strict=True)
    ]
    names = ["level", "label", "n_measurements", "mean_error", "rmse", "value"]
    return table_of(
        _marked(model, shown[names].assign(expected=expected, status=shown["status"])),
        caption.title,
        caption.how_to_read,
        f"{model.name}_adequacy",
        f"07_model_output/{model.name}/adequacy.csv",
        rank_by="value",
    )


def _coverage_table(model: ModelContent, coverage: pd.DataFrame) -> Table:
    caption = captions.table_caption("coverage")
    ends = zip(coverage["expected_low"], coverage["expected_high"], strict=True)
    expected = [f"{few} to {many}" for few, many in ends]
    counts = coverage.drop(columns=["expected_low", "expected_high", "status"])
    return table_of(
        _marked(model, counts.assign(expected=expected, status=coverage["status"])),
        caption.title,
        caption.how_to_read,
        f"{model.name}_coverage",
    )


def _marked(model: ModelContent, table: pd.DataFrame) -> pd.DataFrame:
    """With the verdict of a failed fit; beside a result of its own, ``passed`` would mislead."""
    return table if model.passed else table.assign(verdict=model.found.verdict)


def _with_labels(model: ModelContent) -> pd.DataFrame:
    """The effects of a fit with what the tables to hand on tell of their genes, guides, lines."""
    added = handon.labelled_effects(model.found)
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
