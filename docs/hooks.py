"""Hooks of MkDocs: facts that pages take from the project itself, and equations as MathML.

A page writes ``{{ priors("cell_line") }}``; what replaces it is read from ``conf/``, the code or
``docs/measured.json`` (results of the default run) when the site is built. The Python of
``python.md`` and ``api.md`` is run, and its output is shown. Every registered model must have a
page.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import html
import io
import json
import logging
import re
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import benchmark_results
from kedro.config import OmegaConfigLoader
from mkdocs.exceptions import PluginError
from plotnine import ggplot
from scipy import stats

from partialpool.defaults import default
from partialpool.figures.pictures import png
from partialpool.inference.fit_settings import FitSettings
from partialpool.models import MODELS
from partialpool.models.priors import Exponential, HalfNormal, Normal
from partialpool.preparation import columns
from partialpool.report.equations import mathml
from partialpool.screen import COVARIATE_SOURCES
from partialpool.settings import CONFIG_LOADER_ARGS
from partialpool.simulation import DepmapScreenSettings, as_r_table, simulate_depmap_screen

ROOT = Path(__file__).resolve().parents[1]
CALL = re.compile(r"\{\{ *(\w+)\(([^)]*)\) *\}\}")
#: A block of Python on a page, at the left margin.
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
#: The pages whose Python is run, and the screen that they read, ``screen.csv``.
EXECUTED, SMALL = ("python.md", "api.md"), {"n_cell_lines": 30, "n_replicates": 60}
MATH = re.compile(r'(<(span|div) class="arithmatex">)(.*?)(</\2>)', re.DOTALL)
#: How a family of priors is written, given its numbers, and its distribution.
FAMILIES: Mapping[type, tuple[str, Callable[[Any], Any]]] = {
    Normal: (r"$\operatorname{{Normal}}({mu:g}, {sigma:g})$", lambda p: stats.norm(p.mu, p.sigma)),
    HalfNormal: (
        r"$\operatorname{{HalfNormal}}({sigma:g})$",
        lambda p: stats.halfnorm(scale=p.sigma),
    ),
    Exponential: (
        r"$\operatorname{{Exponential}}({rate:g})$",
        lambda p: stats.expon(scale=1 / p.rate),
    ),
}
MIDDLE = 0.89


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
    found = fit_settings(name)
    model, rows = found.spec, []
    for prior in dict.fromkeys(p for form in model.parametrizations for p in model.scalars(form)):
        numbers = getattr(found.priors, prior.name)
        latex, distribution = FAMILIES[type(prior)]
        low, high = distribution(numbers).interval(MIDDLE)
        family = latex.format(**numbers.model_dump())
        rows.append((f"`{prior.name}`", family, f"{low:.2g} to {high:.2g}"))
    return _table(("parameter", "prior", f"middle {MIDDLE:.0%} of the prior"), rows)


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
    rows = [(", ".join(always), "needed by every model")]
    for covariate in MODELS[name].covariates:
        source = COVARIATE_SOURCES[covariate]
        rows.append((f"`{source}`", f"becomes `{covariate}` (see [preparation](../{PREPARATION}))"))
    return _table(("column", "use"), rows)


PREPARATION = "start-from-lfc.md#columns-that-are-added"


def model_inputs() -> str:
    """A table of all models and the columns that they read besides the five required ones."""
    rows = []
    for name, spec in MODELS.items():
        sources = ", ".join(f"`{COVARIATE_SOURCES[c]}`" for c in spec.covariates) or "none"
        forms = ", ".join(f"`{form}`" for form in spec.parametrizations)
        rows.append((f"[`{name}`](models/{name}.md)", sources, forms))
    return _table(("model", "columns besides the five", "parametrizations"), rows)


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


def measured(path: str, style: str = "") -> str:
    """A result of the default run, such as ``cell_line/verdict/max_r_hat``.

    ``docs/measured.json`` holds it; ``docs/measure.py`` writes that file.
    """
    values = json.loads((ROOT / "docs" / "measured.json").read_text("utf-8"))
    return format(values[path], style).replace("-", "\N{MINUS SIGN}")


def source(path: str) -> str:
    """A file of Python as a block of code."""
    text = (ROOT / path).read_text("utf-8").rstrip()
    return f'```python title="{path}"\n{text}\n```'


def declaration(name: str) -> str:
    """The file of a model without its docstring, as a block of code."""
    text = (ROOT / "src" / "partialpool" / "models" / f"{name}.py").read_text("utf-8")
    start = ast.parse(text).body[1].lineno - 1
    return "\n".join(["```python", *text.splitlines()[start:], "```"])


def layers() -> str:
    """The layers that import-linter checks, the top one first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    found = next(c["layers"] for c in contracts["contracts"] if c["type"] == "layers")
    return "\n".join(["```text", *(layer.replace("partialpool.", "") for layer in found), "```"])


FACTS: Mapping[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        *(priors, symbols, inputs, model_inputs, source, declaration),
        *(default, setting, percent, settings, measured, layers),
        *benchmark_results.PAGE,
    )
}


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


# ---- pages that are run ----


@cache
def executed(markdown: str) -> str:
    """Run the blocks of Python of a page one after the other, and put in what each of them shows.

    They run in an empty folder with a small simulated screen, ``screen.csv``.
    """
    names: dict[str, Any] = {}
    logging.getLogger("partialpool").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        raw = parameters()["simulation"]["depmap_screen"] | SMALL
        table, _ = simulate_depmap_screen(DepmapScreenSettings.model_validate(raw))
        as_r_table(table).to_csv("screen.csv", index=False)
        return PYTHON.sub(lambda found: found.group() + _output(found[1], names), markdown)


def _output(code: str, names: dict[str, Any]) -> str:
    """Run a block; show what it prints and, as a notebook does, the value of its last line."""
    body = ast.parse(code)
    last = body.body.pop() if isinstance(body.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(body, "<page>", "exec"), names)  # our own page
        if last:
            value = eval(compile(ast.Expression(last.value), "<page>", "eval"), names)
            if isinstance(value, ggplot):
                address = base64.b64encode(png(lambda: value)).decode("ascii")
                return f"\n\n![{value.labels.title}](data:image/png;base64,{address})"
            if value is not None:
                print(repr(value))
    shown = printed.getvalue().rstrip()
    return f"\n\n```{{ .text .no-copy }}\n{shown}\n```" if shown else ""


# ---- equations ----


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
            f"Expected: docs/models/<name>.md for every registered model. Got: none for "
            f"{', '.join(lacking)}. Fix: see docs/add-a-model.md"
        )
    return config


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Put in the facts and what Python shows."""

    def fact(found: re.Match[str]) -> str:
        name, given = found.groups()
        try:
            return str(FACTS[name](*ast.literal_eval(f"[{given}]")))
        except (KeyError, TypeError, ValueError, SyntaxError) as error:
            raise PluginError(f"{page.file.src_path}: {found.group()}: {error!r}") from error

    with_facts = CALL.sub(fact, markdown)
    return executed(with_facts) if page.file.src_path in EXECUTED else with_facts


def on_page_content(content: str, **_: Any) -> str:
    """Put in the equations."""
    return MATH.sub(_equation, content)


def _without_page(folder: Path) -> Iterator[str]:
    return (name for name in MODELS if not (folder / "models" / f"{name}.md").is_file())
