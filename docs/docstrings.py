"""From the docstrings as they are written to what mkdocstrings reads.

They are numpydoc with reStructuredText in it, in a short form: types stand in the signature, so
what follows a parameter's name is its description. Here this becomes numpydoc proper, with
Markdown in it. The code itself stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import griffe

SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)
ENTRY = re.compile(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*) : (.*)$")
#: What a type looks like where one is written.
TYPE = re.compile(
    r"^(str|int|float|bool|dict|list|tuple|array_like|numpy\.|pandas\.|[Ss]equence|[Mm]apping|"
    r"iterable|Problem|Positive|DataSettings|EffectSettings|Exclusions|\w+Settings)\b"
)


class Docstrings(griffe.Extension):
    """Rewrites every docstring once it is loaded."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite one."""
        if obj.docstring:
            returns = str(obj.annotation) if isinstance(obj, griffe.Function) else ""
            obj.docstring.value = rewrite(obj.docstring.value, returns)


def rewrite(text: str, returns: str = "") -> str:
    """Markdown and numpydoc of a docstring; ``returns`` is the type that it gives."""
    return _inline(_blocks(_sections(text, returns)))


def _sections(text: str, returns: str) -> str:
    """Bring the short form of sections into numpydoc's, prose first."""
    pieces = SECTION.split(text)
    prose, sections = [pieces[0]], []
    for title, body in zip(pieces[1::2], pieces[2::2], strict=True):
        lines = body.strip("\n").split("\n")
        if title in ("Notes", "Examples"):
            prose.append("\n".join(lines))
            continue
        if title in ("Parameters", "Attributes"):
            lines = list(_entries(lines))
        elif title in ("Returns", "Yields") and not any(line[:1] == " " for line in lines):
            lines = [returns or "object", *(f"    {line}" for line in lines)]
        sections.append("\n".join([title, "-" * len(title), *lines]))
    return "\n\n".join([*prose, *sections]) + "\n"


def _entries(lines: list[str]) -> Iterator[str]:
    for line in lines:
        entry = ENTRY.match(line)
        if entry and not TYPE.match(entry[2]):
            yield entry[1]
            yield f"    {entry[2]}"
        elif entry:
            yield entry[1]
        else:
            yield line


def _blocks(text: str) -> str:
    """Tables, display equations and literal blocks."""
    text = re.sub(r"^( *)\.\. math::\n\n((?:\1 +.*\n|\n)+)", _display, text + "\n", flags=re.M)
    text = re.sub(r"^(=+ +=[= ]*)\n(.*)\n\1\n((?:.*\n)*?)\1\n", _table, text, flags=re.M)
    return re.sub(r"^::\n\n((?: {4}.*\n|\n)+)", _literal, text, flags=re.M)


def _display(found: re.Match[str]) -> str:
    body = "\n".join(line.strip() for line in found[2].strip().split("\n"))
    return f"$$\n{body}\n$$\n\n"


def _table(found: re.Match[str]) -> str:
    starts = [match.start() for match in re.finditer(r"=+", found[1])]
    rows = [_cells(line, starts) for line in (found[2], *found[3].splitlines())]
    rows.insert(1, ["---"] * len(starts))
    return "\n" + "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def _cells(line: str, starts: list[int]) -> list[str]:
    """Cut a row where its columns start, or after a word that runs into the next column."""
    cuts = []
    for start in starts[1:]:
        while start < len(line) and line[start - 1] != " ":
            start += 1
        cuts.append(start)
    cells = [line[a:b].strip() for a, b in zip([0, *cuts], [*cuts, len(line)], strict=True)]
    return [cell.replace("|", r"\|") for cell in cells]


def _literal(found: re.Match[str]) -> str:
    body = re.sub(r"^ {4}", "", found[1].rstrip("\n"), flags=re.M)
    return f"```yaml\n{body}\n```\n\n"


def _inline(text: str) -> str:
    text = re.sub(r":math:`([^`]+)`", r"$\1$", text)
    text = re.sub(r":(?:mod|class|meth|func|data|attr):`~?([^`]+)`", r"`\1`", text)
    return text.replace("``", "`") if "```" not in text else _double_backticks(text)


def _double_backticks(text: str) -> str:
    return re.sub(r"(?<!`)``(?!`)", "`", text)
