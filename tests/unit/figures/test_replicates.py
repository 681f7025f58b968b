"""Simulated measurements of genes and guides."""

import numpy as np
import pandas as pd
import pytest

from partialpool.figures.fit import _replicates
from partialpool.figures.fit._replicates import measured_values, simulated_values
from partialpool.figures.parts.rows import Rows

TP53 = Rows(("TP53",), 2, 1)


def test_simulated_values_keep_their_gene_and_guide(two_genes: pd.DataFrame) -> None:
    screens = np.stack([two_genes["real_value"], two_genes["real_value"] + 10])
    measured = measured_values(two_genes, TP53)
    simulated = simulated_values(two_genes, screens, TP53)
    assert (len(measured), len(simulated)) == (20, 40)
    assert set(measured["hugo_symbol"]) == set(simulated["hugo_symbol"]) == {"TP53"}
    # The guide reads 2, in the second line 4, and replicates 0.2 more on average: 3.2.
    assert measured.loc[measured["sgrna"] == "TP532", "value"].mean() == pytest.approx(3.2)
    last = simulated.loc[simulated["sgrna"] == "TP532", "value"]
    assert last.mean() == pytest.approx(3.2 + 5)


def test_no_more_screens_are_used_than_needed(
    two_genes: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_replicates, "MANY_VALUES", 59)  # two screens of 20 measurements
    screens = np.arange(5.0)[:, None] + np.zeros(len(two_genes))
    values = simulated_values(two_genes, screens, TP53)["value"]
    assert values.value_counts().to_dict() == {0.0: 20, 4.0: 20}
