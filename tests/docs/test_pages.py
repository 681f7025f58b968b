"""The Python of the README and of pages runs as it is written."""

from pathlib import Path

import pandas as pd
import pytest
from sybil import Document
from sybil.parsers.markdown import PythonCodeBlockParser


@pytest.fixture
def folder(simulated: tuple[pd.DataFrame, pd.DataFrame], tmp_path: Path) -> Path:
    """A folder with a screen where the pages expect one."""
    for file in (tmp_path / "screen.csv", tmp_path / "data" / "01_raw" / "simulated_screen.csv"):
        file.parent.mkdir(parents=True, exist_ok=True)
        simulated[0].to_csv(file, index=False)
    return tmp_path


# python.md runs when the site is built.
@pytest.mark.parametrize(
    ("page", "result"), [("README.md", "fit"), ("docs/index.md", "fit"), ("docs/api.md", "fitted")]
)
def test_the_python_of_a_page_runs(
    page: str, result: str, root: Path, folder: Path, monkeypatch
) -> None:
    monkeypatch.chdir(folder)
    screen = pd.read_csv("screen.csv")
    document = Document.parse(str(root / page), PythonCodeBlockParser())
    document.namespace["table"] = screen
    for example in document.examples():
        example.evaluate()
    found = document.namespace[result].effects
    assert set(found["hugo_symbol"].dropna()) == set(screen["hugo_symbol"])
