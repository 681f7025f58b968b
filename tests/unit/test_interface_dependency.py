"""Model dependency from Python: a table in memory in, effects and calls out."""

import numpy as np
import pandas as pd
import pytest

import partialpool as pp
from partialpool.errors import ScreenError
from partialpool.interface_dependency import dependency_settings
from partialpool.running.parameters import check_parameters

COLUMNS = ["sgrna", "replicate_id", "lfc", "depmap_id", "hugo_symbol"]
FEW = {"chains": 2, "draws": 200, "tune": 100, "seed": 5}


@pytest.fixture(scope="module")
def table(simulated) -> pd.DataFrame:
    """The five columns that every screen has, and groups of lines."""
    found = simulated[0][COLUMNS].copy()
    lines = sorted(found["depmap_id"].unique())
    group = {line: "abc"[n // 3] for n, line in enumerate(lines)}  # 3, 3 and 2 lines
    return found.assign(group=found["depmap_id"].map(group))


@pytest.fixture(scope="module")
def fitted(table) -> pp.DependencyResult:
    contrast = {"a": {"column": "group", "group": "a"}}
    return pp.fit_dependency(table, contrasts=contrast, draws_of=["KRAS"], **FEW)


def test_every_gene_has_an_effect_in_every_line(fitted, table) -> None:
    pairs = table["hugo_symbol"].nunique() * table["depmap_id"].nunique()
    assert len(fitted.effects) == pairs
    assert {"mean", "lower", "upper", "p_dependent", "fdr", "call"} <= set(fitted.effects)
    assert fitted.passed == fitted.verdict["passed"]
    assert "DependencyResult dependency" in repr(fitted)
    assert set(fitted.hits["hugo_symbol"]) <= set(fitted.genes["hugo_symbol"])


def test_one_gene_and_one_line_are_ordered_by_strength(fitted, table) -> None:
    gene, line = fitted.gene("KRAS"), fitted.line(table["depmap_id"].iloc[0])
    assert set(gene["depmap_id"]) == set(table["depmap_id"])
    assert set(line["hugo_symbol"]) == set(table["hugo_symbol"])
    for rows in (gene, line):
        assert rows["mean"].is_monotonic_increasing


def test_tables_of_a_gene_a_line_and_a_comparison_are_drawn(fitted, table) -> None:
    line = table["depmap_id"].iloc[0]
    titles = {
        table.plot().labels.title
        for table in (fitted.gene("KRAS"), fitted.line(line), fitted.compare("a"))
    }
    assert titles == {
        f"KRAS in {table['depmap_id'].nunique()} lines",
        "Strongest effects in this line",
        "Differences between groups of lines",
    }


def test_parts_of_a_table_are_ordinary_tables(fitted) -> None:
    assert type(fitted.gene("KRAS")[["mean"]]) is pd.DataFrame
    assert type(fitted.gene("KRAS").head(2)) is pd.DataFrame


def test_draws_of_a_gene_are_those_of_its_effects(fitted) -> None:
    means = fitted.draws.sel(gene="KRAS").mean(("chain", "draw")).to_series()
    found = fitted.gene("KRAS").set_index("depmap_id")["mean"]
    assert np.allclose(means, found[means.index], atol=1e-6)


def test_a_comparison_asked_for_later_is_the_one_of_the_fit(fitted, table) -> None:
    """All three name the same lines, and the same seed gives the same draws."""
    lines = sorted(table.loc[table["group"] == "a", "depmap_id"].unique())
    wanted = fitted.compare("a").drop(columns="contrast")
    for found in (fitted.compare("a", column="group"), fitted.compare(lines)):
        pd.testing.assert_frame_equal(found.drop(columns="contrast"), wanted)


def test_two_groups_leave_the_third_out(fitted, table) -> None:
    found = fitted.compare("a", "b", column="group")
    assert set(found["n_group"]) == {3}
    assert set(found["n_against"]) == {3}
    by_line = fitted.effects.merge(table[["depmap_id", "group"]].drop_duplicates())
    means = by_line.pivot_table("mean", "hugo_symbol", "group")
    expected = (means["a"] - means["b"])[found["hugo_symbol"]]
    assert np.allclose(found["difference"], expected, atol=1e-6)


def test_control_genes_set_the_scale_and_are_not_called(table) -> None:
    lists = {"nonessential": ["TP53", "XYZ"], "common_essential": ["PTK2"]}
    found = pp.fit_dependency(table, **lists, **FEW)
    means = found.genes.set_index("hugo_symbol")["mean"]
    assert means["TP53"] == pytest.approx(0, abs=1e-6)
    assert means["PTK2"] == pytest.approx(-1, abs=1e-6)
    assert set(found.gene("PTK2")["call"]) == {"control gene"}


def test_what_is_not_given_is_as_in_kedros_settings_for_own_screens(read_conf) -> None:
    own = check_parameters(read_conf("depmap")).dependency
    assert dependency_settings() == (own.fit, own.calls)


def test_draws_are_counted_at_the_limit_of_a_dependency() -> None:
    assert -0.7 in dependency_settings(changes={"delta": 0.7})[0].thresholds


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"drawz": 3}, "drawz"),
        ({"draws": -3}, "draws"),
        ({"priors": {"mu_gen": {"mu": 0}}}, "mu_gen"),
        ({"contrasts": {"x": {"column": "colour", "group": "red"}}}, "colour"),
        ({"contrasts": {"x": {}}}, "column, mutated and lines"),
        ({"draws_of": ["XYZ"]}, "XYZ"),
        ({"nonessential": "KRAS"}, "a list of genes as nonessential"),
        ({"compare": "colour"}, "column colour,"),
    ],
)
def test_a_wrong_keyword_is_named(table, given: dict, named: str) -> None:
    with pytest.raises(ScreenError, match=named) as caught:
        pp.fit_dependency(table, **given)
    assert "Expected: " in str(caught.value)


@pytest.mark.parametrize(
    ("method", "name", "hint"),
    [
        ("gene", "KRASS", "such as KRAS"),
        ("gene", "kras", "such as KRAS"),
        ("line", "x", "such as ACH-"),
        ("compare", "x", "contrasts"),
    ],
)
def test_a_wrong_name_gets_a_hint(fitted, method: str, name: str, hint: str) -> None:
    with pytest.raises(ScreenError, match=name) as caught:
        getattr(fitted, method)(name)
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        ({"group": "a", "against": ["b"]}, "leave out against"),
        ({"group": 1}, "contrasts of this fit: a"),
        ({"group": 1, "column": "group"}, "1; values found: a, b, c"),
    ],
)
def test_a_comparison_that_would_be_another_one_is_refused(fitted, ask: dict, said: str) -> None:
    with pytest.raises(ScreenError, match=said):
        fitted.compare(**ask)


def test_fit_says_what_to_call(table) -> None:
    with pytest.raises(ScreenError, match=r"pp\.fit_dependency"):
        pp.fit(table, "dependency")


def test_a_screen_of_one_line_is_refused(table) -> None:
    one = table[table["depmap_id"] == table["depmap_id"].iloc[0]]
    with pytest.raises(ScreenError, match="2 cell lines for dependency"):
        pp.fit_dependency(one)


def test_flipped_signs_are_refused_if_control_genes_show_them() -> None:
    rng = np.random.default_rng(2)
    genes = [f"G{n}" for n in range(16)]
    rows = pd.MultiIndex.from_product([["r1", "r2"], genes], names=["replicate_id", "hugo_symbol"])
    screen = rows.to_frame(index=False)
    screen["sgrna"] = "s" + screen["hugo_symbol"]
    screen["depmap_id"] = screen["replicate_id"].map({"r1": "ACH-1", "r2": "ACH-2"})
    above = screen["hugo_symbol"].isin(genes[:8])
    screen["lfc"] = rng.normal(np.where(above, 1.0, 0.0), 0.1)
    with pytest.raises(ScreenError, match="change the sign of lfc"):
        pp.fit_dependency(screen, common_essential=genes[:8], nonessential=genes[8:], **FEW)
