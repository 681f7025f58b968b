"""A tile per lineage and gene."""

import numpy as np
import pandas as pd
import pytest

from partialpool.figures.screen.lfc_by_lineage_and_gene import (
    FIGURE,
    lineage_gene_means,
    mean_by_gene,
)
from screen_figures import draw, flat, layer, made_of, plot_of, screen


def test_means_are_averages_and_count_lines() -> None:
    table = pd.DataFrame(
        {
            "lineage": ["lung", "lung", "lung", "skin", None],
            "depmap_id": ["L1", "L2", "L2", "S1", "X"],
            "hugo_symbol": ["KRAS", "KRAS", "TP53", "KRAS", "KRAS"],
            "lfc": [-1.0, -2.0, 0.5, 3.0, 100.0],
        }
    )
    means = lineage_gene_means(table).set_index(["lineage", "hugo_symbol"])
    assert means.loc[("lung", "KRAS")].tolist() == [-1.5, 2, 2]
    assert means.loc[("lung", "TP53")].tolist() == [0.5, 1, 2]
    assert means.loc[("skin", "KRAS")].tolist() == [3.0, 1, 1]
    assert len(means) == 3


def test_mean_by_gene_is_in_order() -> None:
    table = pd.DataFrame({"hugo_symbol": ["A", "B", "B"], "lfc": [1.0, -1.0, -3.0]})
    assert mean_by_gene(table).to_numpy().tolist() == [["B", -2.0, 2], ["A", 1.0, 1]]


def test_tiles_are_labelled_and_centred_on_zero() -> None:
    table = screen(3, 5)
    table["lfc"] -= 0.5
    plot = plot_of(FIGURE, table)
    axes = draw(plot)[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["soft tissue (3)", "lung (2)"]  # from the bottom
    tiles = layer(plot, "geom_tile")
    assert len(tiles) == 6
    wanted = table.groupby(["lineage", "hugo_symbol"], observed=True)["lfc"].mean()
    drawn = tiles.set_index([tiles["lineage"].str.contains("soft"), "hugo_symbol"])["lfc"]
    assert drawn[(True, "G001")] == pytest.approx(wanted["soft_tissue", "G001"])
    fill = next(scale for scale in plot.scales if "fill" in scale.aesthetics)
    low, high = fill.limits
    assert low == -high == pytest.approx(-tiles["lfc"].abs().max())
    assert "Not shown" not in plot.labels.caption


def test_of_many_genes_the_lowest_are_shown_and_those_that_differ() -> None:
    table = screen(60, 6)
    high = (table["hugo_symbol"] == "G050") & (table["lineage"] == "lung")
    alone = (table["hugo_symbol"] == "G055") & (table["depmap_id"] == "ACH-005")
    table["lineage"] = table["lineage"].astype(str).mask(table["depmap_id"] == "ACH-005", "skin")
    table.loc[high, "lfc"] += 3.0
    table.loc[alone, "lfc"] += 9.0  # of a lineage of one line
    plot = plot_of(FIGURE, table)
    genes = list(layer(plot, "geom_tile")["hugo_symbol"].cat.categories)
    assert genes[:20] == [f"G{g:03d}" for g in range(20)]
    assert genes[20] == "G050"
    assert len(genes) == 40
    assert plot.labels.title == "Mean LFC by lineage and gene: 40 of 60 genes"
    assert "vary most between lineages of at least 2 lines" in flat(plot.labels.caption)
    draw(plot)


@pytest.mark.parametrize("unknown", ["unknown", "Unknown", "", None])
def test_lines_without_a_known_lineage_are_counted_but_not_drawn(unknown: str | None) -> None:
    table = screen(3, 6)
    lineage = table["lineage"].astype("object")
    table["lineage"] = lineage.mask(table["depmap_id"].isin(["ACH-001", "ACH-003"]), unknown)
    plot = plot_of(FIGURE, table)
    assert set(layer(plot, "geom_tile")["lineage"]) == {"soft tissue (3)", "lung (1)"}
    assert "Not shown: 2 cell lines without a known lineage." in flat(plot.labels.caption)
    draw(plot)


def test_a_screen_without_lineages_says_so() -> None:
    sentence = "The lineages of this screen are not known (column lineage)."
    table = screen(3, 2)
    assert made_of(FIGURE, table.drop(columns="lineage")) == sentence
    assert made_of(FIGURE, table.assign(lineage=np.nan)) == sentence
    assert made_of(FIGURE, table.assign(lineage="unknown")) == sentence
