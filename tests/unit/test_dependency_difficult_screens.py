"""The dependency model on screens with outgrowth, two libraries, or a bad line; truth is known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from partialpool.calls.hits import DEPENDENT, call_effects
from partialpool.inference.gibbs.fit import fit_dependency
from partialpool.inference.gibbs.results import DependencyFit
from partialpool.interface_dependency import dependency_settings
from partialpool.models.guide_matrix import GuideMatrix

N_GENES, N_LINES, N_GUIDES = 60, 6, 4


def screen(
    seed: int, strength: dict[int, float] | None = None, noise: dict[int, float] | None = None
):
    """A screen of two replicates per line, and the true effects (G, C).

    A fifth of the genes are essential, and one effect in 20 is a deviation. ``strength`` and
    ``noise`` change lambda, and the sd of the noise, of single lines.
    """
    rng = np.random.default_rng(seed)
    essential = np.arange(N_GENES) % 5 == 0
    mean = np.where(essential, rng.normal(-1.5, 0.3, N_GENES), rng.normal(0, 0.05, N_GENES))
    delta = np.where(rng.random((N_GENES, N_LINES)) < 0.05, -1.5, 0.0)
    effect = mean[:, None] + delta
    gene = np.repeat(np.arange(N_GENES), N_GUIDES)
    line = np.repeat(np.arange(N_LINES), 2)
    lam, sigma = np.ones(N_LINES), np.full(N_LINES, 0.25)
    for values, changes in ((lam, strength), (sigma, noise)):
        for c, value in (changes or {}).items():
            values[c] = value
    guide = rng.normal(0, 0.15, len(gene))
    cells = lam * (effect[gene] + guide[:, None]) + rng.normal(0, 0.1, (len(gene), N_LINES))
    lfc = cells[:, line] + sigma[line] * rng.normal(size=(len(gene), len(line)))
    matrix = GuideMatrix(
        lfc=lfc,
        genes=tuple(f"G{g:02d}" for g in range(N_GENES)),
        sgrnas=tuple(f"S{s:03d}" for s in range(len(gene))),
        cell_lines=tuple(f"L{c}" for c in range(N_LINES)),
        replicates=tuple(f"L{c}_{n % 2}" for n, c in enumerate(line)),
        gene_of_sgrna=gene,
        cell_line_of_replicate=line,
    )
    return matrix, (effect - np.median(mean)) * lam.mean()


def fit(matrix: GuideMatrix, **priors) -> DependencyFit:
    how, _ = dependency_settings(priors, {"chains": 2, "tune": 150, "draws": 250, "seed": 4})
    return fit_dependency(matrix, how)


def compared(found: DependencyFit, truth: np.ndarray) -> pd.DataFrame:
    """Effects and calls beside the truth."""
    table = call_effects(found.effects, found.genes, dependency_settings()[1])
    table["truth"] = truth.ravel()
    return table.assign(
        error=table["mean"] - table["truth"],
        inside=table["truth"].between(table["lower"], table["upper"]),
        hit=table["call"] == DEPENDENT,
    )


def test_outgrowth_hides_few_dependencies_and_makes_none() -> None:
    """One measurement in 30 has grown out by 2 to 6: Student-t noise gives it little weight."""
    matrix, truth = screen(1)
    rng = np.random.default_rng(2)
    grown = np.where(rng.random(matrix.lfc.shape) < 1 / 30, rng.uniform(2, 6, matrix.lfc.shape), 0)
    outgrown = dataclasses.replace(matrix, lfc=matrix.lfc + grown)
    clean, heavy = compared(fit(matrix), truth), compared(fit(outgrown), truth)
    gaussian = compared(fit(outgrown, noise_df=None), truth)

    assert heavy["error"].pow(2).mean() < gaussian["error"].pow(2).mean() / 2
    assert (heavy["truth"][heavy["hit"]] < -0.5).mean() >= 0.95
    assert heavy["hit"].sum() > 0.9 * clean["hit"].sum()
    assert heavy["inside"].mean() > 0.8


def test_guides_of_two_libraries_are_pooled_by_gene() -> None:
    """Half of a gene's guides are in each library; their replicates have other levels and noise.

    L0 and L1 were screened with the first library, L2 and L3 with the second, L4 and L5 with both.
    """
    matrix, truth = screen(3)
    rng = np.random.default_rng(4)
    guide = np.arange(matrix.shape[1]) % N_GUIDES < N_GUIDES // 2
    line, number = matrix.cell_line_of_replicate, np.arange(len(matrix.replicates)) % 2
    second = (line >= 2) & ((line < 4) | (number == 1))
    lfc = (
        matrix.lfc + np.where(second, -0.4, 0.3) + 0.3 * second * rng.normal(size=matrix.lfc.shape)
    )
    lfc[guide[:, None] == second] = np.nan
    found = compared(fit(dataclasses.replace(matrix, lfc=lfc)), truth)

    assert found["n_measured"].eq(np.tile([4, 4, 4, 4, 4, 4], N_GENES)).all()
    assert found["inside"].mean() > 0.8
    # The levels of the libraries differ by 0.7, and the lines' effects do not.
    assert np.ptp(found.groupby("depmap_id")["error"].mean()) < 0.1
    assert (found["truth"][found["hit"]] < -0.5).mean() >= 0.95
    assert found["hit"].sum() > 0.8 * (found["truth"] < -0.5).sum()


def test_a_line_that_fails_qc_has_wide_intervals_and_no_false_calls() -> None:
    """A fifth of the depletion, and three times the noise."""
    matrix, truth = screen(5, strength={0: 0.2}, noise={0: 0.75})
    fitted = fit(matrix)
    found = compared(fitted, truth)
    lines = fitted.lines.set_index("depmap_id")
    assert lines["lambda"].idxmin() == "L0"
    assert lines.loc["L0", "lambda_upper"] < 0.5

    bad = found["depmap_id"] == "L0"
    sd = found.groupby("depmap_id")["sd"].quantile([0.5, 0.9]).unstack()  # noqa: PD010
    assert (sd.loc["L0"] > 1.2 * sd.drop("L0").max()).all()
    assert found.loc[bad, "inside"].mean() > 0.8
    assert (found["truth"][bad & found["hit"]] < -0.5).mean() >= 0.95
    assert found.loc[bad, "hit"].sum() > 0.6 * (found["truth"][bad] < -0.5).sum()
    # The other lines do not suffer.
    assert found.loc[~bad, "inside"].mean() > 0.8
    assert found.loc[~bad, "hit"].sum() > 0.8 * (found["truth"][~bad] < -0.5).sum()


def test_effects_of_a_clean_screen_are_found() -> None:
    """What the other tests compare with."""
    matrix, truth = screen(6)
    found = compared(fit(matrix), truth)
    assert found["inside"].mean() > 0.8
    assert (found["truth"][found["hit"]] < -0.5).mean() >= 0.95
    assert found["hit"].sum() > 0.9 * (found["truth"] < -0.5).sum()
