"""Screens that benchmarks run on: those of ``kedro run``, and arrays of any size."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from kedro.config import OmegaConfigLoader
from processes import ROOT

from partialpool.preparation import prepare
from partialpool.running.parameters import ProjectParameters, check_parameters
from partialpool.screen import Screen
from partialpool.settings import CONFIG_LOADER_ARGS
from partialpool.simulation import simulate_depmap_screen

GUIDES_PER_GENE = 4


def project(tiny: bool) -> ProjectParameters:
    """Parameters of ``kedro run``, or those of the tiny screens of the tests."""
    how: dict[str, Any] = dict(CONFIG_LOADER_ARGS)
    loader = OmegaConfigLoader(str(ROOT / "conf"), env="test" if tiny else None, **how)
    return check_parameters(loader["parameters"])


def modelling_table(settings: ProjectParameters) -> pd.DataFrame:
    """Simulate the default input of ``kedro run`` and prepare it."""
    raw, _ = simulate_depmap_screen(settings.simulation.depmap_screen)
    return prepare(raw, settings.data_engineering)[0]


def balanced_arrays(n_guides: int, n_lines: int) -> Screen:
    """Make a screen with every guide once in every line."""
    guides, lines = np.divmod(np.arange(n_guides * n_lines), n_lines)
    return _screen(guides, lines, n_guides, n_lines)


def random_arrays(n_rows: int, n_guides: int, n_lines: int) -> Screen:
    """Make a screen of random guides and lines, so that no two guides have the same counts."""
    rng = np.random.default_rng(1)
    guides, lines = (rng.integers(0, size, n_rows) for size in (n_guides, n_lines))
    return _screen(guides, lines, n_guides, n_lines)


def _screen(guides: Any, lines: Any, n_guides: int, n_lines: int) -> Screen:
    """Make a view without its table, which would be several times larger."""
    rng = np.random.default_rng(2)
    genes = guides // GUIDES_PER_GENE
    effects = rng.normal(0, 0.3, n_guides)[guides] + rng.normal(0, 0.05, n_lines)[lines]
    n_genes = -(-n_guides // GUIDES_PER_GENE)
    sizes = {"gene": n_genes, "sgrna": n_guides, "cell_line": n_lines}
    return Screen(
        lfc=effects + rng.normal(0, 0.47, len(guides)),
        codes=MappingProxyType({"gene": genes, "sgrna": guides, "cell_line": lines}),
        labels={dim: tuple(f"{dim}{i}" for i in range(n)) for dim, n in sizes.items()},
        covariates={},
        keys=pd.DataFrame(index=range(len(guides))),
    )
