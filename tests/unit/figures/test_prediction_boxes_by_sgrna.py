"""Predictions and measurements of each guide."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from partialpool.figures.fit.prediction_boxes_by_sgrna import FIGURE


def test_every_second_row_is_shaded(drawn: Callable[..., Any]) -> None:
    figure = drawn(FIGURE)
    stripes = figure.layers[0]._data
    assert stripes.to_numpy().tolist() == [[-1.5, -0.5]]
    assert figure.labels.title == "Predictions by guide: 2 genes"


def test_boxes_are_those_of_simulated_and_measured_values(
    two_genes: pd.DataFrame, made: Callable[..., Any]
) -> None:
    lfc = np.stack([two_genes["real_value"] + shift for shift in (1.0, 3.0)])
    screens = xr.Dataset({"lfc": (("chain", "draw", "measurement"), lfc[None])})
    tables = made(FIGURE, replicates={"posterior_predictive": screens})
    measured, predicted = (tables[name].set_index("sgrna") for name in ("measured", "predicted"))
    assert measured.loc["KRAS2", "median"] == pytest.approx(1.7)  # between 1 to 1.4 and 2 to 2.4
    assert predicted.loc["KRAS2", "mean"] == pytest.approx(1.7 + 2)
    assert tables["rows"].labels == ("KRAS", "TP53")  # by their effects


@pytest.mark.parametrize(
    ("n", "title"), [(40, "40 genes"), (41, "20 lowest and 20 highest of 41 genes")]
)
def test_up_to_40_genes_are_all_shown(drawn: Callable[..., Any], n: int, title: str) -> None:
    genes = [f"G{i:02}" for i in range(n)]
    table = pd.DataFrame({"hugo_symbol": genes * 2, "sgrna": genes * 2, "real_value": 0.5})
    lfc = np.ones((1, 3, 2 * n))
    figure = drawn(
        FIGURE,
        predictions=table,
        replicates={
            "posterior_predictive": xr.Dataset({"lfc": (("chain", "draw", "measurement"), lfc)})
        },
        effects=pd.DataFrame({"hugo_symbol": genes, "mean": np.arange(n)}).assign(
            effect="gene_effect",
            sgrna=None,
            depmap_id=None,
            hdi_lower=0.0,
            hdi_upper=0.0,
            informed=True,
        ),
    )
    assert figure.labels.title == f"Predictions by guide: {title}"
    assert figure.data["hugo_symbol"].nunique() == 40
