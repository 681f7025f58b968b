"""Errors of each guide."""

from collections.abc import Callable
from typing import Any

import pytest

from partialpool.figures.fit.error_by_sgrna import FIGURE
from partialpool.figures.parts import style


def test_every_guide_has_a_box_in_the_row_of_its_gene(drawn: Callable[..., Any]) -> None:
    figure = drawn(FIGURE)
    assert figure.data.set_index("sgrna")["row"].to_dict() == pytest.approx(
        {"TP531": 0.175, "TP532": -0.175, "KRAS1": -0.825, "KRAS2": -1.175}
    )
    assert figure.labels.title == "Errors by guide: 2 genes"
    assert "Whiskers: 80 %" in " ".join(figure.labels.caption.split())


def test_every_second_row_is_shaded(drawn: Callable[..., Any]) -> None:
    stripes = drawn(FIGURE).layers[0]._data
    assert stripes.to_numpy().tolist() == [[-1.5, -0.5]]


def test_the_genes_with_the_largest_errors_are_shown(
    drawn: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style, "MANY_GENES", 1)
    assert set(drawn(FIGURE).data["hugo_symbol"]) == {"TP53"}
