"""Which code counts for a result: on a toy package, and on this one."""

import functools
from pathlib import Path

import pytest

from partialpool.models import MODELS
from partialpool.pipeline_registry import build_pipelines
from partialpool.running.code import SOURCE, Source, versions

TOY = {
    "__init__.py": "from toyish.unused import nothing\n",
    "unused.py": "nothing = 0\n",
    "nodes.py": '''
"""Nodes."""
from typing import TYPE_CHECKING

from toyish import helpers
from toyish.kinds import KINDS
from toyish.numbers import LIMIT, OTHER

if TYPE_CHECKING:
    import typed_only

SCALE = 2


def fit(x):
    """Fit."""
    import heavy_package.deep

    return LIMIT * SCALE * inner(x) * KINDS[x]


def inner(x):
    from toyish.lazy import y

    return y


def draw(x):
    return helpers.line(x)
''',
    "helpers.py": "import drawing_package\n\n\ndef line(x):\n    return x\n",
    "numbers.py": "import json\n\nLIMIT = 3\nOTHER = 4\n",
    "lazy.py": "y = 1\n",
    "kinds/__init__.py": "from toyish.kinds import base, blue, red\nKINDS = {}\n",
    "kinds/base.py": "b = 1\n",
    "kinds/red.py": '"""Red: $a = 1$."""\nfrom toyish.kinds.shade import s\n',
    "kinds/blue.py": '"""Blue."""\nc = 1\n',
    "kinds/shade.py": "s = 1\n",
    "paper/__init__.py": "",
    "paper/page.py": "from toyish.kinds import KINDS\n\n\ndef make(x):\n    return x\n",
    "paper/templates/page.html": "<p>\n",
}


def stand_in(module: str, name: str):
    """A function that says that it is defined there; sources are read, never imported."""
    scope = {"__name__": f"toyish.{module}"}
    exec(f"def {name}(x):\n    return x", scope)
    return scope[name]


FUNCTIONS = {
    "fit": stand_in("nodes", "fit"),
    "draw": stand_in("nodes", "draw"),
    "make": stand_in("paper.page", "make"),
}


@pytest.fixture
def toy(tmp_path: Path) -> Source:
    """The sources of the toy package."""
    folder = tmp_path / "toyish"
    for name, text in TOY.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return Source("toyish", folder, "toyish.kinds", frozenset({"red", "blue"}), "toyish.paper")


def parts(toy: Source, function: str, *about: str) -> set[str]:
    found = toy.behind(FUNCTIONS[function], about).hashes
    return {part.replace("toyish.", "") for part in found}


def test_a_function_is_what_it_uses_and_the_modules_that_it_imports(toy) -> None:
    assert parts(toy, "draw") == {"nodes.draw", "helpers"}
    assert parts(toy, "fit", "blue") == {
        *("nodes.fit", "numbers", "lazy"),
        *("kinds.base", "kinds.blue"),
    }


def test_what_a_registry_lists_counts_only_where_it_is_named(toy) -> None:
    assert parts(toy, "fit", "red") - parts(toy, "fit", "blue") == {"kinds.red", "kinds.shade"}
    assert parts(toy, "fit") == parts(toy, "fit", "red") | parts(toy, "fit", "blue")


def test_other_packages_are_those_that_run(toy) -> None:
    """Neither Python's own nor those that only type checkers import."""
    assert toy.behind(FUNCTIONS["fit"]).packages == {"heavy_package"}
    assert toy.behind(FUNCTIONS["draw"]).packages == {"drawing_package"}


def test_what_prints_docstrings_depends_on_them_and_on_its_templates(toy) -> None:
    assert parts(toy, "make", "red") == {
        *("paper.page.make", "paper/templates/page.html", "docstring of kinds.red"),
    }


@pytest.mark.parametrize(
    ("file", "old", "new", "changes"),
    [
        ("nodes.py", "SCALE = 2", "SCALE = 3", True),
        ("nodes.py", "return y", "return y + 1", True),
        ("nodes.py", "helpers.line(x)", "helpers.line(x + 1)", False),
        ("nodes.py", '"""Fit."""', '"""Fit it."""  # a remark', False),
        ("nodes.py", "SCALE = 2\n\n\n", "SCALE = 2\n", False),
        ("lazy.py", "y = 1", "y = 2", True),
        ("kinds/red.py", "$a = 1$", "$a = 2$", False),
        ("kinds/shade.py", "s = 1", "s = 2", True),
        ("kinds/blue.py", "c = 1", "c = 2", False),
        ("helpers.py", "return x", "return 2 * x", False),
    ],
)
def test_a_change_counts_where_it_is_used(toy, file, old, new, changes) -> None:
    before = toy.behind(FUNCTIONS["fit"], {"red"})
    path = toy.folder / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert (toy.behind(FUNCTIONS["fit"], {"red"}) != before) == changes


def test_what_a_docstring_says_counts_where_it_is_printed(toy) -> None:
    before = toy.behind(FUNCTIONS["make"], {"red"}), toy.behind(FUNCTIONS["make"], {"blue"})
    path = toy.folder / "kinds/red.py"
    path.write_text(path.read_text().replace("$a = 1$", "$a = 2$"))
    after = toy.behind(FUNCTIONS["make"], {"red"}), toy.behind(FUNCTIONS["make"], {"blue"})
    assert (after[0] != before[0], after[1] != before[1]) == (True, False)


def test_wrappers_count_with_what_they_wrap(toy) -> None:
    scope = {"__name__": "toyish.numbers", "wraps": functools.wraps, "draw": FUNCTIONS["draw"]}
    exec("@wraps(draw)\ndef LIMIT(x):\n    return x", scope)
    wrapped = functools.partial(scope["LIMIT"], 1)
    assert set(toy.behind(wrapped).hashes) == {
        "toyish.numbers.LIMIT",
        *toy.behind(FUNCTIONS["draw"]).hashes,
    }


def test_versions_are_of_python_and_of_what_is_installed() -> None:
    import numpy
    import PIL

    found = versions(frozenset({"numpy", "PIL", "not_installed_anywhere"}))
    assert set(found) == {"Python", "numpy", "PIL"}
    assert (found["numpy"], found["PIL"]) == (numpy.__version__, PIL.__version__)


# ---- this package ----


@pytest.fixture(scope="module")
def nodes():
    """Every node of the project on the simulated screen."""
    pipelines = build_pipelines(True).values()
    return {node.name: node for pipeline in pipelines for node in pipeline.nodes}


@pytest.fixture
def touched(nodes, monkeypatch):
    """Nodes among some whose code changes when a module is edited."""

    def edit(module: str, names: list[str], model: str = "cell_line") -> set[str]:
        def hashes() -> dict[str, dict]:
            return {name: SOURCE.behind(nodes[name].func, {model}).hashes for name in names}

        before, read = hashes(), Source._source
        with monkeypatch.context() as patch:
            patch.setattr(
                Source,
                "_source",
                lambda self, name: read(self, name) + ("\nx = 1\n" if name == module else ""),
            )
            after = hashes()
        return {name for name in names if before[name] != after[name]}

    return edit


def fit_node(nodes, model: str) -> str:
    """The node that makes a posterior."""
    return next(name for name, node in nodes.items() if f"{model}.posterior" in node.outputs)


@pytest.mark.parametrize(
    "module",
    [
        *("partialpool.screen", "partialpool.inference.sampling", "partialpool.models.cell_line"),
        *("partialpool.models.sgrna_in_gene", "partialpool.models.effects"),
        *("partialpool.inference.density", "partialpool.inference.statistics"),
    ],
)
def test_all_code_that_shapes_a_fit_counts(nodes, touched, module) -> None:
    name = fit_node(nodes, "cell_line")
    assert touched(module, [name]) == {name}


@pytest.mark.parametrize(
    "module",
    [
        *("partialpool.plots.style", "partialpool.report.render", "partialpool.tidy.export_tables"),
        *("partialpool.tracking.run", "partialpool.models.mutation"),
        "partialpool.models.expression",
    ],
)
def test_figures_report_and_other_models_refit_nothing(nodes, touched, module) -> None:
    assert touched(module, [fit_node(nodes, "cell_line")]) == set()


def test_figure_code_redraws(nodes, touched) -> None:
    drawn = [name for name, node in nodes.items() if "cell_line.figures" in node.outputs]
    assert len(drawn) == 1
    assert touched("partialpool.figures.parts.style", drawn) == set(drawn)


def test_a_figure_is_drawn_again_where_its_own_file_changes(nodes, touched) -> None:
    drawing = {
        output.removesuffix(".figures"): name
        for name, node in nodes.items()
        for output in node.outputs
        if output.endswith(".figures")
    }
    fits = {
        name for section, name in drawing.items() if section in {*MODELS, "expression_simulated"}
    }
    every = list(drawing.values())
    assert touched("partialpool.figures.fit.gene_effects", every) == fits
    assert touched("partialpool.figures.screen.lfc_by_gene", every) == {drawing["data"]}
    assert touched("partialpool.figures.comparison.rmse_by_model", every) == {drawing["comparison"]}


def test_templates_make_the_report_again(nodes) -> None:
    name = next(name for name, node in nodes.items() if "report" in node.outputs)
    found = SOURCE.behind(nodes[name].func, MODELS)
    assert "report/templates/report.html.j2" in found.hashes
    assert "docstring of partialpool.models.cell_line" in found.hashes


def test_models_differ_in_their_code(nodes) -> None:
    found = {
        model: SOURCE.behind(nodes[fit_node(nodes, model)].func, {model}).hashes for model in MODELS
    }
    assert len({tuple(sorted(hashes.items())) for hashes in found.values()}) == len(MODELS)
