"""Makes the page from the content and the templates."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd

from partialpool.models import EFFECTS
from partialpool.report import verdicts
from partialpool.report.answer import Answer, Varying, answer, trusted_model, varying
from partialpool.report.content import COMPARISON, DATA, MAIN_SCREEN, ReportContent
from partialpool.report.dependency import dependency_view
from partialpool.report.tables import Column, text
from partialpool.report.views import model_view, quality_table, section_view
from partialpool.screen import COVARIATES
from partialpool.tidy.export_tables import DICTIONARY

if TYPE_CHECKING:
    from markupsafe import Markup


def render(content: ReportContent) -> str:
    """Make the page: HTML that needs neither other files nor a network."""
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
    return environment.get_template("report.html.j2").render(
        content=content,
        **_models(content),
        quality=quality_table(content.data_quality),
        counts=_counts(content.data_quality),
        data=section_view(DATA, content),
        comparison=section_view(COMPARISON, content),
        others=[
            section_view(name, content)
            for name in content.sections
            if name not in (DATA, COMPARISON)
        ],
        dependency=dependency_view(content.dependency) if content.dependency else None,
        lookup_script=_resource("partialpool.report", "templates/lookup.js"),
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


def _differing(found: Answer | None, slopes: Sequence[Varying]) -> list[str]:
    """Name the genes with a clear effect that also depends on a property such as a mutation."""
    flags = [one for one in slopes if not COVARIATES[str(EFFECTS[one.effect].along)].per]
    varies = {gene for one in flags for gene in one.genes}
    return [gene for gene in (found.clear if found else ()) if gene in varies]


def _models(content: ReportContent) -> dict[str, Any]:
    """Prepare the fits for the templates, and the answer from the best fit."""
    n_genes = content.screened["genes"]
    best = trusted_model(content.models)
    views = {
        model.name: model_view(model, content, answers=model is best) for model in content.models
    }
    found = answer(best, content.models, content.strong_effect, n_genes) if best else None
    slopes = varying(content.models)
    return {
        "models": list(views.values()),
        "main_models": [view for view in views.values() if view.screen == MAIN_SCREEN],
        "other_models": [view for view in views.values() if view.screen != MAIN_SCREEN],
        "answer": found,
        "trusted": views[best.name] if best else None,
        "varying": slopes,
        "differing": _differing(found, slopes),
        "counts_copies": any(one.effect == "copy_number_effect" for one in slopes),
    }


def _counts(quality: pd.DataFrame) -> dict[str, int]:
    """Counts by item, such as ``genes kept``."""
    return {str(item): int(n) for item, n in zip(quality["item"], quality["count"], strict=True)}


def _shown(value: Any, kind: str, digits: int = 3) -> str:
    """Format a number as in tables; None becomes empty text."""
    return text(value, Column("", kind, digits))  # type: ignore[arg-type]


def _breakable(name: str) -> Markup:
    """Allow a line break after each underscore of a name, for narrow pages."""
    from markupsafe import Markup, escape

    return escape(name).replace("_", Markup("_<wbr>"))


def _datatables() -> str:
    """The script that sorts, searches and downloads tables, as a data address."""
    script = _resource("itables", "html/dt_bundle.js")
    return f"data:text/javascript;base64,{base64.b64encode(script.encode()).decode('ascii')}"


def _resource(package: str, path: str) -> str:
    return files(package).joinpath(path).read_text(encoding="utf-8")
