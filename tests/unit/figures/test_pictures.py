"""Pictures: what the labels of a screen look like in them."""

from functools import partial
from typing import Any

import pandas as pd
import plotnine as p9
import pytest
from matplotlib import pyplot as plt

from partialpool.figures.pictures import png


def of_matplotlib(label: str, **how: Any) -> Any:
    figure, axes = plt.subplots(figsize=(2, 1))
    axes.set_axis_off()
    axes.text(0, 0, label, **how)
    return figure


def of_plotnine(label: str) -> Any:
    table = pd.DataFrame({"gene": [label, "KRAS"], "lfc": [0.0, 1.0]})
    return p9.ggplot(table, p9.aes("gene", "lfc")) + p9.geom_point() + p9.facet_wrap("gene")


@pytest.mark.parametrize("draw", [of_matplotlib, of_plotnine])
@pytest.mark.parametrize("gene", [r"A$\frac$B", "$_$", "$$", "A$B", r"\$"])
def test_a_dollar_in_the_name_of_a_gene_is_no_formula(draw, gene: str) -> None:
    assert png(partial(draw, gene)).startswith(b"\x89PNG")


def test_a_name_between_dollars_is_drawn_as_it_is() -> None:
    literal = partial(of_matplotlib, "$x_1$", parse_math=False)
    assert png(partial(of_matplotlib, "$x_1$")) == png(literal)
