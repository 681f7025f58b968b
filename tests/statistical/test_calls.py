"""Calls keep their FDR on simulated screens, and find known differences in a real one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dependency_screens import SETTINGS, draw_screen
from partialpool.calls.call_settings import CallSettings
from partialpool.calls.contrasts import contrast_weights
from partialpool.calls.controls import Controls
from partialpool.calls.differential import STRONGER, WEAKER, differential
from partialpool.calls.genes import call_genes
from partialpool.calls.hits import DEPENDENT, call_effects
from partialpool.defaults import default
from partialpool.inference.gibbs.fit import DependencySettings, fit_dependency
from partialpool.models.guide_matrix import GuideMatrix
from partialpool.preparation import DataSettings, prepare
from partialpool.preparation.schema import check_columns

N_SCREENS, N_GENES = 60, 60
REPLICATES = [2, 1, 2, 1, 3, 2]
LEVELS = (0.01, 0.05, 0.1, 0.2)


def settings(**changes) -> CallSettings:
    return CallSettings.model_validate(default("calls") | changes)


def fit_settings(**changes) -> DependencySettings:
    thresholds = list(settings().thresholds)
    return DependencySettings.model_validate(SETTINGS | {"thresholds": thresholds} | changes)


@pytest.fixture(scope="module")
def screens() -> list[tuple]:
    """Fits of screens that were drawn from the model, with their true effects."""
    rng = np.random.default_rng(31)
    lines = [f"L{c}" for c in range(len(REPLICATES))]
    weights = {line: (1 / 3 if c < 3 else -1 / 3) for c, line in enumerate(lines)}
    found = []
    for number in range(N_SCREENS):
        guides = [int(n) for n in rng.integers(1, 6, N_GENES)]
        matrix, truth = draw_screen(rng, guides, REPLICATES, 0.05)
        how = fit_settings(seed=number, tune=300, draws=500)
        contrasts = {"halves": weights}
        fit = fit_dependency(matrix, how, contrasts=contrasts)
        found.append((fit, truth.effect, weights))
    return found


def realised(false: list[np.ndarray], level: float) -> tuple[float, float]:
    """Mean share of false calls over screens (0 without calls), and its standard error."""
    shares = np.array([x.mean() if len(x) else 0.0 for x in false])
    return shares.mean(), shares.std(ddof=1) / np.sqrt(len(shares))


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_the_share_of_false_calls_is_the_nominal_one(screens, level: float) -> None:
    """Sums over screens: calls that are false, and what the posterior expects of them."""
    chosen = settings(fdr=level)
    false, excess = [], []
    for fit, truth, _ in screens:
        called = call_effects(fit.effects, fit.genes, chosen)
        hit = (called["call"] == DEPENDENT).to_numpy()
        wrong = truth.ravel()[hit] >= -chosen.delta
        false.append(wrong)
        excess.append(wrong.sum() - (1 - called["p_dependent"])[hit].sum())
    mean, error = realised(false, level)
    print(f"nominal {level}: realised {mean:.4f} +- {error:.4f}, {sum(map(len, false))} calls")
    assert mean < level + 3 * error
    # Calls are not cautious either: the number of false ones is the expected one.
    spread = np.std(excess, ddof=1) / np.sqrt(len(excess))
    assert abs(np.mean(excess)) < 3.3 * spread
    assert mean > level / 4


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_the_share_of_wrong_signs_of_differences_is_the_nominal_one(screens, level: float) -> None:
    false, excess = [], []
    for fit, truth, weights in screens:
        table = differential(fit.contrasts, fit.effects, {"halves": weights}, settings(fdr=level))
        true = truth[:, :3].mean(axis=1) - truth[:, 3:].mean(axis=1)
        true = pd.Series(true, [f"G{g}" for g in range(N_GENES)])
        hit = table[table["call"].isin([STRONGER, WEAKER])]
        wrong = np.sign(true[hit["hugo_symbol"]].to_numpy()) != np.sign(hit["difference"])
        false.append(wrong.to_numpy())
        excess.append(wrong.sum() - hit["lfsr"].sum())
    mean, error = realised(false, level)
    print(f"nominal {level}: realised {mean:.4f} +- {error:.4f}, {sum(map(len, false))} calls")
    assert mean < level + 3 * error
    assert abs(np.mean(excess)) < 3.3 * np.std(excess, ddof=1) / np.sqrt(len(excess))


@pytest.mark.slow
def test_numbers_of_dependent_lines_and_classes_are_calibrated(screens) -> None:
    """Over screens, classes are as frequent as their probabilities say.

    Intervals of whole numbers cover more than 89 %.
    """
    covered, off = [], []
    for fit, truth, _ in screens:
        table = call_genes(fit.effects, fit.genes, fit.counts, settings())
        true = (truth < -settings().delta).sum(axis=1)
        inside = (table["n_dependent_lower"] <= true) & (true <= table["n_dependent_upper"])
        covered.append(inside.mean())
        common = (true >= np.ceil(0.9 * len(REPLICATES))) - table["p_common_essential"]
        none = (true == 0) - table["p_no_effect"]
        off.append([(true - table["n_dependent"]).mean(), common.mean(), none.mean()])
    mean, error = np.mean(off, axis=0), np.std(off, axis=0, ddof=1) / np.sqrt(N_SCREENS)
    print(f"intervals cover {np.mean(covered):.3f}; off by {mean} +- {error}")
    assert np.mean(covered) > 0.89 - 3 * np.std(covered, ddof=1) / np.sqrt(N_SCREENS)
    assert (np.abs(mean) < 3.3 * error).all()


@pytest.fixture(scope="module")
def avana(shared_data: Path) -> tuple[pd.DataFrame, Controls]:
    """The Avana sample: genes outside the control lists, and as many control genes."""
    if not shared_data.exists():
        pytest.skip(f"no folder {shared_data}")
    raw = pd.read_csv(shared_data / "avana_44_lines.csv.gz", low_memory=False)
    table, _ = prepare(check_columns(raw), DataSettings.model_validate(default("data_engineering")))
    lists = [
        pd.read_csv(shared_data / f"{name}_genes.csv")["hugo_symbol"].tolist()
        for name in ("nonessential", "common_essential")
    ]
    controls = Controls(lists[0][::3], lists[1][::3])
    unused = {*lists[0], *lists[1]} - {*controls.nonessential, *controls.common_essential}
    return table[~table["hugo_symbol"].isin(unused)], controls


@pytest.mark.slow
def test_known_dependencies_of_mutant_lines_are_found(avana) -> None:
    """KRAS, BRAF and NRAS in their mutant lines; each is stronger there."""
    table, controls = avana
    weights = {
        "KRAS": contrast_weights(table, "kras_mutation", against="WT"),
        "BRAF": contrast_weights(table, "is_mutated", True, gene="BRAF"),
        "NRAS": contrast_weights(table, "is_mutated", True, gene="NRAS"),
    }
    matrix = GuideMatrix.from_table(table, copy_number=True)
    fit = fit_dependency(
        matrix,
        fit_settings(tune=300, draws=500),
        nonessential=controls.nonessential,
        common_essential=controls.common_essential,
        contrasts=weights,
    )
    found = differential(fit.contrasts, fit.effects, weights, settings(fdr=0.01))
    for name in weights:
        row = found[(found["contrast"] == name) & (found["hugo_symbol"] == name)].iloc[0]
        print(row.to_dict())
        assert row["call"] == STRONGER, name
        assert row["fdr"] < 0.01, name
        assert row["upper"] < -0.2, name
    called = call_effects(fit.effects, fit.genes, settings(), controls)
    hit = called[called["call"] == DEPENDENT].groupby("hugo_symbol")["depmap_id"].nunique()
    print(hit.reindex(["KRAS", "BRAF", "NRAS", "MDM2"]))
    assert 5 <= hit["MDM2"] <= 25
    assert hit["NRAS"] >= 2
