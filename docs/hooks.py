"""Hooks of MkDocs: facts that pages take from the project itself, and equations as MathML.

A page writes ``{{ priors("cell_line") }}``; what replaces it is read from ``conf/`` and the code
when the site is built, so that the page can't go stale. Every registered model must have a page.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import benchmark_results
from kedro.config import OmegaConfigLoader
from latex2mathml.converter import convert
from mkdocs.exceptions import PluginError

from partialpool.inference.settings import FitSettings
from partialpool.models import MODELS
from partialpool.preparation import columns
from partialpool.screen import COVARIATE_SOURCES
from partialpool.settings import CONFIG_LOADER_ARGS

ROOT = Path(__file__).resolve().parents[1]
CALL = re.compile(r"\{\{ *(\w+)\(([^)]*)\) *\}\}")
MATH = re.compile(r'(<(span|div) class="arithmatex">)(.*?)(</\2>)', re.DOTALL)
#: How a family of priors is written, given its numbers.
FAMILIES = {
    "Normal": r"$\operatorname{{Normal}}({mu:g}, {sigma:g})$",
    "HalfNormal": r"$\operatorname{{HalfNormal}}({sigma:g})$",
    "Exponential": r"$\operatorname{{Exponential}}({rate:g})$",
}


# ---- facts ----


@cache
def parameters(env: str | None = None) -> Mapping[str, Any]:
    """Parameters of an environment, as Kedro reads them."""
    how: dict[str, Any] = dict(CONFIG_LOADER_ARGS)
    return OmegaConfigLoader(str(ROOT / "conf"), env=env, **how)["parameters"]


@cache
def fit_settings(name: str) -> FitSettings:
    """Settings of a fit, checked."""
    return FitSettings.model_validate(parameters()["modeling"][name])


def priors(name: str) -> str:
    """A table of the priors of a fit."""
    found = fit_settings(name).priors
    rows = []
    for variable, prior in found:
        family = FAMILIES[type(prior).__name__].format(**prior.model_dump())
        low, high = _interval(prior)
        rows.append((f"`{variable}`", family, f"{low:.2g} to {high:.2g}"))
    return _table(("parameter", "prior", "middle 89 % of it"), rows)


def symbols(name: str) -> str:
    """A table of the symbols in the equations of a model."""
    rows = [
        (f"${symbol}$", f"`{variable}`", dims.replace("_", " "), unit)
        for symbol, variable, dims, unit in MODELS[name].symbols
    ]
    return _table(("symbol", "name", "dims", "unit"), rows)


def inputs(name: str) -> str:
    """A table of the columns that a model reads."""
    always = [f"`{column}`" for column in columns.REQUIRED]
    rows = [(", ".join(always), "every model needs these five")]
    for covariate in MODELS[name].covariates:
        source = COVARIATE_SOURCES[covariate]
        rows.append((f"`{source}`", f"becomes `{covariate}` (see [preparation](../{PREPARATION}))"))
    return _table(("column", "use"), rows)


PREPARATION = "bring-your-own-screen.md#what-is-made-of-the-columns"


def model_inputs() -> str:
    """A table of all models and the columns that they read beyond the five."""
    rows = []
    for name, spec in MODELS.items():
        sources = ", ".join(f"`{COVARIATE_SOURCES[c]}`" for c in spec.covariates) or "none"
        forms = ", ".join(f"`{form}`" for form in spec.parametrizations)
        rows.append((f"[`{name}`](models/{name}.md)", sources, forms))
    return _table(("model", "columns beyond the five", "parametrizations"), rows)


def setting(path: str) -> str:
    """A number of the default parameters, such as ``convergence.max_r_hat``."""
    value: Any = parameters()
    for key in path.split("."):
        value = value[key]
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else f"{value}"


def percent(path: str) -> str:
    """A share of the default parameters, in percent."""
    return f"{100 * float(setting(path)):g} %"


def settings(path: str) -> str:
    """A table of a group of the default parameters."""
    value: Any = parameters()
    for key in path.split("."):
        value = value[key]
    rows = [(f"`{name}`", f"`{json.dumps(held)}`") for name, held in value.items()]
    return _table(("parameter", "default"), rows)


FACTS: Mapping[str, Callable[..., str]] = {
    function.__name__: function
    for function in (
        priors,
        symbols,
        inputs,
        model_inputs,
        setting,
        percent,
        settings,
        *benchmark_results.PAGE,
    )
}


def _interval(prior: Any) -> tuple[float, float]:
    """The middle 89 % of a prior."""
    from scipy import stats

    frozen = {
        "Normal": lambda p: stats.norm(p.mu, p.sigma),
        "HalfNormal": lambda p: stats.halfnorm(scale=p.sigma),
        "Exponential": lambda p: stats.expon(scale=1 / p.rate),
    }[type(prior).__name__](prior)
    return float(frozen.ppf(0.055)), float(frozen.ppf(0.945))


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


# ---- equations ----


def mathml(latex: str, block: bool) -> str:
    """Turn LaTeX, as far as the pages use it, into MathML that browsers show by themselves."""
    latex = latex.replace(r"\mathcal N", r"\text{Normal}")
    latex = re.sub(r"\\(?:mathrm|operatorname)\{(\w+)\}", r"\\text{\1}", latex)
    if "&" in latex and "\\begin" not in latex:
        latex = rf"\begin{{align*}}{latex}\end{{align*}}"
    found = convert(latex, display="block" if block else "inline")
    found = found.replace("<mi>&#x0007E;</mi>", "<mo>&#x0223C;</mo>")
    return re.sub(r"<mtable [^>]*>", '<mtable class="aligned" displaystyle="true">', found)


def _equation(found: re.Match[str]) -> str:
    opening, tag, latex, closing = found.groups()
    source = html.unescape(latex).strip()
    source = re.sub(r"^\\[(\[]|\\[)\]]$", "", source).strip()
    return opening + mathml(source, block=tag == "div") + closing


# ---- what MkDocs calls ----


def on_config(config: Any) -> Any:
    """Refuse to build where a model has no page."""
    lacking = list(_without_page(Path(config["docs_dir"])))
    if lacking:
        raise PluginError(
            f"Needed: docs/models/<name>.md for every registered model; came: none for "
            f"{', '.join(lacking)}; to mend: see docs/add-a-model.md"
        )
    return config


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Put in the facts."""

    def fact(found: re.Match[str]) -> str:
        name, given = found.groups()
        arguments = [text.strip().strip("\"'") for text in given.split(",") if text.strip()]
        try:
            return FACTS[name](*arguments)
        except (KeyError, TypeError) as error:
            raise PluginError(f"{page.file.src_path}: {found.group()}: {error!r}") from error

    return CALL.sub(fact, markdown)


def on_page_content(content: str, **_: Any) -> str:
    """Put in the equations."""
    return MATH.sub(_equation, content)


def _without_page(folder: Path) -> Iterator[str]:
    return (name for name in MODELS if not (folder / "models" / f"{name}.md").is_file())
