"""Posterior densities of genes."""

import pytest
import xarray as xr

from partialpool.figures.fit.posterior_gene_violins import violin_table
from partialpool.figures.parts.rows import Rows


def test_violins_are_symmetric_and_equally_high(posterior: xr.Dataset) -> None:
    rows = Rows(("MYC", "KRAS"), 2, 2)
    table = violin_table(posterior["gene_effect"], rows, width=0.4)
    heights = table.groupby("label")["height"].agg(["min", "max"])
    assert heights.loc["MYC"].tolist() == pytest.approx([-0.4, 0.4])
    assert heights.loc["KRAS"].tolist() == pytest.approx([-1.4, -0.6])
