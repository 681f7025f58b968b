"""Parameters whose chains are shown: population parameters, and effects that converged worst."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd
import plotnine as p9

from partialpool.figures.parts.draws import SAMPLE_DIMS, element

if TYPE_CHECKING:
    import xarray as xr

#: No additional effects.
NONE: Mapping[str, str] = MappingProxyType({})
#: The caption of the additional effects.
WORST = "The effects with the largest R-hat and the smallest bulk ESS are shown too. "
SEGMENT = p9.aes(x="x", y="y", xend="xend", yend="yend", color="factor(chain)")


def population_parameters(posterior: xr.Dataset) -> list[str]:
    """List the parameters that are single numbers: means, then standard deviations, then effects.

    The effects, such as ``mutation_effect[KRAS]``, are added by ``with_worst_elements``.
    """
    names = [str(name) for name, x in posterior.data_vars.items() if set(x.dims) <= SAMPLE_DIMS]
    return sorted(names, key=lambda name: ("[" in name, not name.startswith("mu")))


def with_worst_elements(
    posterior: xr.Dataset, convergence: pd.DataFrame, n: int
) -> tuple[xr.Dataset, dict[str, str]]:
    """Add the elements of effects that converged worst as parameters of their own.

    Half of them have the largest R-hat, the others the smallest bulk ESS.

    Parameters
    ----------
    posterior
        Draws by name, with dims ``chain`` and ``draw``.
    convergence
        ``parameter``, such as ``gene_effect[KRAS]``, ``r_hat``, ``ess_bulk``.
    n
        The maximum number of elements to add.

    Returns
    -------
    tuple[xr.Dataset, dict[str, str]]
        The draws, and the added parameters -> their diagnostics in words.
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
    """Turn a column into an ordered categorical, in order of appearance."""
    labels: list[Any] = table[column].unique().tolist()
    return table.assign(**{column: pd.Categorical(table[column], labels, ordered=True)})


def shown_parameters(worst: Mapping[str, str]) -> str:
    """Say which parameters are shown."""
    population = "the population parameters"
    return f"{population} and of the worst effects" if worst else population


def labels(worst: Mapping[str, str]) -> Any:
    """Make the titles of panels: the parameter and, for effects, the diagnostics."""

    def label(parameter: str) -> str:
        return f"{parameter}\n{worst[parameter]}" if parameter in worst else parameter

    return label


def segments(table: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """Split the lines of each parameter and chain into segments, which are drawn together."""
    lines = table.groupby(["parameter", "chain"], observed=True, sort=False)
    ends = table.assign(x=table[x], y=table[y], xend=lines[x].shift(-1), yend=lines[y].shift(-1))
    return ends.dropna(subset=["xend"])[["parameter", "chain", "x", "y", "xend", "yend"]]
