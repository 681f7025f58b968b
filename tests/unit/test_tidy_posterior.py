"""Tidy tables of draws and estimates, against values worked out by hand."""

import arviz as az
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from partialpool.tidy import posterior_tables, sampler_tables
from partialpool.tidy.densities import density
from partialpool.tidy.rows import Rows, choose_ends, choose_top


@pytest.fixture
def posterior() -> xr.Dataset:
    rng = np.random.default_rng(1)
    return xr.Dataset(
        {
            "sigma": (("chain", "draw"), rng.gamma(5, 1, (2, 100))),
            "gene_effect": (("chain", "draw", "gene"), rng.normal(0, 1, (2, 100, 3))),
            "mu_gene": (("chain", "draw"), rng.normal(0, 1, (2, 100))),
        },
        coords={"gene": ["KRAS", "TP53", "MYC"]},
    )


@pytest.fixture
def effects() -> pd.DataFrame:
    gene = pd.DataFrame(
        {
            "effect": "gene_effect",
            "hugo_symbol": ["KRAS", "TP53", "MYC"],
            "sgrna": None,
            "depmap_id": None,
            "mean": [-1.0, 0.5, 0.1],
            "sd": 0.1,
            "hdi_lower": [-1.2, 0.3, -0.1],
            "hdi_upper": [-0.8, 0.7, 0.3],
            "informed": True,
        }
    )
    guide = gene.iloc[[0, 0, 1]].assign(effect="sgrna_effect", sgrna=["B", "A", "C"])
    return pd.concat([gene, guide], ignore_index=True)


def test_few_labels_are_all_shown_lowest_first() -> None:
    rows = choose_ends(pd.Series({"b": 2.0, "a": 1.0, "c": 3.0}), limit=3)
    assert rows.labels == ("a", "b", "c")
    assert rows.is_complete
    assert rows.position == {"a": 0.0, "b": -1.0, "c": -2.0}


def test_of_many_labels_both_ends_are_shown_with_a_gap() -> None:
    rows = choose_ends(pd.Series({f"g{i}": float(i) for i in range(10)}), limit=4)
    assert rows.labels == ("g0", "g1", "g8", "g9")
    assert (rows.n_all, rows.n_first, rows.is_complete) == (10, 2, False)
    assert list(rows.position.values()) == [0.0, -1.0, -3.0, -4.0]


def test_a_limit_can_hold_more_than_is_shown_of_more() -> None:
    values = pd.Series({f"g{i}": float(i) for i in range(10)})
    assert len(choose_ends(values, limit=10, n_shown=4).labels) == 10
    assert len(choose_ends(values, limit=9, n_shown=4).labels) == 4


def test_the_highest_are_chosen_in_falling_order() -> None:
    rows = choose_top(pd.Series({"a": 1.0, "b": 3.0, "c": 2.0}), 2)
    assert rows.labels == ("b", "c")
    assert rows.place(pd.Series(["c", "b"])).tolist() == [-1.0, 0.0]


def test_density_is_that_of_scipy_and_integrates_to_one() -> None:
    x = np.random.default_rng(2).normal(3, 2, 2_000)
    grid, curve = density(x, 200)
    iqr = np.quantile(x, 0.75) - np.quantile(x, 0.25)
    width = 0.9 * min(x.std(), iqr / 1.34) * len(x) ** -0.2
    expected = stats.gaussian_kde(x, width / x.std(ddof=1))(grid)
    assert np.trapezoid(curve, grid) == pytest.approx(1, abs=2e-3)
    assert curve == pytest.approx(expected, abs=0.01 * expected.max())


def test_density_of_a_constant_is_finite() -> None:
    grid, curve = density(np.full(10, 2.0))
    assert np.isfinite(curve).all()
    assert grid[np.argmax(curve)] == pytest.approx(2, abs=1e-3)


def test_values_outside_the_span_lower_the_density() -> None:
    x = np.random.default_rng(3).uniform(0, 4, 20_000)
    grid, curve = density(x, 50, (0, 2))
    assert curve[25] == pytest.approx(0.25, rel=0.05)
    assert (grid[0], grid[-1]) == (0, 2)


def test_population_parameters_are_means_then_standard_deviations(posterior: xr.Dataset) -> None:
    assert sampler_tables.population_parameters(posterior) == ["mu_gene", "sigma"]


def test_a_trace_is_thinned_evenly_with_both_ends(posterior: xr.Dataset) -> None:
    table = sampler_tables.trace_table(posterior, max_draws=4)
    mu = table[(table["parameter"] == "mu_gene") & (table["chain"] == 2)]
    assert mu["draw"].tolist() == [1, 34, 67, 100]
    assert mu["value"].tolist() == posterior["mu_gene"].to_numpy()[1, [0, 33, 66, 99]].tolist()
    assert len(table) == 2 * 2 * 4


def test_chain_densities_reach_one_once_per_parameter(posterior: xr.Dataset) -> None:
    table = sampler_tables.chain_density_table(posterior)
    assert table.groupby("parameter", observed=True)["height"].max().tolist() == [1.0, 1.0]
    assert set(table["chain"]) == {1, 2}


def test_ranks_of_separate_chains_fill_separate_halves() -> None:
    draws = np.arange(40.0).reshape(2, 20)
    table = sampler_tables.rank_table(xr.Dataset({"mu": (("chain", "draw"), draws)}), 4, 0.99)
    assert table.loc[table["chain"] == 1, "n"].tolist() == [10, 10, 0, 0]
    assert table.loc[table["chain"] == 2, "n"].tolist() == [0, 0, 10, 10]
    assert table["expected"].unique().tolist() == [5.0]
    band = stats.hypergeom(40, 10, 20).interval(0.99)
    assert (table["lower"].iloc[0], table["upper"].iloc[0]) == band
    assert table["share_upper"].max() == 1


def test_most_ranks_of_independent_draws_are_in_the_band(posterior: xr.Dataset) -> None:
    table = sampler_tables.rank_table(posterior, 10, 0.99)
    assert table["n"].between(table["lower"], table["upper"]).mean() > 0.9


def test_e_bfmi_is_that_of_arviz() -> None:
    energy = np.random.default_rng(4).normal(0, 3, (3, 200)).cumsum(axis=1)
    sample_stats = xr.Dataset({"energy": (("chain", "draw"), energy)})
    idata = az.InferenceData(sample_stats=sample_stats)
    assert sampler_tables.e_bfmi(sample_stats) == pytest.approx(az.bfmi(idata), rel=0.01)


def test_energy_is_centred_and_beside_its_changes() -> None:
    energy = 1000 + np.random.default_rng(5).normal(0, 3, (2, 500))
    table = sampler_tables.energy_table(xr.Dataset({"energy": (("chain", "draw"), energy)}))
    mass = table.assign(moment=table["energy"] * table["density"])
    centre = mass.groupby("kind")["moment"].sum() / mass.groupby("kind")["density"].sum()
    assert centre["marginal"] == pytest.approx(0, abs=0.1)
    assert set(table["kind"]) == {"marginal", "transition"}


def test_a_forest_has_a_row_per_element_lowest_on_top(effects: pd.DataFrame) -> None:
    table, rows = posterior_tables.forest_table(effects, "gene_effect", 40)
    assert table["label"].tolist() == ["KRAS", "MYC", "TP53"]
    assert table["row"].tolist() == [0.0, -1.0, -2.0]
    assert table["excludes_zero"].tolist() == [True, False, True]
    assert rows.n_all == 3


def test_elements_are_named_by_their_finest_label(effects: pd.DataFrame) -> None:
    assert posterior_tables.effect_rows(effects, "sgrna_effect")["label"].tolist() == [
        "B",
        "A",
        "C",
    ]


def test_both_ends_of_a_ranking_are_named(effects: pd.DataFrame) -> None:
    table = posterior_tables.ranked_effects(effects, "gene_effect", 1)
    assert table["rank"].tolist() == [1, 2, 3]
    assert table["name"].tolist() == ["KRAS", "", "TP53"]


def test_guides_stand_around_the_row_of_their_gene(effects: pd.DataFrame) -> None:
    rows = Rows(("TP53", "KRAS"), 2, 2)
    table = posterior_tables.guide_effect_table(effects, rows).set_index("sgrna")
    assert table.loc["C", "row"] == 0.0
    assert table.loc["A", "row"] == pytest.approx(-1 + 0.175)
    assert table.loc["B", "row"] == pytest.approx(-1 - 0.175)
    assert table["guide"].to_dict() == {"A": 1, "B": 2, "C": 1}
    assert table.loc["A", "half"] < 0.175


def test_violins_are_symmetric_and_equally_high(posterior: xr.Dataset) -> None:
    rows = Rows(("MYC", "KRAS"), 2, 2)
    table = posterior_tables.violin_table(posterior["gene_effect"], rows, width=0.4)
    heights = table.groupby("label")["height"].agg(["min", "max"])
    assert heights.loc["MYC"].tolist() == pytest.approx([-0.4, 0.4])
    assert heights.loc["KRAS"].tolist() == pytest.approx([-1.4, -0.6])


def test_population_estimates_are_those_without_labels() -> None:
    names = ["sigma", "gene_effect[KRAS]", "mu_gene"]
    table = posterior_tables.population_table(
        pd.DataFrame({"parameter": names, "mean": [1.0, 2.0, 3.0]})
    )
    assert table["label"].tolist() == ["mu_gene", "sigma"]
    assert table["kind"].tolist() == ["means", "standard deviations"]


def test_recovery_panels_count_what_is_inside() -> None:
    recovery = pd.DataFrame(
        {"effect": ["b", "b", "a", "other"], "is_inside": [True, False, True, True]}
    )
    panels = posterior_tables.recovery_panels(recovery, {"a": "As", "b": "Bs"})["panel"]
    assert list(panels.cat.categories) == [
        "As\n1 of 1 inside",
        "Bs\n1 of 2 inside",
        "other\n1 of 1 inside",
    ]
    assert panels.iloc[0] == "Bs\n1 of 2 inside"


def test_a_verdict_is_split_into_its_diagnostics() -> None:
    record = {
        "passed": False,
        "max_r_hat": 1.2,
        "min_ess_bulk": 500.0,
        "min_ess_tail": 300.0,
        "min_e_bfmi": 0.9,
        "divergences": 0,
        "treedepth_hits": 0,
        "thresholds": {
            "max_r_hat": 1.01,
            "min_ess_bulk": 400.0,
            "min_ess_tail": 400.0,
            "min_e_bfmi": 0.3,
            "max_divergences": 0,
            "max_treedepth_hits": 0,
        },
    }
    table = sampler_tables.verdict_table({"gene": record}).set_index("diagnostic")
    assert table.index[~table["passed"]].tolist() == ["max_r_hat", "min_ess_tail"]
    assert not table["passed_all"].any()
    assert table.loc["min_ess_bulk", "threshold"] == 400


def test_genes_with_a_covariate_are_those_among_whose_fitted_measurements_it_varies() -> None:
    screen = pd.DataFrame(
        {
            "hugo_symbol": ["A", "A", "B", "C", "D", "E", "F", "F"],
            "depmap_id": ["c1", "c2", "c1", "c1", "c1", "c1", "c1", "c2"],
            "is_mutated": pd.array([0, 1, 0, 1, None, 1, 1, 1], dtype="boolean"),
        }
    )
    # The one mutated measurement of C was not fitted, and E was left out; F is mutated everywhere.
    fitted = pd.DataFrame(
        {"hugo_symbol": list("AABCDFF"), "depmap_id": ["c1", "c2", "c1", "c2", "c1", "c1", "c2"]}
    )
    assert posterior_tables.genes_with("is_mutated", screen, fitted) == ["A"]


def test_an_effect_that_no_measurement_informs_does_not_exclude_zero(effects: pd.DataFrame) -> None:
    of_one = effects.assign(informed=effects["hugo_symbol"] == "TP53")
    table = posterior_tables.effect_rows(of_one, "gene_effect").set_index("label")
    assert table["excludes_zero"].to_dict() == {"KRAS": False, "TP53": True, "MYC": False}


def test_the_worst_elements_are_those_of_largest_r_hat_and_smallest_ess(
    posterior: xr.Dataset,
) -> None:
    convergence = pd.DataFrame(
        {
            "parameter": [
                "sigma",
                "mutation_effect[KRAS]",
                "mutation_effect[TP53]",
                "mutation_effect[MYC]",
            ],
            "r_hat": [1.5, 1.0, 1.3, 1.1],
            "ess_bulk": [4.0, 10.0, 11.0, 1200.0],
        }
    )
    renamed = posterior.rename(gene_effect="mutation_effect")  # begins as a mean does
    draws, words = sampler_tables.with_worst_elements(renamed, convergence, 2)
    assert words == {
        "mutation_effect[TP53]": "R-hat 1.3000, bulk ESS 11",
        "mutation_effect[KRAS]": "R-hat 1.0000, bulk ESS 10",
    }
    assert sampler_tables.population_parameters(draws) == ["mu_gene", "sigma", *words]
    wanted = renamed["mutation_effect"].to_numpy()[:, :, 1]
    assert (draws["mutation_effect[TP53]"].to_numpy() == wanted).all()
    _, none = sampler_tables.with_worst_elements(renamed, convergence, 0)
    assert none == {}


def test_of_many_effects_some_are_shown_from_the_lowest_to_the_highest(
    posterior: xr.Dataset,
) -> None:
    moved = posterior.assign(gene_effect=posterior["gene_effect"] + [0.0, 50.0, 100.0])
    effects = pd.DataFrame(
        {
            "effect": "gene_effect",
            "parameter": ["gene_effect[KRAS]", "gene_effect[TP53]", "gene_effect[MYC]"],
            "mean": [0.0, 50.0, 100.0],
        }
    )
    curves = sampler_tables.element_densities(moved, effects, 2)
    top = curves.loc[curves.groupby("element")["height"].idxmax()]
    assert top["value"].round(-1).tolist() == [0.0, 100.0]
    assert top["height"].tolist() == [1.0, 1.0]
    assert curves[["n_shown", "n_all"]].drop_duplicates().to_numpy().tolist() == [[2, 3]]
    assert curves.groupby(["element", "chain"]).ngroups == 4
