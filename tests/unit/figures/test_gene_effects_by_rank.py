"""All genes by rank."""

import pandas as pd

from partialpool.figures.fit.gene_effects_by_rank import ranked_effects


def test_both_ends_of_a_ranking_are_named(three_effects: pd.DataFrame) -> None:
    table = ranked_effects(three_effects, "gene_effect", 1)
    assert table["rank"].tolist() == [1, 2, 3]
    assert table["name"].tolist() == ["KRAS", "", "TP53"]
