"""A box per cell line, or ranks of many."""

from functools import partial

import pandas as pd

from partialpool.figures.pictures import png
from partialpool.figures.screen.lfc_by_cell_line import FIGURE, cell_line_boxes
from screen_figures import draw, flat, layer, layers, made_of, plot_of, screen


def test_boxes_know_lineage_and_rank() -> None:
    table = pd.DataFrame(
        {
            "depmap_id": ["A", "A", "B", "C"],
            "lfc": [1.0, 3.0, -1.0, 9.0],
            "lineage": ["lung"] * 2 + [None, "unknown"],
        }
    )
    boxes = cell_line_boxes(table)
    assert boxes["depmap_id"].tolist() == ["B", "A", "C"]
    assert boxes["lineage"].tolist() == ["", "lung", ""]
    assert boxes["rank"].tolist() == [1, 2, 3]
    assert cell_line_boxes(table.drop(columns="lineage"))["lineage"].tolist() == [""] * 3


def test_few_lines_are_named_with_their_measurements() -> None:
    table = screen(4, 6)
    plot = plot_of(FIGURE, table)
    axes = draw(plot)[0]
    labels = {label.get_text() for label in axes.get_yticklabels()}
    assert {"ACH-000 (soft tissue)", "ACH-001 (lung)"} <= labels
    assert len(labels) == 6
    medians = layer(plot, "geom_tile").sort_values("depmap_id")["median"]  # from the bottom
    assert medians.is_monotonic_decreasing
    points = layer(plot, "geom_point", 1)
    assert sorted(points["lfc"]) == sorted(table["lfc"])
    assert plot.labels.title == "LFC by cell line: 6 lines"
    assert plot.labels.x == "log2 fold change"


def test_a_line_without_a_known_lineage_has_a_name_without_brackets() -> None:
    unknown = screen(3, 2).assign(lineage="unknown")
    for table in (unknown, unknown.drop(columns="lineage")):
        labels = draw(plot_of(FIGURE, table))[0].get_yticklabels()
        assert {label.get_text() for label in labels} == {"ACH-000", "ACH-001"}


def test_measurements_of_many_genes_are_boxes_only() -> None:
    plot = plot_of(FIGURE, screen(9, 6))
    draw(plot)
    assert len(layer(plot, "geom_tile")) == 6
    (medians,) = layers(plot, "geom_point")
    assert medians is plot.data


def test_jitter_is_the_same_every_time() -> None:
    drawing = partial(FIGURE.draw, **made_of(FIGURE, screen(3, 4)))
    assert png(drawing) == png(drawing)


def test_many_lines_are_ranked() -> None:
    table = screen(2, 70)
    table["lfc"] += table["depmap_id"].cat.codes
    plot = plot_of(FIGURE, table)
    draw(plot)
    assert layer(plot, "geom_point")["rank"].tolist() == list(range(1, 71))
    assert "Lowest: ACH-000 (soft tissue), ACH-001 (lung)" in flat(plot.labels.caption)
    assert "Highest: ACH-069 (lung), ACH-068" in flat(plot.labels.caption)
    assert plot.labels.x == "cell line, by rank of its median LFC"
