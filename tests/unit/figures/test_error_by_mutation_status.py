"""Errors in mutated and other cell lines."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from partialpool.figures.fit import error_by_mutation_status
from partialpool.figures.fit.error_by_mutation_status import (
    FIGURE,
    mutated_measurements,
    mutated_points,
    mutation_errors,
    with_mutation_status,
)
from partialpool.figures.parts.rows import Rows


@pytest.fixture
def with_status(two_genes: pd.DataFrame) -> pd.DataFrame:
    keys = two_genes[["hugo_symbol", "depmap_id"]]
    mutated = (keys["hugo_symbol"] == "TP53") & (keys["depmap_id"] == "c2")
    return with_mutation_status(two_genes, keys.assign(is_mutated=mutated.astype("boolean")))


def test_mutation_status_is_that_of_the_gene_in_the_line(with_status: pd.DataFrame) -> None:
    mutated = with_status[with_status["is_mutated"]]
    assert len(with_status) == 40
    assert set(mutated["hugo_symbol"] + mutated["depmap_id"]) == {"TP53c2"}
    assert mutated_measurements(with_status).to_dict() == {"TP53": 10}


def test_measurements_of_unknown_status_are_left_out(two_genes: pd.DataFrame) -> None:
    screen = two_genes[["hugo_symbol", "depmap_id"]].assign(is_mutated=pd.NA)
    screen.loc[screen["depmap_id"] == "c1", "is_mutated"] = False
    table = with_mutation_status(two_genes, screen.astype({"is_mutated": "boolean"}))
    assert set(table["depmap_id"]) == {"c1"}


def test_boxes_stand_left_and_right_of_the_guide(with_status: pd.DataFrame) -> None:
    boxes = mutation_errors(with_status, Rows(("TP53",), 1, 1), 0.89)
    assert boxes.set_index(["guide", "status"])["x"].to_dict() == {
        (1, "wild type"): 0.8,
        (1, "mutated"): 1.2,
        (2, "wild type"): 1.8,
        (2, "mutated"): 2.2,
    }
    points = mutated_points(with_status, boxes, limit=4, seed=1)
    assert len(points) == 4
    assert (points["x"] - points["x"].round() > 0).all()


def test_the_caption_counts_the_mutated_measurements(
    drawn: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = drawn(FIGURE)
    caption = " ".join(figure.labels.caption.split())
    assert "Mutated measurements: KRAS 10." in caption
    assert "Dots: measurements where" in caption
    assert set(figure.data["status"]) == {"mutated", "wild type"}
    monkeypatch.setattr(error_by_mutation_status, "MANY_MUTATED", 4)
    sampled = " ".join(drawn(FIGURE).labels.caption.split())
    assert "Dots: a sample of the measurements where" in sampled


def test_without_mutations_there_is_a_reason(
    small_fit: SimpleNamespace, made: Callable[..., Any]
) -> None:
    screen = small_fit.screen
    for is_mutated in (False, True):
        same = screen.assign(is_mutated=is_mutated)
        reason = made(FIGURE, screen=same)
        assert "mutated in some of the cell lines and not in others" in reason
    lacking = made(FIGURE, screen=screen.drop(columns="is_mutated"))
    assert "has no column n_muts" in lacking


def test_the_genes_with_most_mutated_measurements_are_shown(
    drawn: Callable[..., Any], small_fit: SimpleNamespace
) -> None:
    screen, table = small_fit.screen, small_fit.predictions
    # Both genes are mutated in c1: TP53 in 10 measurements, KRAS in 8.
    table = table[~((table["hugo_symbol"] == "KRAS") & (table["replicate_id"] == 0))]
    in_c1 = screen["depmap_id"] == "c1"
    figure = drawn(FIGURE, screen=screen.assign(is_mutated=in_c1), predictions=table)
    assert figure.labels.title == "Errors by mutation status: 1 of 2 mutated genes"
    caption = " ".join(figure.labels.caption.split())
    assert "Mutated measurements of the genes with most of them: TP53 10." in caption
