"""No text of the project contains a phrase of ``.words/phrases.txt``."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PHRASES = ROOT / ".words" / "phrases.txt"
TEXT = {".css", ".html", ".j2", ".md", ".py", ".svg", ".toml", ".txt", ".yml"}
PLACES = ("README.md", "CONTRIBUTING.md", "conf", "docs", "mkdocs.yml", "src", "tests")


def phrases() -> dict[str, str]:
    lines = PHRASES.read_text(encoding="utf-8").splitlines()
    entries = [line for line in lines if line.strip() and not line.startswith("#")]
    return {phrase.strip(): better.strip() for phrase, better in map(_halves, entries)}


def _halves(entry: str) -> list[str]:
    return entry.split("->")


def pattern(phrase: str) -> re.Pattern[str]:
    """Any white space and comment marks between the words, so that line breaks hide nothing."""
    return re.compile(r"\b" + r"[\s#]+".join(map(re.escape, phrase.split())) + r"\b", re.IGNORECASE)


def texts() -> list[Path]:
    """What people read, except what codespell skips too."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    skipped = [name.strip() for name in settings["tool"]["codespell"]["skip"].split(",")]
    found = [path for place in PLACES for path in _files(ROOT / place)]
    return [path for path in found if not _is_skipped(path, skipped)]


def _files(place: Path) -> list[Path]:
    candidates = [place] if place.is_file() else sorted(place.rglob("*"))
    return [path for path in candidates if path.is_file() and path.suffix in TEXT]


def _is_skipped(path: Path, skipped: list[str]) -> bool:
    name = f"./{path.relative_to(ROOT).as_posix()}"
    if path == Path(__file__).resolve():
        return True
    return any(fnmatch(name, pattern) or name.startswith(f"{pattern}/") for pattern in skipped)


@pytest.mark.parametrize(("phrase", "better"), phrases().items())
def test_no_text_contains_a_phrase_to_avoid(phrase: str, better: str) -> None:
    """A phrase of the list is replaced by what the list says, or by a new sentence."""
    found = [
        f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}"
        for path in texts()
        for text in [path.read_text(encoding="utf-8")]
        for match in pattern(phrase).finditer(text)
    ]
    assert not found, f"write {better!r} instead of {phrase!r} in {', '.join(found)}"


def test_phrases_are_found_across_line_breaks() -> None:
    """The search sees through line breaks and comment marks, and finds whole words only."""
    assert pattern("hand on").search("tables to hand\n    # on to others")
    assert not pattern("hand on").search("the left-hand one")
