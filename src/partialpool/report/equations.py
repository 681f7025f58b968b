"""A model's docstring as HTML: words, equations and symbols.

The equations are MathML, which browsers draw themselves.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import Any

_SETTINGS = {
    "math_output": "MathML",
    "_disable_config": True,
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": 5,
    "initial_header_level": 4,
}
_SIM = "\N{TILDE OPERATOR}"
#: How the paragraph begins that says where a model is from.
SOURCE = "Source: "
_NAMED = re.compile(r"^Model ``\w+``: (.)")


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
    """Split a model's docstring, reStructuredText, into its parts, each as HTML."""
    from docutils import core, nodes

    document = core.publish_doctree(_cleaned(source), settings_overrides=_SETTINGS)
    lead, rest = document.children[:1], document.children[1:]
    return ModelText(
        lead=_html(lead),
        equations=_html([child for child in rest if isinstance(child, nodes.math_block)]),
        notes=_capitalised(_html([c for c in rest if _is_note(c)])),
        symbols=_html([child for child in rest if isinstance(child, nodes.table)]),
    )


def _is_note(child: Any) -> bool:
    """Whether it is a paragraph of a reader's; where a model is from is for its developers."""
    from docutils import nodes

    return isinstance(child, nodes.paragraph) and not child.astext().startswith(SOURCE)


def _cleaned(source: str) -> str:
    """Without the name at the start, which the heading has already."""
    return _NAMED.sub(lambda match: match[1].upper(), inspect.cleandoc(source))


def _capitalised(paragraphs: str) -> str:
    """Each paragraph as a sentence of its own, though some go on from the equations."""
    return re.sub(r"<p>[a-z]", lambda match: match[0].upper().replace("<P>", "<p>"), paragraphs)


def _html(children: list[Any]) -> str:
    from docutils import core, utils
    from docutils.writers import html5_polyglot

    if not children:
        return ""
    part, writer = utils.new_document(""), html5_polyglot.Writer()
    part.extend(child.deepcopy() for child in children)
    core.publish_from_doctree(part, writer=writer, settings_overrides=_SETTINGS)
    # The sign that starts a cell of aligned equations still has something on its left.
    return str(writer.parts["fragment"]).replace(f"<mo>{_SIM}<", f'<mo form="infix">{_SIM}<')
