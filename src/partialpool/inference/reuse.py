"""Whether the fit that an earlier run left is the one that would be made now.

A fit is its data, the code of its model, and its settings. Where all of them are as they were,
the same seed would give the same draws, so the old ones are kept. What is not asked: versions of
packages, and how many cores sampled.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from partialpool.inference.settings import FitSettings
from partialpool.models import MODELS
from partialpool.parameters import Parameters, flatten
from partialpool.screen import Screen

if TYPE_CHECKING:
    import arviz as az

#: Where the code of a model lives: its own module and those that it imports from here.
MODEL_CODE = "partialpool.models"
#: Settings that change no draw.
IRRELEVANT = ("sampler.cores",)


class ReuseSettings(Parameters):
    """When a fit is made again.

    Attributes
    ----------
    force : always, even where nothing changed
    """

    force: bool


@dataclass(frozen=True)
class SavedFit:
    """A fit that an earlier run left.

    Attributes
    ----------
    attributes : its provenance, as ``sampling.provenance`` wrote it
    n_chains, n_draws : what it holds
    load : reads the draws
    """

    attributes: Mapping[str, Any]
    n_chains: int
    n_draws: int
    load: Callable[[], az.InferenceData]


def why_fit(
    saved: SavedFit | None, screen: Screen, settings: FitSettings, force: bool
) -> list[str]:
    """Say what calls for a new fit; nothing if the saved one is as good.

    Returns
    -------
    Reasons, such as ``"priors.mu_gene.sigma 5.0 -> 2.0"`` or ``"the data changed"``.
    """
    if saved is None:
        return ["there is no earlier fit"]
    if force:
        return ["reuse.force is true"]
    return [*_changed_inputs(saved, screen, settings), *_changed_settings(saved, settings)]


@lru_cache
def code_hash(model: str) -> str:
    """SHA-256 of the code of a model, in hexadecimal: its module and what it imports of models/.

    Comments, docstrings and layout do not count. How a table becomes a ``Screen`` is no part of
    it: what comes out is in the hash of the data.
    """
    digest = hashlib.sha256()
    for name in sorted(_modules_behind(MODELS[model].build.__module__)):
        digest.update(f"{name}\0{_bare_source(name)}\0".encode())
    return digest.hexdigest()


def _changed_inputs(saved: SavedFit, screen: Screen, settings: FitSettings) -> Iterator[str]:
    if saved.attributes.get("data_hash") != screen.content_hash:
        yield "the data changed"
    if saved.attributes.get("code_hash") != code_hash(settings.model):
        yield "the code of the model changed"
    wanted = (settings.sampler.chains, settings.sampler.draws)
    if (saved.n_chains, saved.n_draws) != wanted:
        yield f"it holds {saved.n_chains} chains x {saved.n_draws} draws"


def _changed_settings(saved: SavedFit, settings: FitSettings) -> Iterator[str]:
    old = flatten(json.loads(saved.attributes.get("settings", "{}")))
    new = flatten(settings.model_dump(mode="json"))
    for name in [*new, *(name for name in old if name not in new)]:
        if name not in IRRELEVANT and old.get(name) != new.get(name):
            yield f"{name} {old.get(name)} -> {new.get(name)}"


def _modules_behind(name: str) -> set[str]:
    """A module of the models and, transitively, those that it imports."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += _imports(module)
    return found


def _imports(name: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(_source(name))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(MODEL_CODE):
            if node.module != MODEL_CODE:
                yield str(node.module)
            else:
                names = (f"{MODEL_CODE}.{alias.name}" for alias in node.names)
                yield from (module for module in names if find_spec(module))


def _bare_source(name: str) -> str:
    """Code of a module without comments and docstrings, in one layout."""
    tree = ast.parse(_source(name))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node, clean=False
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def _source(name: str) -> str:
    return inspect.getsource(import_module(name))
