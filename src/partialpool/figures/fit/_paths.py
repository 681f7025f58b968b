"""Parameters whose chains are shown: those of populations, and the effects that converged worst."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd
import plotnine as p9

from partialpool.figures.parts.draws import SAMPLE_DIMS, element

if TYPE_CHECKING:
    import xarray as xr

#: No effects besides.
NONE: Mapping[str, str] = MappingProxyType({})
#: What is shown besides population parameters.
WORST = "With their values: the effects with the largest R-hat and the smallest bulk ESS. "
SEGMENT = p9.aes(x="x", y="y", xend="xend", yend="yend", color="factor(chain)")


def population_parameters(posterior: xr.Dataset) -> list[str]:
    """Names of the parameters that are one number each: means, standard deviations, the others.

    The others are effects such as ``mutation_effect[KRAS]``, see ``with_worst_elements``.
    """
    names = [str(name) for name, x in posterior.data_vars.items() if set(x.dims) <= SAMPLE_DIMS]
    return sorted(names, key=lambda name: ("[" in name, not name.startswith("mu")))


def with_worst_elements(
    posterior: xr.Dataset, convergence: pd.DataFrame, n: int
) -> tuple[xr.Dataset, dict[str, str]]:
    """Draws with those effects as parameters of their own that converged worst.

    Half of them have the largest R-hat, the others the smallest bulk ESS.

    Parameters
    ----------
    posterior
        Draws by name, with dims ``chain`` and ``draw``.
    convergence
        ``parameter``, such as ``gene_effect[KRAS]``, ``r_hat``, ``ess_bulk``.
    n
        How many to add, if there are so many.

    Returns
    -------
    tuple[xr.Dataset, dict[str, str]]
        The draws, and parameter -> its diagnostics in words.
    """
    effect = convergence["parameter"].str.extract(r"^(.*)\[", expand=False)
    table = convergence[effect.isin([str(name) for name in posterior.data_vars])]
    by_r_hat = table.sort_values("r_hat", ascending=False, kind="stable").head(n - n // 2)
    others = table.drop(by_r_hat.index).sort_values("ess_bulk", kind="stable")
    worst = pd.concat([by_r_hat, others.head(n // 2)]).set_index("parameter")
    words = {
        str(name): f"R-hat {row.r_hat:.4f}, bulk ESS {row.ess_bulk:,.0f}"
        for name, row in worst.iterrows()
    }
    return posterior.assign({name: element(posterior, name) for name in words}), words


def ordered(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Make a column an ordered categorical, in order of appearance."""
    labels: list[Any] = table[column].unique().tolist()
    return table.assign(**{column: pd.Categorical(table[column], labels, ordered=True)})


def shown_parameters(worst: Mapping[str, str]) -> str:
    """Say which parameters are shown."""
    population = "the population parameters"
    return f"{population} and of the worst effects" if worst else population


def labels(worst: Mapping[str, str]) -> Any:
    """Title of a panel: the parameter and, of an effect, its diagnostics."""

    def label(parameter: str) -> str:
        return f"{parameter}\n{worst[parameter]}" if parameter in worst else parameter

    return label


def segments(table: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """Lines of each parameter and chain as segments, which are drawn all at once."""
    lines = table.groupby(["parameter", "chain"], observed=True, sort=False)
    ends = table.assign(x=table[x], y=table[y], xend=lines[x].shift(-1), yend=lines[y].shift(-1))
    return ends.dropna(subset=["xend"])[["parameter", "chain", "x", "y", "xend", "yend"]]
