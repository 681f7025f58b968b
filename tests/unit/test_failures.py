"""How a failed command ends: in a process of its own, as Python's last word is what counts."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
from partialpool.errors import ScreenError
from partialpool.running.failures import show_only_messages

show_only_messages()
show_only_messages()
try:
    raise {error}
except Exception as error:
    raise RuntimeError("Failed while loading") from error
"""


AFTER_PYTENSOR = """
from partialpool.errors import ScreenError
from partialpool.running.hooks import ProjectHooks
from partialpool.running.failures import show_only_messages

show_only_messages()
import pytensor  # which puts its own hook in place of ours

ProjectHooks().on_pipeline_error()
raise ScreenError("Expected: lfc")
"""


@pytest.fixture
def last_words():
    """What a process says that ends with an error, and its exit code."""

    def run(error: str, **environment: str) -> tuple[str, int]:
        script = SCRIPT.format(error=error)
        command = [sys.executable, "-c", script]
        given = {**os.environ, **environment}
        done = subprocess.run(command, capture_output=True, text=True, env=given, check=False)
        return done.stderr, done.returncode

    return run


def test_an_error_that_the_user_can_fix_has_no_traceback(last_words) -> None:
    said, code = last_words("ScreenError('Expected: lfc')")
    assert said.strip() == "ScreenError: Expected: lfc"
    assert code == 1


def test_it_has_none_after_pytensor_was_imported() -> None:
    command = [sys.executable, "-c", AFTER_PYTENSOR]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr.strip().endswith("ScreenError: Expected: lfc")
    assert "Traceback" not in done.stderr


def test_anything_else_keeps_its_traceback(last_words) -> None:
    said, code = last_words("KeyError('lfc')")
    assert said.startswith("Traceback")
    assert said.rstrip().endswith("RuntimeError: Failed while loading")
    assert code == 1


def test_the_traceback_can_be_asked_for(last_words) -> None:
    said, _ = last_words("ScreenError('Expected: lfc')", PARTIALPOOL_TRACEBACK="1")
    assert said.startswith("Traceback")
