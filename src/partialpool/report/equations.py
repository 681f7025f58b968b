"""A model's docstring, Markdown, as HTML: words, equations and symbols.

The equations are MathML, which browsers draw themselves.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

#: How the paragraph begins that says where a model is from.
SOURCE = "Source: "
_NAMED = re.compile(r"^Model ``\w+``: (.)")
_NAMES = re.compile(r"\\(?:mathrm|operatorname)\{(\w+)\}")


@dataclass(frozen=True)
class ModelText:
    """Parts of a model's docstring as HTML.

    Attributes
    ----------
    lead
        What the model is, in a sentence.
    equations
        Its display equations.
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
    """Split a model's docstring into its parts, each as HTML."""
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
    """Turn LaTeX, as far as models and pages use it, into MathML.

    Parameters
    ----------
    latex
        An equation, or several that are aligned at ``&``.
    block
        Whether it stands by itself, not in a line of text.

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
    # The sign that starts a cell of aligned equations still has something on its left.
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
    """Tokens of a document by the block of it that they make, such as a paragraph."""
    block: list[Any] = []
    for token in tokens:
        block.append(token)
        if token.level == 0 and token.nesting < 1:
            yield block
            block = []


def _is_note(block: Sequence[Any]) -> bool:
    """Whether it is a paragraph of a reader's; where a model is from is for its developers."""
    return block[0].type == "paragraph_open" and not block[1].content.startswith(SOURCE)


def _cleaned(source: str) -> str:
    """Without the name at the start, which the heading has already."""
    return _NAMED.sub(lambda match: match[1].upper(), inspect.cleandoc(source))


def _capitalised(paragraphs: str) -> str:
    """Each paragraph as a sentence of its own, though some go on from the equations."""
    return re.sub(r"<p>[a-z]", lambda match: match[0].upper().replace("<P>", "<p>"), paragraphs)
