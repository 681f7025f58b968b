"""Tidy tables of predictions and errors, against values worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from partialpool.tidy import error_tables, prediction_tables
from partialpool.tidy.densities import density, evenly, signed_log
from partialpool.tidy.rows import Rows, choose_genes


@pytest.fixture
def predictions() -> pd.DataFrame:
    """2 genes x 2 guides x 2 lines x 5 replicates; the second guide of each gene reads 1 more."""
    index = pd.MultiIndex.from_product(
        [["KRAS", "TP53"], [1, 2], ["c1", "c2"], range(5)],
        names=["hugo_symbol", "guide", "depmap_id", "replicate"],
    )
    table = index.to_frame(index=False)
    table["sgrna"] = table["hugo_symbol"] + table["guide"].astype(str)
    size = table["hugo_symbol"].map({"KRAS": 1.0, "TP53": 2.0})
    line = table["depmap_id"].map({"c1": 0.0, "c2": 1.0})
    table["real_value"] = size * (table["guide"] - 1) + size * line + 0.1 * table["replicate"]
    table["mean"] = size * line
    table["error"] = table["mean"] - table["real_value"]
    for name, side in (("hdi", 0.5), ("mu_hdi", 0.1)):
        table[f"{name}_lower"], table[f"{name}_upper"] = table["mean"] - side, table["mean"] + side
    columns = ["hugo_symbol", "sgrna", "depmap_id"]
    return table.astype(dict.fromkeys(columns, "category"))


BOTH = Rows(("KRAS", "TP53"), 2, 2)


def test_signed_log_is_odd_and_logarithmic_far_from_zero() -> None:
    assert signed_log([0, 10, -100]) == pytest.approx([0, 1, -2], abs=0.01)
    assert signed_log(1) == pytest.approx(np.arcsinh(0.5) / np.log(10))


def test_screens_are_chosen_evenly() -> None:
    assert evenly(50, 3).tolist() == [0, 24, 49]
    assert evenly(2, 30).tolist() == [0, 1]


def test_screen_densities_hold_the_measured_screen_and_n_others() -> None:
    rng = np.random.default_rng(1)
    table = prediction_tables.screen_densities(rng.normal(0, 1, (9, 500)), rng.normal(0, 1, 500), 4)
    assert sorted(table["screen"].unique()) == [0, 1, 2, 3, 4]
    assert set(table.loc[table["screen"] == 0, "kind"]) == {"measured"}
    areas = [np.trapezoid(t["density"], t["value"]) for _, t in table.groupby("screen")]
    assert areas == pytest.approx(np.ones(5), abs=0.05)


def test_prior_densities_hold_all_measurements() -> None:
    rng = np.random.default_rng(2)
    table = prediction_tables.prior_densities(
        rng.normal(0, 0.1, (5, 300)), np.array([-20.0, 0.0, 30.0]), 5
    )
    assert table["value"].min() == pytest.approx(signed_log(-20))
    assert table["value"].max() == pytest.approx(signed_log(30))


def test_prior_densities_hold_nearly_all_of_the_widest_screen_of_the_prior() -> None:
    rng = np.random.default_rng(2)
    screens = rng.normal(0, [[0.1]] * 29 + [[40.0]], (30, 2000))  # one screen in 30 is wide
    table = prediction_tables.prior_densities(screens, rng.normal(0, 1, 50), 30)
    wide = table[table["screen"] == 30]
    assert np.trapezoid(wide["density"], wide["value"]) > 0.98


def test_replicated_values_keep_their_gene_and_guide(predictions: pd.DataFrame) -> None:
    screens = np.stack([predictions["real_value"], predictions["real_value"] + 10])
    one = Rows(("TP53",), 2, 1)
    measured, replicated = prediction_tables.measured_and_replicated(predictions, screens, one)
    assert len(measured) == 20
    assert len(replicated) == 40
    assert set(measured["hugo_symbol"]) == {"TP53"}
    last = replicated[replicated["sgrna"] == "TP532"]["value"]
    assert last.mean() == pytest.approx(3.2 + 5)


def test_quantiles_by_group_are_numpys(predictions: pd.DataFrame) -> None:
    table = prediction_tables.quantile_table(predictions, ["hugo_symbol"], "error", 0.8)
    kras = predictions.loc[predictions["hugo_symbol"] == "KRAS", "error"]
    found = table.set_index("hugo_symbol").loc["KRAS", ["lower", "q25", "median", "q75", "upper"]]
    expected = np.quantile(kras, [0.1, 0.25, 0.5, 0.75, 0.9])
    assert found.to_numpy(dtype=float) == pytest.approx(expected)
    assert table["n"].tolist() == [20, 20]


def test_gene_errors_have_the_root_mean_square(predictions: pd.DataFrame) -> None:
    table = error_tables.gene_errors(predictions, 0.89).set_index("hugo_symbol")
    tp53 = predictions.loc[predictions["hugo_symbol"] == "TP53", "error"]
    assert table.loc["TP53", "rmse"] == pytest.approx(np.sqrt(np.mean(tp53**2)))


def test_violins_of_measured_and_predicted_are_on_their_sides(predictions: pd.DataFrame) -> None:
    screens = predictions["real_value"].to_numpy()[None]
    both = prediction_tables.measured_and_replicated(predictions, screens, BOTH)
    table = prediction_tables.mirrored_violins(*both, BOTH, width=0.4)
    extent = table.groupby(["label", "kind"])["height"].agg(["min", "max"])
    assert extent.loc[("TP53", "measured")].tolist() == pytest.approx([-1, -0.6])
    assert extent.loc[("TP53", "predicted")].tolist() == pytest.approx([-1.4, -1])


def test_equal_predictions_share_a_point(predictions: pd.DataFrame) -> None:
    points = prediction_tables.predicted_points(predictions, BOTH, limit=100, seed=1)
    assert len(points) == 2 * 2 * 2
    assert set(points.loc[points["hugo_symbol"] == "TP53", "mean"]) == {0.0, 2.0}
    fewer = prediction_tables.predicted_points(predictions, BOTH, limit=3, seed=1)
    assert len(fewer) == 3
    pd.testing.assert_frame_equal(
        fewer, prediction_tables.predicted_points(predictions, BOTH, 3, seed=1)
    )


def test_error_bins_count_every_error(predictions: pd.DataFrame) -> None:
    bins = error_tables.error_bins(predictions, BOTH, n_bins=7)
    assert bins.groupby("label")["n"].sum().to_dict() == {"KRAS": 20, "TP53": 20}
    width = (predictions["error"].max() - predictions["error"].min()) / 7
    assert bins["width"].unique() == pytest.approx([width])
    assert (bins["n"] > 0).all()


def test_error_points_stay_in_their_rows(predictions: pd.DataFrame) -> None:
    points = error_tables.error_points(predictions, BOTH, seed=3)
    assert (points["row"] - points["label"].map(BOTH.position)).abs().max() <= 0.35
    assert points["error"].tolist() == predictions["error"].tolist()


def test_guide_errors_are_placed_in_rows_of_genes(predictions: pd.DataFrame) -> None:
    boxes = error_tables.guide_errors(predictions, BOTH, 0.89).set_index("sgrna")
    assert boxes.loc["TP532", "median"] == pytest.approx(-2.2)
    assert boxes.loc["TP532", "row"] == pytest.approx(-1.175)


def test_error_densities_have_a_curve_per_gene_and_guide(predictions: pd.DataFrame) -> None:
    curves = error_tables.error_densities(predictions, BOTH, height=0.9)
    assert curves.groupby("label")["guide"].unique().map(sorted).tolist() == [[0, 1, 2]] * 2
    assert (curves["top"] - curves["base"]).max() == pytest.approx(0.9)
    assert set(curves.groupby(["label", "guide"])["density"].first()) == {0.0}


def test_disagreement_is_the_spread_of_the_guides_means(predictions: pd.DataFrame) -> None:
    found = error_tables.guide_disagreement(predictions)
    assert found.to_dict() == pytest.approx({"KRAS": np.sqrt(0.5), "TP53": 2 * np.sqrt(0.5)})


def test_genes_are_chosen_by_name_or_by_value() -> None:
    values = pd.Series({"KRAS": 1.0, "TP53": 3.0, "MYC": 2.0})
    assert choose_genes(["MYC", "absent"], values, 2).labels == ("MYC",)
    assert choose_genes([], values, 2).labels == ("TP53", "MYC")
    assert choose_genes(["absent"], values, 1).labels == ("TP53",)


@pytest.fixture
def with_status(predictions: pd.DataFrame) -> pd.DataFrame:
    keys = predictions[["hugo_symbol", "depmap_id"]]
    mutated = (keys["hugo_symbol"] == "TP53") & (keys["depmap_id"] == "c2")
    screen = keys.assign(is_mutated=mutated.astype("boolean"))
    return error_tables.with_mutation_status(predictions, screen)


def test_mutation_status_is_that_of_the_gene_in_the_line(with_status: pd.DataFrame) -> None:
    mutated = with_status[with_status["is_mutated"]]
    assert len(with_status) == 40
    assert set(mutated["hugo_symbol"] + mutated["depmap_id"]) == {"TP53c2"}
    assert error_tables.mutated_measurements(with_status).to_dict() == {"TP53": 10}


def test_mutation_boxes_stand_left_and_right_of_the_guide(with_status: pd.DataFrame) -> None:
    rows = Rows(("TP53",), 1, 1)
    boxes = error_tables.mutation_errors(with_status, rows, 0.89).set_index(["guide", "status"])
    assert boxes["x"].to_dict() == {
        (1, "wild type"): 0.8,
        (1, "mutated"): 1.2,
        (2, "wild type"): 1.8,
        (2, "mutated"): 2.2,
    }
    points = error_tables.mutated_points(with_status, boxes.reset_index(), limit=4, seed=1)
    assert len(points) == 4
    assert (points["x"] - points["x"].round() > 0).all()


def test_without_mutations_no_row_is_left(predictions: pd.DataFrame) -> None:
    table = error_tables.with_mutation_status(
        predictions, predictions[["hugo_symbol", "depmap_id"]]
    )
    assert table.empty
    assert error_tables.mutated_measurements(table).empty


def test_a_panel_shows_the_genes_that_vary_most_between_lines(predictions: pd.DataFrame) -> None:
    shown, genes, lines = prediction_tables.panel_table(predictions, n_genes=1, n_lines=5)
    assert genes.labels == ("TP53",)
    assert lines.labels == ("c1", "c2")
    assert len(shown) == 20
    # Two guides share 0.7 of the place of a line: 0.175 to either side of it.
    places = shown.groupby(["depmap_id", "sgrna"], observed=True)["x"].unique()
    assert places["c1"].to_dict() == pytest.approx({"TP531": 0.825, "TP532": 1.175})
    assert places["c2"].to_dict() == pytest.approx({"TP531": 1.825, "TP532": 2.175})
    bars = prediction_tables.distinct_predictions(shown)
    assert bars["mean"].tolist() == [0.0, 2.0, 0.0, 2.0]
    assert (bars["hdi_upper"] - bars["hdi_lower"]).tolist() == [1.0] * 4


def far_gene(n: int, far: float) -> pd.DataFrame:
    """1,000 measurements near 0 of gene NEAR, and ``n`` near ``far`` of gene FAR."""
    rng = np.random.default_rng(4)
    near, beyond = rng.normal(0, 0.1, 1000), rng.normal(far, 0.05, n)
    genes = ["NEAR"] * 1000 + ["FAR"] * n
    table = pd.DataFrame({"hugo_symbol": genes, "value": np.concatenate([near, beyond])})
    return table.assign(sgrna=table["hugo_symbol"] + "1", error=table["value"])


@pytest.mark.parametrize("n", [1, 2])
def test_a_gene_far_beyond_the_others_has_its_shapes(n: int) -> None:
    table, rows = far_gene(n, -4.0), Rows(("FAR", "NEAR"), 2, 2)
    violins = prediction_tables.mirrored_violins(table, table, rows, width=0.4)
    far = violins[(violins["label"] == "FAR") & (violins["kind"] == "measured")]
    assert far["height"].max() == pytest.approx(0.4)
    assert far.loc[far["height"].idxmax(), "value"] == pytest.approx(-4, abs=0.2)
    curves = error_tables.error_densities(table, rows)
    far = curves[(curves["label"] == "FAR") & (curves["guide"] == 0)]
    assert far.loc[far["density"].idxmax(), "error"] == pytest.approx(-4, abs=0.2)


def test_measurements_that_are_all_equal_have_densities() -> None:
    table = far_gene(5, 0.0).assign(value=0.3, error=0.3)
    screens = np.full((3, len(table)), 0.3)
    rows = Rows(("FAR", "NEAR"), 2, 2)
    for curves in (
        prediction_tables.screen_densities(screens, table["value"], 2),
        prediction_tables.prior_densities(screens, table["value"], 2),
        error_tables.error_densities(table, rows),
        prediction_tables.mirrored_violins(table, table, rows),
    ):
        numbers = curves.select_dtypes("number")
        assert np.isfinite(numbers).all(axis=None)
    areas = density(np.full(50, 0.3), span=(0.3, 0.3))
    assert np.trapezoid(areas[1], areas[0]) > 0.5
