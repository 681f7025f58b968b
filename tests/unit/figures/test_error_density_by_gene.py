"""Shape of the errors of each gene."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from partialpool.figures.fit.error_density_by_gene import FIGURE, error_densities
from partialpool.figures.parts.rows import Rows


def test_there_is_a_curve_per_gene_and_guide(two_genes: pd.DataFrame, both: Rows) -> None:
    curves = error_densities(two_genes, both, height=0.9)
    assert curves.groupby("label")["guide"].unique().map(sorted).tolist() == [[0, 1, 2]] * 2
    assert (curves["top"] - curves["base"]).max() == pytest.approx(0.9)
    assert set(curves.groupby(["label", "guide"])["density"].first()) == {0.0}


def test_a_gene_far_beyond_the_others_has_its_shape(far_gene: pd.DataFrame) -> None:
    curves = error_densities(far_gene, Rows(("FAR", "NEAR"), 2, 2))
    far = curves[(curves["label"] == "FAR") & (curves["guide"] == 0)]
    assert far.loc[far["density"].idxmax(), "error"] == pytest.approx(-4, abs=0.2)


def test_equal_errors_have_finite_densities(equal_values: pd.DataFrame) -> None:
    curves = error_densities(equal_values, Rows(("FAR", "NEAR"), 2, 2))
    assert np.isfinite(curves[["error", "density", "top"]]).all(axis=None)


@pytest.mark.parametrize(("n", "columns"), [(8, 1), (9, 2)])
def test_many_genes_stand_in_two_columns(drawn: Callable[..., Any], n: int, columns: int) -> None:
    genes = np.repeat([f"G{i}" for i in range(n)], 20)
    errors = np.random.default_rng(1).normal(0, 1, len(genes))
    table = pd.DataFrame({"hugo_symbol": genes, "sgrna": genes, "error": errors})
    figure = drawn(FIGURE, predictions=table)
    assert figure.data["column"].nunique() == columns
    assert figure.labels.title == f"Error densities: {n} genes"
