"""Which genes can be trusted: planted faults are found, and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from partialpool.calls.call_settings import TrustSettings
from partialpool.calls.residuals import guide_means, share_near_fit
from partialpool.calls.trust import gene_trust, typical_variance
from partialpool.defaults import default
from partialpool.models.guide_matrix import GuideMatrix

N_GENES, N_GUIDES, N_LINES = 60, 4, 8


def settings(**changes) -> TrustSettings:
    return TrustSettings.model_validate(default("trust") | changes)


def fitted(unit: float = 1.0):
    """A screen with its exact parameters as tables of a fit; effects are in ``unit`` of LFC."""
    rng = np.random.default_rng(5)
    gene, line = np.repeat(np.arange(N_GENES), N_GUIDES), np.repeat(np.arange(N_LINES), 2)
    lam = rng.uniform(0.6, 1.4, N_LINES)
    level, sigma = rng.normal(0, 0.2, len(line)), rng.uniform(0.1, 0.4, len(line))
    mean, delta = rng.normal(0, 0.5, N_GENES), rng.normal(0, 0.5, (N_GENES, N_LINES))
    theta = rng.normal(mean[gene], 0.2)
    lfc = level + lam[line] * (theta[:, None] + delta[gene][:, line])
    lfc = lfc + rng.normal(0, sigma, lfc.shape)
    matrix = GuideMatrix(
        lfc=lfc,
        genes=tuple(f"G{g:02}" for g in range(N_GENES)),
        sgrnas=tuple(f"S{s}" for s in range(len(gene))),
        cell_lines=tuple(f"L{c}" for c in range(N_LINES)),
        replicates=tuple(f"R{r}" for r in range(len(line))),
        gene_of_sgrna=gene,
        cell_line_of_replicate=line,
    )
    effects = pd.DataFrame(
        {
            "hugo_symbol": np.repeat(matrix.genes, N_LINES),
            "depmap_id": np.tile(matrix.cell_lines, N_GENES),
            "mean": ((mean[:, None] + delta) / unit).ravel(),
        }
    )
    lines = pd.DataFrame({"depmap_id": matrix.cell_lines, "lambda": lam, "omega": 0.01})
    replicates = pd.DataFrame({"replicate_id": matrix.replicates, "level": level, "sigma": sigma})
    return matrix, effects, lines, replicates, theta


def test_guide_means_are_on_the_scale_of_the_mean_line() -> None:
    matrix, _, lines, replicates, theta = fitted()
    noiseless = replicates["level"].to_numpy() + np.outer(
        theta, lines["lambda"].to_numpy()[matrix.cell_line_of_replicate]
    )
    matrix.lfc[:] = noiseless
    matrix.lfc[0, 3] = np.nan
    np.testing.assert_allclose(guide_means(matrix, lines, replicates), theta)


def test_the_typical_variance_is_that_of_the_normal_and_ignores_outliers() -> None:
    """40 genes of variance 4, then 40 larger ones of variance 9, a few far away in each."""
    rng = np.random.default_rng(6)
    true = np.repeat([4.0, 9.0], 2000)
    spread = true * rng.chisquare(3, 4000) / 3
    spread[::20] = 1e4
    found = typical_variance(spread, np.repeat([0.0, 1.0], 2000), np.full(4000, 3.0))
    np.testing.assert_allclose(found, true, rtol=0.15)


def test_a_sound_screen_raises_few_doubts() -> None:
    matrix, effects, lines, replicates, _ = fitted()
    found = gene_trust(matrix, effects, lines, replicates, settings())
    doubts = (found["trust"] == "check").sum()
    assert doubts <= stats.binom.isf(1e-3, N_GENES, 0.01) + 1
    assert (found["n_sgrna"] == N_GUIDES).all()
    assert (found["replicates_per_line"] == 2).all()
    assert found["copies_upper"].isna().all()


@pytest.mark.parametrize("unit", [1.0, 2.0])
def test_coverage_is_that_of_the_screen_on_average_whatever_the_unit(unit: float) -> None:
    matrix, effects, lines, replicates, _ = fitted(unit)
    shares = share_near_fit(matrix, effects, lines, replicates, 0.89)
    assert shares.mean() == pytest.approx(0.89, abs=0.001)
    # Errors of a right fit are even over genes: 64 measurements of each.
    assert shares.std() < 2 * np.sqrt(0.89 * 0.11 / 64)


def test_planted_faults_are_found() -> None:
    matrix, effects, lines, replicates, _ = fitted()
    matrix.lfc[10 * N_GUIDES + 1] -= 2.5  # one guide of G10, in all lines
    matrix.lfc[20 * N_GUIDES : 21 * N_GUIDES, ::3] += np.where(np.arange(6) % 2, 1.5, -1.5)
    matrix.lfc[30 * N_GUIDES : 31 * N_GUIDES, 1::2] = np.nan
    matrix.lfc[40 * N_GUIDES + 1 : 41 * N_GUIDES] = np.nan
    table = pd.DataFrame({"hugo_symbol": "G50", "depmap_id": ["L0", "L1"], "gene_cn": [1.5, 9.0]})
    found = gene_trust(matrix, effects, lines, replicates, settings(), table)
    found = found.set_index("hugo_symbol")
    reasons = found["reasons"]
    assert "guides disagree" in reasons["G10"]
    assert found.loc["G10", "odd_sgrna"] == "S41"
    assert "poor fit" in reasons["G20"]
    assert "1.0 replicates per line; 50% of measurements missing" in reasons["G30"]
    assert "75% of measurements missing" in reasons["G40"]
    assert np.isnan(found.loc["G40", "p_guide_sd"])
    assert reasons["G50"] == "up to 9.0 copies (1 amplified line)"
    assert list(found.loc["G50", ["copies_lower", "copies_upper"]]) == [1.5, 9.0]
    planted = ["G10", "G20", "G30", "G40", "G50"]
    assert (found.loc[planted, "trust"] == "check").all()
    assert (found.drop(index=planted)["trust"] == "check").sum() <= 4


def test_a_gene_with_one_guide_is_a_reason() -> None:
    matrix, effects, lines, replicates, _ = fitted()
    kept = np.r_[0, np.arange(N_GUIDES, len(matrix.sgrnas))]
    fewer = GuideMatrix(
        lfc=matrix.lfc[kept],
        genes=matrix.genes,
        sgrnas=tuple(np.array(matrix.sgrnas)[kept]),
        cell_lines=matrix.cell_lines,
        replicates=matrix.replicates,
        gene_of_sgrna=matrix.gene_of_sgrna[kept],
        cell_line_of_replicate=matrix.cell_line_of_replicate,
    )
    found = gene_trust(fewer, effects, lines, replicates, settings())
    assert found.loc[0, "reasons"].startswith("1 guide")
    assert found.loc[0, "odd_sgrna"] == ""
