"""Estimates beside the published ones, and only for the screen that was published."""

import numpy as np
import pandas as pd
import pytest

from partialpool.tidy.published import COLUMNS, LINE_LEVEL, PUBLISHED, estimates_vs_published

SCREEN = pd.DataFrame({"lfc": [7.5163702, 0.3, -1.0222849]})
#: Sum of the 20 means of cell lines that the notebook printed.
SUM_OF_LINES = -5.923


@pytest.fixture
def convergence() -> pd.DataFrame:
    """A fit in the identified form: without a level of the lines."""
    names = [name for name in ("sigma", *PUBLISHED) if name != LINE_LEVEL]
    table = pd.DataFrame({"parameter": names, "mean": 0.0, "sd": 0.1})
    return table.assign(mean=table["mean"].mask(table["parameter"] == "mu_rna", -1.223))


def test_distances_are_in_published_sds(convergence) -> None:
    found = estimates_vs_published(SCREEN, convergence).set_index("parameter")
    assert found.loc["mu_rna", "distance"] == pytest.approx((-1.223 + 1.488) / 0.53)
    assert found.loc["sigma_rna", "distance"] == pytest.approx(-1.188 / 0.494)


def test_all_parameters_that_the_notebook_printed_are_compared(convergence) -> None:
    """Six of populations, two of each of five genes, and one of each of twenty lines."""
    found = estimates_vs_published(SCREEN, convergence)
    assert len(found) == 6 + 2 * 5 + 20
    assert found["parameter"].is_unique
    assert found["distance"].isna().sum() == 1, "the level of the lines, which the fit lacks"


def test_genes_and_lines_are_compared_from_the_average_line(convergence) -> None:
    found = estimates_vs_published(SCREEN, convergence).set_index("parameter")
    gene = found.loc["gene_effect[geneA] + average(cell_line_effect)"]
    assert gene["published_mean"] == pytest.approx(-1.029 + SUM_OF_LINES / 20)
    assert gene["distance"] == pytest.approx((1.029 - SUM_OF_LINES / 20) / 0.1)
    assert np.isnan(gene["published_sd"]), "the notebook did not print that of a contrast"
    line = found.loc["cell_line_effect[cellA] - average(cell_line_effect)"]
    assert line["published_mean"] == pytest.approx(5.544 - SUM_OF_LINES / 20)


def test_a_level_that_moves_from_genes_to_lines_changes_no_contrast(convergence) -> None:
    levels = (
        convergence["parameter"]
        .str.partition("[")[0]
        .map({"mu_gene": -1.5, "gene_effect": -1.5, "cell_line_effect": 1.5})
    )
    moved = convergence.assign(mean=convergence["mean"] + levels.fillna(0.0))
    level = pd.DataFrame({"parameter": [LINE_LEVEL], "mean": 1.5, "sd": 1.5})
    published_form = estimates_vs_published(SCREEN, pd.concat([moved, level]))
    found = estimates_vs_published(SCREEN, convergence)
    both = found["mean"].notna()  # all but the level of the lines
    assert both.sum() == len(found) - 1
    np.testing.assert_allclose(published_form["mean"][both], found["mean"][both], atol=1e-12)
    is_contrast = found["published_sd"].isna()
    assert published_form.loc[is_contrast, ["sd", "distance"]].isna().all(axis=None), (
        "the sds of that form are those of the level, not of contrasts"
    )


def test_a_screen_of_other_settings_was_never_published(convergence) -> None:
    screen = pd.DataFrame({"lfc": [7.5163702, 0.3, -1.0]})
    found = estimates_vs_published(screen, convergence)
    assert len(found) == 0
    assert list(found) == list(COLUMNS)  # a file of it can be read again
