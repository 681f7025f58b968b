"""A tiny fit and everything that figures take of it."""

import pickle
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from made_calls import made_calls
from partialpool.figures import fit as of_one_fit
from partialpool.figures.figure import Figure
from partialpool.figures.given import OfDependency
from partialpool.figures.options import FigureOptions
from partialpool.figures.parts.rows import Rows
from partialpool.figures.registry import figures_in

mpl.use("Agg")

GENES = ["KRAS", "TP53", "MYC"]
LINES = ["c1", "c2", "c3", "c4"]
OPTIONS = FigureOptions(
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
    n_disagreeing_genes=2,
    mutated_genes=(),
    n_mutated_genes=1,
    panel_genes=2,
    panel_cell_lines=4,
    dependency_genes=(),
    n_dependency_genes=2,
    dependency_cell_lines=(),
    n_dependency_cell_lines=2,
)


@pytest.fixture(scope="module")
def predictions() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    index = pd.MultiIndex.from_product([GENES, [1, 2], LINES, range(3)])
    table = index.to_frame(index=False, name=["hugo_symbol", "guide", "depmap_id", "replicate_id"])
    table["sgrna"] = table["hugo_symbol"] + table["guide"].astype(str)
    table["mean"] = table["guide"] * 0.1 + table["hugo_symbol"].map(
        {gene: i for i, gene in enumerate(GENES)}
    )
    table["real_value"] = table["mean"] + rng.normal(0, 0.3, len(table))
    table["error"] = table["mean"] - table["real_value"]
    for name, side in (("hdi", 0.5), ("mu_hdi", 0.1)):
        table[f"{name}_lower"], table[f"{name}_upper"] = table["mean"] - side, table["mean"] + side
    return table.astype(dict.fromkeys(["hugo_symbol", "sgrna", "depmap_id"], "category"))


@pytest.fixture(scope="module")
def fit(predictions: pd.DataFrame) -> SimpleNamespace:
    """Everything that figures take of a fit, tiny."""
    rng = np.random.default_rng(2)
    guides = [f"{gene}{i}" for gene in GENES for i in (1, 2)]
    dims = {"gene": GENES, "sgrna": guides, "cell_line": LINES}
    sizes = {"mu_gene": (), "sigma": (), "gene_effect": ("gene",), "sgrna_effect": ("sgrna",)}
    sizes |= dict.fromkeys(("mutation_effect", "rna_effect", "copy_number_effect"), ("gene",))
    sizes["cell_line_effect"] = ("cell_line",)
    draws = xr.Dataset(
        {
            name: (
                ("chain", "draw", *over),
                rng.normal(0.5, 0.1, (2, 60, *(len(dims[dim]) for dim in over))),
            )
            for name, over in sizes.items()
        },
        coords=dims,
    )
    energy = xr.Dataset({"energy": (("chain", "draw"), rng.normal(0, 1, (2, 60)))})
    labels = {"gene": "hugo_symbol", "sgrna": "sgrna", "cell_line": "depmap_id"}
    effects = pd.concat(
        pd.DataFrame({"effect": name, labels[over[0]]: dims[over[0]]})
        for name, over in sizes.items()
        if over
    )
    effects.loc[effects["effect"] == "sgrna_effect", "hugo_symbol"] = np.repeat(GENES, 2)
    effects = effects.assign(mean=np.linspace(-1, 1, len(effects)), sd=0.1)
    effects = effects.assign(hdi_lower=effects["mean"] - 0.2, hdi_upper=effects["mean"] + 0.2)
    label = effects["hugo_symbol"].where(effects["effect"] != "sgrna_effect", effects["sgrna"])
    label = label.fillna(effects["depmap_id"])
    effects["parameter"] = effects["effect"] + "[" + label + "]"
    is_informed = (effects["effect"] != "mutation_effect") | (effects["hugo_symbol"] == "KRAS")
    effects = effects.assign(r_hat=1.001, ess_bulk=900.0, informed=is_informed)
    estimates = pd.concat(
        [effects.head(2).assign(parameter=["mu_gene", "sigma"]), effects], ignore_index=True
    )
    bad = estimates["parameter"]
    estimates.loc[bad == "gene_effect[TP53]", "r_hat"] = 1.2
    estimates.loc[bad == "sgrna_effect[MYC2]", "ess_bulk"] = 12.0
    recovery = effects.assign(true_value=effects["mean"] + 0.1, is_inside=True)
    lfc = np.stack([predictions["real_value"] + rng.normal(0, 0.1, len(predictions))] * 5)
    screens = xr.Dataset({"lfc": (("chain", "draw", "measurement"), lfc[None])})
    mutated = (predictions["hugo_symbol"] == "KRAS") & (predictions["depmap_id"] == "c1")
    z = predictions["depmap_id"].map({"c1": 0.5, "c2": -0.5}).astype(float)
    covariates = {"is_mutated": mutated, "rna_expr_z": z, "gene_cn_z": z}
    lineage = predictions["depmap_id"].astype(str).map({"c1": "soft_tissue", "c2": "lung"})
    return SimpleNamespace(
        prior={"prior_predictive": screens},
        posterior={"posterior": draws, "sample_stats": energy},
        predictions=predictions,
        replicates={"posterior_predictive": screens},
        effects=effects,
        convergence=estimates,
        recovery=recovery,
        screen=predictions[["hugo_symbol", "depmap_id"]].assign(lineage=lineage, **covariates),
        options=OPTIONS,
        adequacy=pd.DataFrame(
            {
                "level": "cell_line",
                "label": LINES,
                "value": [0.5, 0.8, 0.89, 0.99],
                "expected_low": 0.79,
                "expected_high": 0.96,
                "status": ["too few inside", "ok", "ok", "too many inside"],
            }
        ),
        hdi_prob=0.89,
        prediction_prob=0.89,
        min_e_bfmi=0.3,
    )


@pytest.fixture(scope="module")
def plots(fit: SimpleNamespace) -> dict[str, Any]:
    """The plot of every figure of the fit, by name."""
    made = {figure.name: figure.made_of(fit) for figure in figures_in(of_one_fit)}
    return {figure.name: figure.draw(**made[figure.name]) for figure in figures_in(of_one_fit)}


@pytest.fixture
def calls() -> OfDependency:
    """Calls of four genes in four lines."""
    return OfDependency(options=OPTIONS, **made_calls())


@pytest.fixture
def words_of() -> Callable[[Any], set[str]]:
    """Everything that is written in a plot, which is drawn for it (some can't be drawn twice)."""

    def words(plot: Any) -> set[str]:
        drawn = plot.draw()
        plt.close(drawn)
        return {text.get_text() for text in drawn.findobj(mpl.text.Text)}

    return words


@pytest.fixture
def posterior() -> xr.Dataset:
    rng = np.random.default_rng(1)
    return xr.Dataset(
        {
            "sigma": (("chain", "draw"), rng.gamma(5, 1, (2, 100))),
            "gene_effect": (("chain", "draw", "gene"), rng.normal(0, 1, (2, 100, 3))),
            "mu_gene": (("chain", "draw"), rng.normal(0, 1, (2, 100))),
        },
        coords={"gene": ["KRAS", "TP53", "MYC"]},
    )


@pytest.fixture
def three_effects() -> pd.DataFrame:
    gene = pd.DataFrame(
        {
            "effect": "gene_effect",
            "hugo_symbol": ["KRAS", "TP53", "MYC"],
            "sgrna": None,
            "depmap_id": None,
            "mean": [-1.0, 0.5, 0.1],
            "sd": 0.1,
            "hdi_lower": [-1.2, 0.3, -0.1],
            "hdi_upper": [-0.8, 0.7, 0.3],
            "informed": True,
        }
    )
    guide = gene.iloc[[0, 0, 1]].assign(effect="sgrna_effect", sgrna=["B", "A", "C"])
    return pd.concat([gene, guide], ignore_index=True)


@pytest.fixture
def two_genes() -> pd.DataFrame:
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
    """Rows of both genes of ``two_genes``."""
    return Rows(("KRAS", "TP53"), 2, 2)


@pytest.fixture
def small_fit(two_genes: pd.DataFrame) -> SimpleNamespace:
    """What figures of predictions and errors take of a fit to two genes."""
    noise = np.random.default_rng(2).normal(0, 0.1, (1, 5, len(two_genes)))
    lfc = two_genes["real_value"].to_numpy() + noise
    screens = xr.Dataset({"lfc": (("chain", "draw", "measurement"), lfc)})
    effects = pd.DataFrame({"effect": "gene_effect", "hugo_symbol": ["TP53", "KRAS"]})
    effects = effects.assign(sgrna=None, depmap_id=None, mean=[0.5, -0.5], informed=True)
    mutated = (two_genes["hugo_symbol"] == "KRAS") & (two_genes["depmap_id"] == "c1")
    keys = two_genes[["hugo_symbol", "depmap_id"]]
    only_one = ("n_disagreeing_genes", "n_mutated_genes", "panel_genes")
    return SimpleNamespace(
        predictions=two_genes,
        replicates={"posterior_predictive": screens},
        prior={"prior_predictive": 10 * screens},
        effects=effects.assign(hdi_lower=effects["mean"] - 0.2, hdi_upper=effects["mean"] + 0.2),
        screen=keys.assign(is_mutated=mutated.astype("boolean")),
        prediction_prob=0.8,
        options=OPTIONS.model_copy(update=dict.fromkeys(only_one, 1)),
    )


@pytest.fixture
def made(small_fit: SimpleNamespace) -> Callable[..., Any]:
    """Make the tables of a figure, with changes to what the fit gives."""

    def make(figure: Figure, **changes: Any) -> Any:
        return figure.made_of(SimpleNamespace(**vars(small_fit) | changes))

    return make


@pytest.fixture
def drawn(made: Callable[..., Any]) -> Callable[..., Any]:
    """Draw a figure as another process does, with changes to what the fit gives."""

    def draw(figure: Figure, **changes: Any) -> Any:
        return pickle.loads(pickle.dumps(partial(figure.draw, **made(figure, **changes))))()

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
