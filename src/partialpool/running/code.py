"""The code behind a result: the function of a node and all code of the package that it uses.

Modules are not imported; their sources are parsed. Comments, docstrings, layout and imports for
type checkers do not count.
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

#: The package that lists the models. Code that imports it depends only on the models it works on.
REGISTRY = "partialpool.models"
#: Syntax nodes that can have a docstring.
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
#: Packages with different names for import and installation; to look up others is slower.
INSTALLED_AS = {"PIL": "pillow"}
#: Packages that find their modules by themselves. Code that imports one depends on all of them.
COLLECTIONS = frozenset(
    f"partialpool.figures.{subject}" for subject in ("screen", "fit", "comparison", "dependency")
)
#: A package that prints the docstrings of models, so its results depend on them.
PRINTS_DOCSTRINGS = "partialpool.report"


class Place(NamedTuple):
    """The place of a definition: its module, and its name in it (None: the whole module)."""

    module: str
    name: str | None = None


@dataclass(frozen=True)
class Code:
    """The code behind a result.

    Attributes
    ----------
    hashes
        Module, ``module.function`` of a node, or data file of the package -> SHA-256.
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
        The name of the package.
    folder
        The folder of the package.
    registry
        A package that lists others by name; a listed module counts only if a node works on it.
    listed
        The names of those modules in ``registry``.
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
        """Find the code that a function depends on.

        In the function's own module, only the function and what it uses count. A module that it
        imports counts as a whole.

        Parameters
        ----------
        function
            The function of a node.
        about
            The listed modules that the node works on; if empty, all of them.
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
        """The module of the package that ``a.b.c`` is, or in which the name ``c`` is defined."""
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
        """Hash the files in folders without code beside a module: templates, style sheets."""
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


#: The source of this package.
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
    """Versions of Python and of installed packages, by the name under which they are imported."""
    found = ((name, _version(name)) for name in sorted(packages))
    return {"Python": platform.python_version()} | {n: v for n, v in found if v}


class _Part(NamedTuple):
    hash: str
    modules: frozenset[str]
    packages: frozenset[str]


class _Read(NamedTuple):
    """A source or a part of it: its hash and its imports, as ``module`` or ``module.name``."""

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
    """Yield the places of a function and of all functions that it wraps, or of its class."""
    while function is not None:
        code = getattr(function, "__code__", None)
        if code is not None:
            module = function.__globals__["__name__"]
            yield Place(module, code.co_qualname.partition(".")[0])
        else:
            yield Place(type(function).__module__, type(function).__qualname__.partition(".")[0])
        function = getattr(function, "__wrapped__", None) or getattr(function, "func", None)


def _bare(tree: ast.Module) -> ast.Module:
    """Remove docstrings and imports for type checkers."""
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    tree.body = [node for node in tree.body if not _is_for_type_checkers(node)]
    return tree


def _is_for_type_checkers(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def _used_by(name: str, statements: list[ast.stmt]) -> list[ast.stmt]:
    """The statement that defines a name, those that it uses, and those without a definition."""
    used: set[str] = set()
    waiting = [name, *(n for s in statements if not set(_defined(s)) for n in _names(s))]
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting += (n for s in statements if name in _defined(s) for n in _names(s))
    return [_only(s, used) for s in statements if not set(_defined(s)) or used & set(_defined(s))]


def _only(statement: ast.stmt, names: set[str]) -> ast.stmt:
    """A statement; an import is reduced to these names."""
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
    """Yield the names that a statement defines at the top level of its module."""
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
    """Yield all imports in statements, at any depth."""
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
