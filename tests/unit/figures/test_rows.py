"""Which rows a figure shows."""

import pandas as pd

from partialpool.figures.parts.rows import choose_genes


def test_genes_are_chosen_by_name_or_by_value() -> None:
    values = pd.Series({"KRAS": 1.0, "TP53": 3.0, "MYC": 2.0})
    assert choose_genes(["MYC", "absent"], values, 2).labels == ("MYC",)
    assert choose_genes([], values, 2).labels == ("TP53", "MYC")
    assert choose_genes(["absent"], values, 1).labels == ("TP53",)
