"""The statistics behind the figures of a screen, against hand computations and SciPy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from partialpool.tidy import prior_scales, trends
from partialpool.tidy import screen_tables as tables


def screen(**columns: list) -> pd.DataFrame:
    return pd.DataFrame(columns)


def test_describe_takes_numbers_only_and_counts_what_is_there() -> None:
    table = pd.DataFrame(
        {
            "lfc": [1.0, 2.0, 3.0, 6.0],
            "n_muts": pd.array([0, None, 2, 1], dtype="Int64"),
            "passes_qc": pd.array([True, False, None, True], dtype="boolean"),
            "sgrna": list("abcd"),
        }
    )
    summary = tables.describe(table).set_index("column")
    assert list(summary.index) == ["lfc", "n_muts"]
    assert summary.loc["lfc"].to_dict() == pytest.approx(
        {
            "count": 4,
            "mean": 3.0,
            "std": (14 / 3) ** 0.5,  # deviations -2, -1, 0, 3
            "min": 1.0,
            "q25": 1.75,
            "median": 2.5,
            "q75": 3.75,
            "max": 6.0,
        }
    )
    assert summary.loc["n_muts", ["count", "mean"]].tolist() == [3, 1.0]


def test_describe_takes_batches_where_they_are_numbers() -> None:
    """As in the published table, whose batches are 2, 3 and 4; they are text in the screen."""
    numbered = pd.DataFrame({"lfc": [0.0] * 4, "pdna_batch": ["2", "3", None, "4"], "n": [1] * 4})
    summary = tables.describe(numbered).set_index("column")
    assert list(summary.index) == ["lfc", "pdna_batch", "n"]
    batch = summary.loc["pdna_batch"]
    assert batch[["count", "mean", "std", "min", "max"]].tolist() == [3, 3, 1, 2, 4]

    named = numbered.assign(pdna_batch=["2", "Avana-3", None, "4"])
    assert list(tables.describe(named)["column"]) == ["lfc", "n"]
    absent = numbered.assign(pdna_batch=pd.Series([None] * 4, dtype="str"))
    assert list(tables.describe(absent)["column"]) == ["lfc", "n"]


def test_describe_without_numbers_is_an_empty_table() -> None:
    summary = tables.describe(pd.DataFrame({"sgrna": ["a"]}))
    assert summary.empty
    assert list(summary)[:3] == ["column", "count", "mean"]


def test_has_values() -> None:
    table = screen(a=[None, 1.0], b=[None, None])
    assert tables.has_values(table, "a")
    assert not tables.has_values(table, "b")
    assert not tables.has_values(table, "c")


def test_boxes_hold_quantiles_and_are_in_order_of_the_median() -> None:
    table = screen(
        hugo_symbol=["HIGH"] * 101 + ["LOW"] * 3 + ["LOW"],
        lfc=[*np.arange(101.0), -1.0, -2.0, -3.0, None],
    )
    table["hugo_symbol"] = pd.Categorical(table["hugo_symbol"], ["UNUSED", "HIGH", "LOW"])
    boxes = tables.boxes(table, "hugo_symbol")
    assert boxes["hugo_symbol"].tolist() == ["LOW", "HIGH"]
    assert boxes["n"].tolist() == [3, 101]
    high = boxes.iloc[1]
    assert high[["low", "q25", "median", "q75", "high"]].tolist() == pytest.approx(
        [1.0, 25.0, 50.0, 75.0, 99.0]
    )


def test_beyond_whiskers_are_the_measurements_outside_of_them_farthest_first() -> None:
    table = screen(hugo_symbol=["A"] * 101 + ["B"], lfc=[*np.arange(100.0), 200.0, 7.0])
    boxes = tables.boxes(table, "hugo_symbol")
    beyond = tables.beyond_whiskers(table, boxes, "hugo_symbol")
    assert beyond.to_dict("list") == {"hugo_symbol": ["A", "A"], "lfc": [0.0, 200.0]}
    only = tables.beyond_whiskers(table, boxes, "hugo_symbol", at_most=1)
    assert only["lfc"].tolist() == [200.0]
    none = tables.beyond_whiskers(table, boxes[boxes["hugo_symbol"] == "B"], "hugo_symbol")
    assert none.empty


def test_lowest_and_highest() -> None:
    table = screen(gene=list("abcdef"), median=[5.0, 1.0, None, 3.0, 2.0, 4.0])
    assert tables.lowest_and_highest(table, "median", 9)["gene"].tolist() == list("bedfa")
    assert tables.lowest_and_highest(table, "median", 3)["gene"].tolist() == list("bfa")
    assert tables.lowest_and_highest(table, "median", 2)["gene"].tolist() == list("ba")


def test_lineage_gene_means_average_and_count_lines() -> None:
    table = screen(
        lineage=["lung", "lung", "lung", "skin", None],
        depmap_id=["L1", "L2", "L2", "S1", "X"],
        hugo_symbol=["KRAS", "KRAS", "TP53", "KRAS", "KRAS"],
        lfc=[-1.0, -2.0, 0.5, 3.0, 100.0],
    )
    means = tables.lineage_gene_means(table).set_index(["lineage", "hugo_symbol"])
    assert means.loc[("lung", "KRAS")].tolist() == [-1.5, 2, 2]
    assert means.loc[("lung", "TP53")].tolist() == [0.5, 1, 2]
    assert means.loc[("skin", "KRAS")].tolist() == [3.0, 1, 1]
    assert len(means) == 3


def test_mean_by_gene_is_in_order() -> None:
    table = screen(hugo_symbol=["A", "B", "B"], lfc=[1.0, -1.0, -3.0])
    assert tables.mean_by_gene(table).to_numpy().tolist() == [["B", -2.0, 2], ["A", 1.0, 1]]


def test_cell_line_boxes_know_lineage_and_rank() -> None:
    table = screen(
        depmap_id=["A", "A", "B", "C"], lfc=[1.0, 3.0, -1.0, 9.0], lineage=["lung"] * 2 + [None] * 2
    )
    boxes = tables.cell_line_boxes(table)
    assert boxes["depmap_id"].tolist() == ["B", "A", "C"]
    assert boxes["lineage"].tolist() == ["", "lung", ""]
    assert boxes["rank"].tolist() == [1, 2, 3]
    assert tables.cell_line_boxes(table.drop(columns="lineage"))["lineage"].tolist() == [""] * 3


@pytest.fixture
def cloud() -> pd.DataFrame:
    """Two genes with slopes of about -0.5 and 0.2, a third whose x is constant, and gaps."""
    random = np.random.default_rng(1)
    x = random.normal(size=300)
    slope = np.repeat([-0.5, 0.2, 0.0], 100)
    x[200:] = 0.0
    table = screen(hugo_symbol=np.repeat(["A", "B", "C"], 100), x=x)
    table["lfc"] = 0.1 + slope * x + random.normal(scale=0.3, size=300)
    table.loc[[0, 150], ["x", "lfc"]] = [[np.nan, 1.0], [1.0, np.nan]]
    return table


def test_linear_trends_agree_with_scipy(cloud: pd.DataFrame) -> None:
    fits = trends.linear_trends(cloud, "x", by="hugo_symbol")
    assert fits["hugo_symbol"].tolist() == ["A", "B"]  # C does not vary
    for row in fits.to_dict("records"):
        rows = cloud[cloud["hugo_symbol"] == row["hugo_symbol"]].dropna()
        known = stats.linregress(rows["x"], rows["lfc"])
        assert row["n"] == len(rows) == 99
        assert row["slope"] == pytest.approx(known.slope)
        assert row["slope_se"] == pytest.approx(known.stderr)
        at_zero = row["y_mean"] - row["slope"] * row["x_mean"]
        assert at_zero == pytest.approx(known.intercept)
    overall = trends.linear_trends(cloud, "x")
    rows = cloud.dropna()
    assert overall["group"].tolist() == [trends.ALL]
    assert overall["slope"].item() == pytest.approx(stats.linregress(rows["x"], rows["lfc"]).slope)


def test_trends_do_not_lose_digits_far_from_zero() -> None:
    x = np.arange(5.0)
    fit = trends.linear_trends(screen(x=list(1e6 + x), lfc=list(2 * x)), "x")
    assert fit["slope"].item() == pytest.approx(2.0)
    assert fit["residual_sd"].item() == pytest.approx(0.0, abs=1e-6)


def test_a_trend_needs_three_rows_and_variation() -> None:
    assert trends.linear_trends(screen(x=[0.0, 1.0], lfc=[0.0, 1.0]), "x").empty
    assert trends.linear_trends(screen(x=[0.3] * 9, lfc=list(np.arange(9.0))), "x").empty


def test_trend_lines_and_their_interval_by_hand() -> None:
    # y = 1, 2, 4 at x = 0, 1, 2: slope 3/2, mean 7/3, residuals 1/6, -1/3, 1/6, variance 1/6.
    fit = trends.linear_trends(screen(x=[0.0, 1.0, 2.0], lfc=[1.0, 2.0, 4.0]), "x")
    line = trends.trend_lines(fit, points=3, probability=0.5)
    assert line["x"].tolist() == [0.0, 1.0, 2.0]
    assert line["fit"].tolist() == pytest.approx([5 / 6, 7 / 3, 23 / 6])
    t = 1.0  # the upper quartile of Student's t with one degree of freedom
    half = [t * (1 / 6 * (1 / 3 + d**2 / 2)) ** 0.5 for d in (-1, 0, 1)]
    assert (line["high"] - line["fit"]).tolist() == pytest.approx(half)
    assert (line["fit"] - line["low"]).tolist() == pytest.approx(half)
    ends = trends.trend_segments(fit)
    assert ends[["x", "y", "xend", "yend"]].to_numpy()[0] == pytest.approx([0, 5 / 6, 2, 23 / 6])


def test_binned_means_by_hand() -> None:
    table = screen(x=[0.0, 1.0, 2.0, 3.0, None], lfc=[1.0, 3.0, 10.0, 10.0, 99.0])
    bins = trends.binned_means(table, "x", bins=2)
    assert bins["n"].tolist() == [2, 2]
    assert bins["x"].tolist() == [0.5, 2.5]
    assert bins["y"].tolist() == [2.0, 10.0]
    half = stats.t.ppf(0.975, 1) * 1.0  # sd sqrt(2) of two values
    assert bins["high"].tolist() == pytest.approx([2.0 + half, 10.0])
    assert trends.binned_means(table[4:], "x").empty


def test_hexagons_hold_every_row_in_the_nearest_one() -> None:
    random = np.random.default_rng(2)
    table = screen(x=random.normal(size=2000), lfc=random.normal(size=2000))
    table.loc[0, "x"] = np.nan
    cells = trends.hexagons(table, "x", across=20, down=12)
    hexagons = cells.groupby("hexagon")
    assert (hexagons.size() == 6).all()
    assert hexagons["n"].first().sum() == 1999
    centres = hexagons[["x", "y"]].mean().to_numpy()
    step = [np.ptp(table["x"].dropna()) / 20, np.ptp(table["lfc"][1:]) / 12]
    scale = np.array([1.0, 0.75**0.5]) / step
    points = table[["x", "lfc"]].dropna().to_numpy()
    gaps = (((points[:, None, :] - centres[None]) * scale) ** 2).sum(axis=2)
    counts = np.bincount(gaps.argmin(axis=1), minlength=len(centres))
    differ = np.abs(counts - hexagons["n"].first().to_numpy()).sum()
    assert differ <= 4  # the leftmost and the rightmost point lie half way between two
    # A point is never farther from its centre than a corner of the regular hexagon.
    assert gaps.min(axis=1).max() <= 1 / 3 + 1e-9


def test_hexagons_of_nothing_and_of_one_point() -> None:
    assert trends.hexagons(screen(x=[np.nan], lfc=[1.0]), "x").empty
    one = trends.hexagons(screen(x=[2.0], lfc=[1.0]), "x")
    assert one["n"].tolist() == [1] * 6
    assert one[["x", "y"]].mean().tolist() == pytest.approx([2.0, 1.0])


def test_cell_line_means() -> None:
    table = screen(
        hugo_symbol=["A", "A", "A", "B"],
        depmap_id=["1", "1", "2", "1"],
        rna=[0.5, 0.5, -1.0, None],
        lfc=[1.0, 3.0, 5.0, 9.0],
    )
    means = trends.cell_line_means(table, "rna")
    assert means.to_numpy().tolist() == [["A", "1", 0.5, 2.0], ["A", "2", -1.0, 5.0]]


def test_steepest_of_either_sign() -> None:
    table = screen(hugo_symbol=list("abcd"), slope=[-0.1, 0.9, -0.5, 0.2])
    assert trends.steepest(table, 3)["hugo_symbol"].tolist() == ["c", "d", "b"]


MODELING = {
    "gene": {"priors": {"mu_gene": {"mu": 0.0, "sigma": 5.0}, "sigma": {"sigma": 5.0}}},
    "cell_line": {"priors": {"sigma_cell_line": {"rate": 0.4}, "sigma": {"sigma": 5.0}}},
}


def test_scale_priors_are_those_of_standard_deviations() -> None:
    listed = prior_scales.scale_priors(MODELING).set_index(["fit", "parameter"])
    assert listed["prior"].to_dict() == {
        ("gene", "sigma"): "|N(0, 5)|",
        ("cell_line", "sigma_cell_line"): "Exp(0.4)",
        ("cell_line", "sigma"): "|N(0, 5)|",
    }
    exponential = listed.loc[("cell_line", "sigma_cell_line")]
    assert exponential["mean"] == pytest.approx(2.5)
    assert exponential["median"] == pytest.approx(2.5 * np.log(2))
    assert exponential["q95"] == pytest.approx(2.5 * np.log(20))


def test_distinct_priors_hold_the_common_ones_widest_first() -> None:
    distinct = prior_scales.distinct_priors(prior_scales.scale_priors(MODELING))
    assert distinct["prior"].tolist() == ["|N(0, 5)|", "Exp(0.4)", "Exp(1)"]
    assert distinct["used_for"].tolist() == ["sigma", "sigma_cell_line", "no model"]


def test_prior_curves_are_densities() -> None:
    curves = prior_scales.prior_curves(prior_scales.distinct_priors(prior_scales.scale_priors({})))
    for prior, curve in curves.groupby("prior"):
        start = {"|N(0, 5)|": (2 / np.pi) ** 0.5 / 5, "Exp(1)": 1.0}[str(prior)]
        assert curve["density"].iloc[0] == pytest.approx(start)
        assert 0.98 < np.trapezoid(curve["density"], curve["value"]) < 1.001
