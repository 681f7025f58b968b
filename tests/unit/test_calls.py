"""FDR, hits, classes of genes, differential dependency: values that were computed by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from partialpool.calls.call_settings import CallSettings, QcSettings, TrustSettings
from partialpool.calls.controls import Controls
from partialpool.calls.differential import differential
from partialpool.calls.fdr import bayesian_fdr, false_sign_rate
from partialpool.calls.genes import call_genes
from partialpool.calls.hits import call_effects, hits
from partialpool.defaults import default
from partialpool.errors import ScreenError

NAN = np.nan


def settings(**changes) -> CallSettings:
    return CallSettings.model_validate(default("calls") | changes)


def effects(p: dict[str, list[float]], **columns) -> pd.DataFrame:
    """Effects of genes in lines L0, L1, ... with P(effect < -0.5); P(effect < 0) is larger."""
    rows = [(gene, f"L{c}", x) for gene, values in p.items() for c, x in enumerate(values)]
    table = pd.DataFrame(rows, columns=["hugo_symbol", "depmap_id", "p_below_-0.5"])
    table = table.assign(mean=-table["p_below_-0.5"], sd=0.1, p_below_0=table["p_below_-0.5"])
    return table.assign(**{"n_measured": 4, "r_hat": 1.0, "ess_bulk": 900.0, **columns})


def genes(names: list[str], scored: list[str] | None = None) -> pd.DataFrame:
    """Rows of ``DependencyFit.genes``."""
    columns = dict.fromkeys(["mean", "lower", "upper", "tau", "tau_lower", "tau_upper"], 0.0)
    table = pd.DataFrame({"hugo_symbol": names}).assign(**columns, sd=0.1, n_sgrna=4)
    return table.assign(scored=[scored is None or name in scored for name in names])


def counts(distributions: dict[str, dict[int, float]], threshold: float = -0.5) -> pd.DataFrame:
    """Rows of ``DependencyFit.counts``, and as many at another threshold."""
    rows = [
        (gene, t, n + (t != threshold), p)
        for t in (threshold, 0.0)
        for gene, numbers in distributions.items()
        for n, p in numbers.items()
    ]
    return pd.DataFrame(rows, columns=["hugo_symbol", "threshold", "n_lines", "probability"])


def test_the_fdr_is_the_mean_of_the_probabilities_that_are_not_larger() -> None:
    found = bayesian_fdr(np.array([0.2, 0.0, 0.1, NAN]))
    np.testing.assert_allclose(found, [0.1, 0.0, 0.05, NAN])


def test_equal_probabilities_have_equal_fdr() -> None:
    np.testing.assert_allclose(bayesian_fdr(np.array([0.3, 0.0, 0.3])), [0.2, 0.0, 0.2])


def test_nothing_to_score_gives_no_fdr() -> None:
    assert np.isnan(bayesian_fdr(np.array([NAN, NAN]))).all()


def test_the_false_sign_rate_is_the_smaller_tail() -> None:
    np.testing.assert_allclose(false_sign_rate(np.array([0.9, 0.2, 0.5])), [0.1, 0.2, 0.5])


def test_calls_stop_where_the_mean_error_exceeds_the_fdr() -> None:
    """Errors 0, 0.04, 0.1, 0.3: means 0, 0.02, 0.0467, 0.11."""
    called = call_effects(
        effects({"A": [1.0, 0.9], "B": [0.7, 0.96]}), genes(["A", "B"]), settings()
    )
    np.testing.assert_allclose(called["fdr"], [0, 0.14 / 3, 0.11, 0.02], atol=1e-12)
    assert list(called["call"]) == ["dependent", "dependent", "not called", "dependent"]
    assert list(called["rank_in_line"]) == [1, 2, 2, 1]
    found = hits(called)
    assert list(zip(found["hugo_symbol"], found["depmap_id"], strict=True)) == [
        ("A", "L0"),
        ("B", "L1"),
        ("A", "L1"),
    ]


def test_what_is_less_probable_than_not_is_not_called() -> None:
    """With 40 certain calls, perhaps in other lines, the mean error is 0.6 / 41."""
    p = {f"G{k}": [1.0] for k in range(40)} | {"X": [0.4]}
    called = call_effects(effects(p), genes([*p]), settings())
    assert called["fdr"].iloc[-1] == pytest.approx(0.6 / 41)
    assert called["call"].iloc[-1] == "not called"
    p["X"] = [0.51]
    assert call_effects(effects(p), genes([*p]), settings())["call"].iloc[-1] == "dependent"


def test_what_was_not_measured_is_never_called_and_does_not_dilute_the_fdr() -> None:
    """The certain, unmeasured row would lower the mean of the other one to 0.05."""
    table = effects({"A": [1.0, 0.9]}, n_measured=[0, 3])
    called = call_effects(table, genes(["A"]), settings())
    assert list(called["call"]) == ["not measured", "not called"]
    np.testing.assert_allclose(called["fdr"], [NAN, 0.1])
    assert called["rank_in_line"].isna().tolist() == [True, False]


def test_a_gene_that_sets_its_own_scale_is_not_called() -> None:
    """A is alone on its list; B is on the scale of other genes."""
    controls = Controls(nonessential=["B", "not here"], common_essential=["A"])
    table = effects({"A": [1.0, 1.0], "B": [0.9, 0.0], "C": [0.9, 0.99]})
    called = call_effects(table, genes(["A", "B", "C"], ["B", "C"]), settings(), controls)
    assert list(called["call"]) == ["control gene"] * 2 + ["not called"] * 3 + ["dependent"]
    np.testing.assert_allclose(called["fdr"], [NAN, NAN, 0.07, 0.3025, 0.07, 0.01])
    assert list(called["control"][::2]) == ["common essential", "nonessential", ""]
    hit = called["call"] == "dependent"
    assert hits(called)[["hugo_symbol", "depmap_id"]].equals(
        called.loc[hit, ["hugo_symbol", "depmap_id"]].reset_index(drop=True)
    )


def test_a_gene_on_both_lists_is_an_error() -> None:
    with pytest.raises(ScreenError, match="1 in both: A"):
        Controls(["A", "B"], ["A"])


def test_a_fit_without_the_threshold_is_refused() -> None:
    table, of_genes, other = effects({"A": [1.0]}), genes(["A"]), settings(delta=0.3)
    with pytest.raises(ScreenError, match=r"add -0\.3 to the thresholds"):
        call_effects(table, of_genes, other)
    with pytest.raises(ScreenError, match=r"Got: -0\.5, 0(.|\n)*add -0\.3 to the thresholds"):
        call_genes(table, of_genes, counts({"A": {1: 1.0}}), other)


def test_genes_are_common_essential_selective_or_without_effect() -> None:
    found_in = {
        "ALL": {9: 0.4, 10: 0.6},
        "SOME": {1: 0.5, 2: 0.5},
        "NONE": {0: 0.9, 1: 0.1},
        # Binomial(5, 0.8)
        "HALF": {0: 0.00032, 1: 0.0064, 2: 0.0512, 3: 0.2048, 4: 0.4096, 5: 0.32768},
    }
    table = effects({name: [0.5] * 10 for name in found_in})
    found = call_genes(table, genes([*found_in]), counts(found_in), settings())
    found = found.set_index("hugo_symbol")
    assert list(found["class"]) == ["common essential", "selective", "no effect", "selective"]
    shares = found[["p_common_essential", "p_selective", "p_no_effect"]].to_numpy()
    np.testing.assert_allclose(shares[:3], [[1, 0, 0], [0, 1, 0], [0, 0.1, 0.9]], atol=1e-9)
    np.testing.assert_allclose(found["n_dependent"], [9.6, 1.5, 0.1, 4])
    # The distribution function is 0.00032, 0.0067, 0.058, 0.263, 0.672, 1.
    assert list(found.loc["HALF", ["n_dependent_lower", "n_dependent_upper"]]) == [2, 5]


def test_a_gene_is_common_essential_in_nine_tenths_of_its_measured_lines() -> None:
    """A was measured in 9 of 10 lines, B in none; C sets its own scale."""
    n_measured = [4] * 9 + [0] + [0] * 10 + [4] * 10
    table = effects({name: [1.0] * 10 for name in "ABC"}, n_measured=n_measured)
    lines = counts({"A": {9: 0.7, 8: 0.3}, "B": {0: 1.0}, "C": {10: 1.0}})
    found = call_genes(table, genes(["A", "B", "C"], ["A", "B"]), lines, settings())
    assert list(found["class"]) == ["uncertain", "not measured", "control gene"]
    assert list(found["n_lines"]) == [9, 0, 10]
    assert found.loc[0, "p_common_essential"] == pytest.approx(0.7)
    less = settings(class_probability=0.7)
    found = call_genes(table, genes(["A", "B", "C"], ["A", "B"]), lines, less)
    assert found.loc[0, "class"] == "common essential"


def test_differences_are_called_by_the_certainty_of_their_sign() -> None:
    weights = {"mutant": {"L0": 0.5, "L1": 0.5, "L2": -0.5, "L3": -0.5}}
    names = ["A", "B", "C", "D"]
    table = effects({name: [0.8, 0.6, 0.2, 0.1] for name in names})
    table.loc[(table["hugo_symbol"] == "D") & (table["depmap_id"] == "L0"), "n_measured"] = 0
    contrasts = pd.DataFrame(
        {
            "hugo_symbol": names,
            "contrast": "mutant",
            "mean": [-0.5, 0.9, 0.1, -9],
            "sd": 0.2,
            "lower": 0.0,
            "upper": 0.0,
            "p_below_0": [0.99, 0.05, 0.5, 1.0],
            "r_hat": 1.0,
            "ess_bulk": 900.0,
        }
    )
    found = differential(contrasts, table, weights, settings())
    assert list(found["hugo_symbol"]) == ["A", "B", "C", "D"]
    np.testing.assert_allclose(found["lfsr"], [0.01, 0.05, 0.5, 0])
    np.testing.assert_allclose(found["fdr"], [0.01, 0.03, 0.56 / 3, NAN])
    expected = ["stronger in group", "weaker in group", "not called", "not measured"]
    assert list(found["call"]) == expected
    np.testing.assert_allclose(found.loc[0, ["group_mean", "against_mean"]], [-0.7, -0.15])
    assert list(found["n_group"]) == [2, 2, 2, 1]
    assert list(found["n_against"]) == [2] * 4


def test_certain_differences_make_no_room_for_a_doubtful_one() -> None:
    weights = {"x": {"L0": 0.5, "L1": 0.5, "L2": -0.5, "L3": -0.5}}
    names = [f"G{n}" for n in range(40)]
    contrasts = pd.DataFrame(
        {
            "hugo_symbol": names,
            "contrast": "x",
            "p_below_0": [1.0] * 38 + [0.95, 0.49],
            # The side follows the probability, also if the mean of skewed draws has another sign.
            "mean": [-1.0] * 38 + [0.01, 0.02],
            **dict.fromkeys(["sd", "lower", "upper", "r_hat", "ess_bulk"], 1.0),
        }
    )
    table = effects({name: [0.8, 0.6, 0.2, 0.1] for name in names})
    found = differential(contrasts, table, weights, settings()).set_index("hugo_symbol")
    assert found["fdr"].max() <= settings().fdr
    assert found.loc["G38", "call"] == "stronger in group"
    assert found.loc["G39", "call"] == "not called"
    contrasts.loc[39, "p_below_0"] = 0.8
    for fdr, call in ((0.05, "not called"), (0.2, "stronger in group")):
        found = differential(contrasts, table, weights, settings(fdr=fdr))
        assert found.set_index("hugo_symbol").loc["G39", "call"] == call


def test_all_lines_can_be_the_share_of_a_common_essential_gene() -> None:
    assert settings(common_share=1).common_share == 1
    for model, name in ((QcSettings, "qc"), (TrustSettings, "trust")):
        assert model.model_validate(default(name) | {"max_missing": 0}).max_missing == 0
