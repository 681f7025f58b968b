"""Tiny tables of a fit, and a call that draws a figure from them as a run does."""

import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9
import pytest
import xarray as xr

from partialpool.figures.figure import Figure
from partialpool.figures.options import FigureOptions
from partialpool.figures.parts.rows import Rows


@pytest.fixture(scope="session")
def options() -> FigureOptions:
    return FigureOptions(
        figures=(),
        cores=1,
        strong_effect=0.5,
        seed=1,
        max_trace_draws=50,
        worst_elements=2,
        density_elements=3,
        rank_bins=5,
        rank_level=0.99,
        error_bins=10,
        screens=4,
        named_effects=2,
        disagreeing_genes=(),
        n_disagreeing_genes=1,
        mutated_genes=(),
        n_mutated_genes=1,
        panel_genes=1,
        panel_cell_lines=4,
    )


@pytest.fixture
def predictions() -> pd.DataFrame:
    """2 genes x 2 guides x 2 lines x 5 replicates.

    The second guide of KRAS reads 1 more, that of TP53 2 more; so does the second line. A model
    that knows the lines predicts them.
    """
    index = pd.MultiIndex.from_product(
        [["KRAS", "TP53"], [1, 2], ["c1", "c2"], range(5)],
        names=["hugo_symbol", "guide", "depmap_id", "replicate_id"],
    )
    table = index.to_frame(index=False)
    table["sgrna"] = table["hugo_symbol"] + table["guide"].astype(str)
    size = table["hugo_symbol"].map({"KRAS": 1.0, "TP53": 2.0})
    line = table["depmap_id"].map({"c1": 0.0, "c2": 1.0})
    table["real_value"] = size * (table["guide"] - 1) + size * line + 0.1 * table["replicate_id"]
    table["mean"] = size * line
    table["error"] = table["mean"] - table["real_value"]
    for name, side in (("hdi", 0.5), ("mu_hdi", 0.1)):
        table[f"{name}_lower"], table[f"{name}_upper"] = table["mean"] - side, table["mean"] + side
    columns = ["hugo_symbol", "sgrna", "depmap_id"]
    return table.drop(columns="guide").astype(dict.fromkeys(columns, "category"))


@pytest.fixture
def both() -> Rows:
    """Rows of both genes of ``predictions``."""
    return Rows(("KRAS", "TP53"), 2, 2)


@pytest.fixture
def given(predictions: pd.DataFrame, options: FigureOptions) -> dict[str, Any]:
    """What the tables of figures of predictions and errors are made from."""
    noise = np.random.default_rng(2).normal(0, 0.1, (1, 5, len(predictions)))
    lfc = predictions["real_value"].to_numpy() + noise
    screens = xr.Dataset({"lfc": (("chain", "draw", "measurement"), lfc)})
    effects = pd.DataFrame({"effect": "gene_effect", "hugo_symbol": ["TP53", "KRAS"]})
    effects = effects.assign(sgrna=None, depmap_id=None, mean=[0.5, -0.5])
    mutated = (predictions["hugo_symbol"] == "KRAS") & (predictions["depmap_id"] == "c1")
    keys = predictions[["hugo_symbol", "depmap_id"]]
    return {
        "predictions": predictions,
        "replicates": {"posterior_predictive": screens},
        "prior": {"prior_predictive": 10 * screens},
        "effects": effects.assign(hdi_lower=effects["mean"] - 0.2, hdi_upper=effects["mean"] + 0.2),
        "screen": keys.assign(is_mutated=mutated.astype("boolean")),
        "prediction_prob": 0.8,
        "options": options,
    }


@pytest.fixture
def drawn(given: dict[str, Any]) -> Callable[..., p9.ggplot]:
    """Draw a figure as another process does, with changes to what is given."""

    def draw(figure: Figure, **changes: Any) -> p9.ggplot:
        made = figure.made_of(given | changes)
        assert not isinstance(made, str), made
        plot = pickle.loads(pickle.dumps(partial(figure.draw, **made)))()
        assert plot.labels.title
        assert plot.labels.caption.endswith(".")
        assert "log2 fold change" in f"{plot.labels.x} {plot.labels.y}".replace("\n", " ")
        return plot

    return draw


@pytest.fixture(params=[1, 2])
def far_gene(request: pytest.FixtureRequest) -> pd.DataFrame:
    """1,000 measurements of gene NEAR about 0, and one or two of gene FAR about -4."""
    rng = np.random.default_rng(4)
    near, far = rng.normal(0, 0.1, 1000), rng.normal(-4, 0.05, request.param)
    genes = ["NEAR"] * len(near) + ["FAR"] * len(far)
    values = np.concatenate([near, far])
    table = pd.DataFrame({"hugo_symbol": genes, "value": values, "error": values})
    return table.assign(sgrna=table["hugo_symbol"] + "1")


@pytest.fixture
def equal_values() -> pd.DataFrame:
    """50 measurements of each of two genes, all 0.3."""
    table = pd.DataFrame({"hugo_symbol": ["FAR", "NEAR"] * 50, "value": 0.3, "error": 0.3})
    return table.assign(sgrna=table["hugo_symbol"] + "1")
