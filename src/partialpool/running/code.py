"""What code makes a result: the function of a node and all of the package that it builds on.

Nothing is imported; sources are read as text. Comments, docstrings, layout and what only type
checkers read do not count.
"""

from __future__ import annotations

import ast
import hashlib
import platform
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import partialpool
from partialpool.models import MODELS

#: The package that only lists the models: whoever imports it builds on the models it is about.
REGISTRY = "partialpool.models"
#: What may have a docstring.
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
#: What is imported by another name than it is installed by. Looking others up takes longer.
INSTALLED_AS = {"PIL": "pillow"}
#: Packages that find their modules by themselves: whoever imports one builds on all of them.
COLLECTIONS = frozenset(
    f"partialpool.figures.{subject}" for subject in ("screen", "fit", "comparison")
)
#: A package that prints the docstrings of models, so that they count for its results.
PRINTS_DOCSTRINGS = "partialpool.report"


class Place(NamedTuple):
    """Where a function is defined: its module, and its name in it (None: all of the module)."""

    module: str
    name: str | None = None


@dataclass(frozen=True)
class Code:
    """The code behind a result.

    Attributes
    ----------
    hashes
        Module, or ``module.function`` of a node, or a file of the package -> SHA-256.
    packages
        The other packages that this code imports.
    """

    hashes: Mapping[str, str]
    packages: frozenset[str]


@dataclass(frozen=True)
class Source:
    """The sources of a package.

    Attributes
    ----------
    package
        Its name.
    folder
        Where it lies.
    registry
        A module that lists others by name; what it lists counts only where it is named.
    listed
        Names of those modules within ``registry``.
    prints_docstrings
        A subpackage whose results show the docstrings of listed modules.
    collections
        Packages that find their modules by themselves.
    """

    package: str
    folder: Path
    registry: str = ""
    listed: frozenset[str] = frozenset()
    prints_docstrings: str = ""
    collections: frozenset[str] = frozenset()

    def behind(self, function: Callable[..., Any], about: Collection[str] = ()) -> Code:
        """Find the code that a function runs.

        Of the function's own module only the function counts and what it uses there; of a module
        that it imports, anywhere in it, all of it.

        Parameters
        ----------
        function
            Of a node.
        about
            The listed modules that it works on; all of them if it is told of none.
        """
        hashes: dict[str, str] = {}
        packages: set[str] = set()
        reached: set[Place] = set()
        waiting = [place for place in _places(function) if self._file(place.module)]
        names = [n for n in sorted(about or self.listed) if self._file(f"{self.registry}.{n}")]
        while waiting:
            place = waiting.pop()
            if place in reached:
                continue
            reached.add(place)
            part = self._part(place)
            if place.module != self.registry:
                hashes[".".join(filter(None, place))] = part.hash
                hashes |= self._data_files(place.module)
            packages |= part.packages
            waiting += map(Place, part.modules)
            if place.module in self.collections:
                waiting += map(Place, self._within(place.module))
            if place.module == self.registry:
                waiting += [Place(f"{self.registry}.{name}") for name in names]
        printer = self.prints_docstrings
        if printer and any(place.module.startswith(printer) for place in reached):
            hashes |= {f"docstring of {self.registry}.{n}": self._docstring(n) for n in names}
        return Code(hashes, frozenset(packages))

    def _part(self, place: Place) -> _Part:
        part = _read(self._source(place.module), place.name)
        modules, packages = set(), set()
        for imported in part.imports:
            if found := self._module(imported):
                modules.add(found)
            elif imported.partition(".")[0] not in {self.package, *sys.stdlib_module_names}:
                packages.add(imported.partition(".")[0])
        if place.module == self.registry:
            modules -= {f"{self.registry}.{name}" for name in self.listed}
        return _Part(part.hash, frozenset(modules), frozenset(packages))

    def _module(self, imported: str) -> str | None:
        """The module of the package that ``a.b.c`` is, or that gives the name ``c``."""
        if imported.partition(".")[0] != self.package:
            return None
        if self._file(imported):
            return imported
        return self._module(imported.rpartition(".")[0])

    def _file(self, module: str) -> Path | None:
        package, _, inside = module.partition(".")
        if package != self.package:
            return None
        path = self.folder.joinpath(*inside.split("."))
        files = (path / "__init__.py", path.with_suffix(".py"))
        return next((file for file in files if file.is_file()), None)

    def _within(self, package: str) -> list[str]:
        """The modules of a package."""
        path = self._file(package)
        assert path is not None
        files = (file.stem for file in sorted(path.parent.glob("*.py")))
        return [f"{package}.{name}" for name in files if name != "__init__"]

    def _source(self, module: str) -> str:
        path = self._file(module)
        assert path is not None
        return path.read_text(encoding="utf-8")

    def _data_files(self, module: str) -> dict[str, str]:
        """Files beside a module, in folders without code: templates, style sheets."""
        path = self._file(module)
        assert path is not None
        folders = (
            folder
            for folder in path.parent.iterdir()
            if folder.is_dir() and folder.name != "__pycache__" and not any(folder.glob("*.py"))
        )
        return {
            str(file.relative_to(self.folder)): hashlib.sha256(file.read_bytes()).hexdigest()
            for folder in folders
            for file in sorted(folder.rglob("*"))
            if file.is_file()
        }

    def _docstring(self, name: str) -> str:
        tree = ast.parse(self._source(f"{self.registry}.{name}"))
        return _hash(ast.get_docstring(tree) or "")


#: Ours.
SOURCE = Source(
    package="partialpool",
    folder=Path(partialpool.__file__).parent,
    registry=REGISTRY,
    listed=frozenset(MODELS),
    collections=COLLECTIONS,
    prints_docstrings=PRINTS_DOCSTRINGS,
)


@cache
def versions(packages: frozenset[str]) -> dict[str, str]:
    """Version of Python and of each installed package, by the name that it is imported by."""
    found = ((name, _version(name)) for name in sorted(packages))
    return {"Python": platform.python_version()} | {n: v for n, v in found if v}


class _Part(NamedTuple):
    hash: str
    modules: frozenset[str]
    packages: frozenset[str]


class _Read(NamedTuple):
    """A source, or a part of it: its hash and what it imports, as ``module`` or ``module.name``."""

    hash: str
    imports: frozenset[str]


@cache
def _read(source: str, name: str | None) -> _Read:
    statements = _bare(ast.parse(source)).body
    if name is not None:
        statements = _used_by(name, statements)
    text = ast.unparse(ast.Module(statements, []))
    return _Read(_hash(text), frozenset(_imports(statements)))


def _places(function: Any) -> Iterator[Place]:
    """Where a function and all that it wraps are defined, the class of a callable object too."""
    while function is not None:
        code = getattr(function, "__code__", None)
        if code is not None:
            module = function.__globals__["__name__"]
            yield Place(module, code.co_qualname.partition(".")[0])
        else:
            yield Place(type(function).__module__, type(function).__qualname__.partition(".")[0])
        function = getattr(function, "__wrapped__", None) or getattr(function, "func", None)


def _bare(tree: ast.Module) -> ast.Module:
    """Take out docstrings and what only type checkers read."""
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    tree.body = [node for node in tree.body if not _is_for_type_checkers(node)]
    return tree


def _is_for_type_checkers(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def _used_by(name: str, statements: list[ast.stmt]) -> list[ast.stmt]:
    """The statement that defines a name, those that it uses, and those that define nothing."""
    used: set[str] = set()
    waiting = [name, *(n for s in statements if not set(_defined(s)) for n in _names(s))]
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting += (n for s in statements if name in _defined(s) for n in _names(s))
    return [_only(s, used) for s in statements if not set(_defined(s)) or used & set(_defined(s))]


def _only(statement: ast.stmt, names: set[str]) -> ast.stmt:
    """A statement; if it is an import, of no more than these names."""
    match statement:
        case ast.Import():
            return ast.Import([a for a in statement.names if _bound(a) in names])
        case ast.ImportFrom():
            chosen = [a for a in statement.names if _bound(a) in names]
            return ast.ImportFrom(statement.module, chosen, statement.level)
    return statement


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _defined(statement: ast.stmt) -> Iterator[str]:
    """Names that a statement defines at the top of its module."""
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield statement.name
        case ast.Import() | ast.ImportFrom():
            yield from map(_bound, statement.names)
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    yield node.id


def _names(statement: ast.stmt) -> list[str]:
    return [node.id for node in ast.walk(statement) if isinstance(node, ast.Name)]


def _imports(statements: list[ast.stmt]) -> Iterator[str]:
    """What statements import, anywhere in them."""
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def _version(package: str) -> str | None:
    try:
        return metadata.version(INSTALLED_AS.get(package, package))
    except metadata.PackageNotFoundError:
        installed = _distributions().get(package, [])
        return ", ".join(sorted({metadata.version(name) for name in installed})) or None


@cache
def _distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
