"""Turns the docstring of a model (Markdown) into HTML: text, equations and symbols.

Equations become MathML, which browsers can draw.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

#: The start of the paragraph about the source of a model.
SOURCE = "Source: "
_NAMED = re.compile(r"^Model ``\w+``: (.)")
_NAMES = re.compile(r"\\(?:mathrm|operatorname)\{(\w+)\}")


@dataclass(frozen=True)
class ModelText:
    """The parts of a model's docstring, as HTML.

    Attributes
    ----------
    lead
        A sentence that describes the model.
    equations
        The display equations.
    notes
        The other paragraphs.
    symbols
        The table of symbols.
    """

    lead: str
    equations: str
    notes: str
    symbols: str


def read_docstring(source: str) -> ModelText:
    """Split the docstring of a model into its parts."""
    parser = _parser()
    lead, *rest = _blocks(parser.parse(_cleaned(source)))

    def html(blocks: Iterable[list[Any]]) -> str:
        return "".join(parser.renderer.render(block, parser.options, {}) for block in blocks)

    return ModelText(
        lead=html([lead]),
        equations=html(block for block in rest if block[0].type == "math_block"),
        notes=_capitalised(html(block for block in rest if _is_note(block))),
        symbols=html(block for block in rest if block[0].type == "table_open"),
    )


def mathml(latex: str, block: bool) -> str:
    """Turn LaTeX into MathML. Only the commands that models and pages use are supported.

    Parameters
    ----------
    latex
        An equation, or several equations aligned at ``&``.
    block
        Whether the equation has a line of its own.

    Returns
    -------
    str
        A ``math`` element.
    """
    from latex2mathml.converter import convert

    latex = _NAMES.sub(r"\\text{\1}", latex.replace(r"\mathcal N", r"\text{Normal}"))
    if "&" in latex and r"\begin" not in latex:
        latex = rf"\begin{{align*}}{latex}\end{{align*}}"
    found = convert(latex, display="block" if block else "inline")
    # A sign at the start of an aligned cell is still an infix operator.
    found = found.replace("<mi>&#x0007E;</mi>", '<mo form="infix">&#x0223C;</mo>')
    return re.sub(r"<mtable [^>]*>", '<mtable class="ams-align" displaystyle="true">', found)


def _parser() -> Any:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    return (
        MarkdownIt("commonmark", {"html": False})
        .enable("table")
        .use(dollarmath_plugin, renderer=lambda latex, how: mathml(latex, how["display_mode"]))
    )


def _blocks(tokens: Sequence[Any]) -> Iterator[list[Any]]:
    """Group the tokens of a document by block, such as a paragraph."""
    block: list[Any] = []
    for token in tokens:
        block.append(token)
        if token.level == 0 and token.nesting < 1:
            yield block
            block = []


def _is_note(block: Sequence[Any]) -> bool:
    """Whether a block is a paragraph for readers. The source of a model is only for developers."""
    return block[0].type == "paragraph_open" and not block[1].content.startswith(SOURCE)


def _cleaned(source: str) -> str:
    """Remove the name at the start, because the heading shows it."""
    return _NAMED.sub(lambda match: match[1].upper(), inspect.cleandoc(source))


def _capitalised(paragraphs: str) -> str:
    """Start each paragraph with a capital, also one that continues an equation."""
    return re.sub(r"<p>[a-z]", lambda match: match[0].upper().replace("<P>", "<p>"), paragraphs)
