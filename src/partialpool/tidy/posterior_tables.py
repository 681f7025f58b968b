"""Tidy tables of draws and estimates: what the figures of a posterior draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import ndimage, stats

if TYPE_CHECKING:
    import xarray as xr

Floats = npt.NDArray[np.float64]

#: Columns of an effects table that label its elements; the finest that is present names it.
LABEL_COLUMNS = ("sgrna", "depmap_id", "hugo_symbol")
#: Draws that a kernel density is smoothed from, in bins of its grid.
_FINE_BINS = 512


@dataclass(frozen=True)
class Rows:
    """Labels that a figure shows, one row each, from top to bottom.

    Attributes
    ----------
    labels : labels in their order
    n_all : how many there were to choose from
    n_first : labels above the gap between the two ends (all of them if nothing was left out)
    """

    labels: tuple[str, ...]
    n_all: int
    n_first: int

    @property
    def is_complete(self) -> bool:
        """Whether nothing was left out."""
        return len(self.labels) == self.n_all

    @cached_property
    def position(self) -> dict[str, float]:
        """Label -> height of its row: 0 for the first, one less for each below, one for a gap."""
        return {
            label: -float(i + (i >= self.n_first and not self.is_complete))
            for i, label in enumerate(self.labels)
        }

    def place(self, labels: pd.Series) -> Floats:
        """Height of the row of each label."""
        return np.asarray(labels.astype(object).map(self.position), dtype="float64")


def choose_ends(values: pd.Series, limit: int, n_shown: int | None = None) -> Rows:
    """Order labels by value; of more than ``limit``, keep the lowest and the highest.

    Parameters
    ----------
    values : a value per label (the index)
    limit : most labels that a figure holds
    n_shown : how many of more to keep (default: ``limit``)
    """
    ordered = [str(label) for label in values.sort_values(kind="stable").index]
    if len(ordered) <= limit:
        return Rows(tuple(ordered), len(ordered), len(ordered))
    shown = n_shown or limit
    n_low, n_high = shown - shown // 2, shown // 2
    return Rows((*ordered[:n_low], *ordered[len(ordered) - n_high :]), len(ordered), n_low)


def choose_top(values: pd.Series, limit: int) -> Rows:
    """Order labels by falling value, and keep the ``limit`` highest."""
    ordered = [str(label) for label in values.sort_values(ascending=False, kind="stable").index]
    shown = tuple(ordered[:limit])
    return Rows(shown, len(ordered), len(shown))


def density(
    values: npt.ArrayLike, grid_size: int = 128, span: tuple[float, float] | None = None
) -> tuple[Floats, Floats]:
    """Gaussian kernel density on a regular grid, from binned values (fast for many).

    Parameters
    ----------
    values : finite numbers
    grid_size : points of the grid
    span : ends of the grid (default: the values' range and three bandwidths beyond)

    Returns
    -------
    the grid and the density at it, per unit of ``values``. The bandwidth is Silverman's
    (0.9 min(sd, IQR / 1.34) n^-1/5).
    """
    x = np.asarray(values, dtype="float64").ravel()
    width = _bandwidth(x)
    low, high = span or (x.min() - 3 * width, x.max() + 3 * width)
    step = (high - low) / _FINE_BINS
    counts = np.histogram(x, bins=_FINE_BINS, range=(low, high))[0]
    smooth = ndimage.gaussian_filter1d(counts / (len(x) * step), width / step, mode="constant")
    grid = np.linspace(low, high, grid_size)
    return grid, np.interp(grid, low + step * (np.arange(_FINE_BINS) + 0.5), smooth)


def _bandwidth(x: Floats) -> float:
    q25, q75 = np.quantile(x, [0.25, 0.75])
    spreads = [s for s in (float(x.std()), float(q75 - q25) / 1.34) if s > 0]
    scale = min(spreads) if spreads else max(abs(float(x[0])), 1.0) * 1e-3
    return 0.9 * scale * len(x) ** -0.2


def population_parameters(posterior: xr.Dataset) -> list[str]:
    """Names of the parameters that are one number each, means before standard deviations."""
    names = [str(name) for name, x in posterior.data_vars.items() if set(x.dims) <= _SAMPLE_DIMS]
    return sorted(names, key=lambda name: (not name.startswith("mu"), names.index(name)))


_SAMPLE_DIMS = {"chain", "draw"}


def trace_table(posterior: xr.Dataset, max_draws: int) -> pd.DataFrame:
    """Draws of the population parameters, evenly thinned to ``max_draws`` of each chain.

    Returns
    -------
    ``parameter`` (ordered categorical), ``chain`` (from 1), ``draw`` (from 1), ``value``.
    """
    n_draws = posterior.sizes["draw"]
    kept = np.unique(np.linspace(0, n_draws - 1, min(max_draws, n_draws)).round().astype(int))
    parts = [
        pd.DataFrame({"parameter": name, "chain": chain + 1, "draw": kept + 1, "value": x[kept]})
        for name in population_parameters(posterior)
        for chain, x in enumerate(_by_chain(posterior[name]))
    ]
    return _ordered(pd.concat(parts, ignore_index=True), "parameter")


def chain_density_table(posterior: xr.Dataset) -> pd.DataFrame:
    """Density of each population parameter in each chain.

    Returns
    -------
    ``parameter``, ``chain`` (from 1), ``value``, ``height``: density as a share of the highest
    of the parameter.
    """
    parts = []
    for name in population_parameters(posterior):
        chains = _by_chain(posterior[name])
        curves = [density(x) for x in chains]
        top = max(float(curve.max()) for _, curve in curves)
        parts += [
            pd.DataFrame({"parameter": name, "chain": i + 1, "value": grid, "height": curve / top})
            for i, (grid, curve) in enumerate(curves)
        ]
    return _ordered(pd.concat(parts, ignore_index=True), "parameter")


def rank_table(posterior: xr.Dataset, n_bins: int, level: float) -> pd.DataFrame:
    """Histogram of each chain's ranks among the draws of all chains.

    Parameters
    ----------
    n_bins : bins of the histogram
    level : probability of the band, for every count on its own

    Returns
    -------
    ``parameter``, ``chain`` (from 1), ``bin`` (from 0), ``share_lower`` and ``share_upper``
    (ends of the bin as shares of all ranks), ``n`` (draws), ``expected``, and
    ``lower`` and ``upper``: where n lies with probability ``level`` if all chains explore the
    same distribution with independent draws (hypergeometric).
    """
    parts = []
    for name in population_parameters(posterior):
        chains = _by_chain(posterior[name])
        ranks = stats.rankdata(chains, method="ordinal", axis=None).reshape(chains.shape) - 1
        bins = ranks * n_bins // chains.size
        for i, chain in enumerate(bins):
            n = np.bincount(chain, minlength=n_bins)
            parts.append(
                pd.DataFrame({"parameter": name, "chain": i + 1, "bin": range(n_bins), "n": n})
            )
    table = _ordered(pd.concat(parts, ignore_index=True), "parameter")
    n_draws, n_all = posterior.sizes["draw"], posterior.sizes["draw"] * posterior.sizes["chain"]
    counts = stats.hypergeom(n_all, round(n_all / n_bins), n_draws)
    lower, upper = counts.interval(level)
    return table.assign(
        share_lower=table["bin"] / n_bins,
        share_upper=(table["bin"] + 1) / n_bins,
        expected=n_draws / n_bins,
        lower=float(lower),
        upper=float(upper),
    )


def energy_table(sample_stats: xr.Dataset) -> pd.DataFrame:
    """Densities of the energy and of its changes from draw to draw, by chain.

    Returns
    -------
    ``kind`` (``marginal``: energy minus its chain's mean; ``transition``: change of energy
    between draws), ``chain`` (from 1), ``energy``, ``density``.
    """
    parts = []
    for i, energy in enumerate(_by_chain(sample_stats["energy"])):
        for kind, x in {"marginal": energy - energy.mean(), "transition": np.diff(energy)}.items():
            grid, curve = density(x)
            parts.append(
                pd.DataFrame({"kind": kind, "chain": i + 1, "energy": grid, "density": curve})
            )
    return pd.concat(parts, ignore_index=True)


def e_bfmi(sample_stats: xr.Dataset) -> Floats:
    """Energy Bayesian fraction of missing information of each chain.

    Betancourt (arXiv 1604.00695): mean squared change of energy over the energy's variance.
    """
    energy = _by_chain(sample_stats["energy"])
    return np.asarray(np.square(np.diff(energy)).mean(axis=1) / energy.var(axis=1))


def effect_rows(effects: pd.DataFrame, effect: str) -> pd.DataFrame:
    """Estimates of one effect, with the ``label`` of each element and whether 0 is outside.

    Returns
    -------
    The rows of ``effect`` with ``label`` (guide, cell line or gene) and ``excludes_zero``
    (the interval lies on one side of 0).
    """
    table = effects[effects["effect"] == effect]
    column = next(name for name in LABEL_COLUMNS if table[name].notna().any())
    outside = (table["hdi_lower"] > 0) | (table["hdi_upper"] < 0)
    return table.assign(label=table[column].astype(str), excludes_zero=outside)


def forest_table(
    effects: pd.DataFrame, effect: str, limit: int, n_shown: int | None = None
) -> tuple[pd.DataFrame, Rows]:
    """Estimates of one effect ordered by their mean, the extremes of more than ``limit``.

    Parameters
    ----------
    limit, n_shown : as in ``choose_ends``

    Returns
    -------
    ``effect_rows`` of the elements shown with ``row`` (height in the figure), and the rows.
    """
    table = effect_rows(effects, effect)
    rows = choose_ends(table.set_index("label")["mean"], limit, n_shown)
    shown = table[table["label"].isin(rows.labels)]
    return shown.assign(row=rows.place(shown["label"])).sort_values("row", ascending=False), rows


def ranked_effects(effects: pd.DataFrame, effect: str, n_named: int) -> pd.DataFrame:
    """Every element of an effect with its ``rank`` (from 1, the lowest mean) and ``name``.

    ``name`` is the label of the ``n_named`` lowest and highest, and empty elsewhere.
    """
    table = effect_rows(effects, effect).sort_values("mean", kind="stable", ignore_index=True)
    rank = np.arange(1, len(table) + 1)
    named = (rank <= n_named) | (rank > len(table) - n_named)
    return table.assign(rank=rank, name=table["label"].where(named, ""))


def population_table(convergence: pd.DataFrame) -> pd.DataFrame:
    """Estimates of the population parameters: ``label``, ``kind`` (mean or sd) and ``row``."""
    single = ~convergence["parameter"].str.contains("[", regex=False)
    table = convergence[single].rename(columns={"parameter": "label"})
    is_mean = table["label"].str.startswith("mu")
    table = table.assign(kind=np.where(is_mean, "means", "standard deviations"))
    table = table.sort_values(["kind", "label"], ignore_index=True)
    return table.assign(row=-np.arange(len(table), dtype="float64"))


def violin_table(draws: xr.DataArray, rows: Rows, width: float = 0.42) -> pd.DataFrame:
    """Outlines of the posterior densities of the elements shown.

    Parameters
    ----------
    draws : (chain, draw, element)
    rows : elements to show
    width : half the height of a violin, in rows

    Returns
    -------
    ``label``, ``value``, ``height`` (of the row plus the density on one side, minus it on the
    other), in the order of the outline. Each violin is scaled to the same height.
    """
    dim = next(str(d) for d in draws.dims if d not in _SAMPLE_DIMS)
    parts = []
    for label in rows.labels:
        grid, curve = density(draws.sel({dim: label}).to_numpy(), grid_size=64)
        half = width * curve / curve.max()
        row = rows.position[label]
        parts.append(
            pd.DataFrame(
                {
                    "label": label,
                    "value": np.concatenate([grid, grid[::-1]]),
                    "height": row + np.concatenate([half, -half[::-1]]),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def guide_rows(guides: pd.DataFrame, rows: Rows, room: float = 0.84) -> pd.DataFrame:
    """Place guides side by side within the row of their gene.

    Parameters
    ----------
    guides : a row per guide, with ``hugo_symbol`` and ``sgrna``
    rows : genes to show
    room : share of a row that its guides take

    Returns
    -------
    The guides of the genes shown with ``guide`` (number within its gene, from 1), ``n_guides``
    of the gene, ``row`` and ``half`` (half the height that the guide has).
    """
    genes = guides["hugo_symbol"].astype(str)
    shown = guides[genes.isin(rows.labels)].assign(hugo_symbol=genes)
    shown = shown.sort_values(["hugo_symbol", "sgrna"], ignore_index=True)
    by_gene = shown.groupby("hugo_symbol")["sgrna"]
    number, n = by_gene.cumcount() + 1, by_gene.transform("size")
    offset = room * ((n + 1) / 2 - number) / n
    return shown.assign(
        guide=number,
        n_guides=n,
        row=rows.place(shown["hugo_symbol"]) + offset,
        half=0.42 * room / n,
    )


def guide_effect_table(effects: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    """Estimates of the guides of the genes shown, placed within the rows of their genes."""
    return guide_rows(effects[effects["effect"] == "sgrna_effect"], rows)


def recovery_panels(recovery: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Estimates beside the truth with a ``panel`` each that tells the share inside.

    Parameters
    ----------
    names : effect -> what a figure calls it, in the order of the panels

    Returns
    -------
    ``recovery`` with ``panel`` (ordered categorical, such as ``Gene effects``, and on the next
    line ``23 of 26 inside``).
    """
    counts = recovery.groupby("effect", sort=False)["is_inside"].agg(["sum", "size"])
    order = [name for name in names if name in counts.index]
    order += [str(name) for name in counts.index if name not in names]
    share = counts["sum"].astype(str) + " of " + counts["size"].astype(str) + " inside"
    titles = {effect: f"{names.get(effect, effect)}\n{share[effect]!s}" for effect in order}
    panel = pd.Categorical(recovery["effect"].map(titles), list(titles.values()), ordered=True)
    return recovery.assign(panel=panel)


#: What a verdict reports -> its threshold's name, and on which side of it a fit passes.
DIAGNOSTICS: Mapping[str, tuple[str, Literal["below", "above"]]] = {
    "max_r_hat": ("max_r_hat", "below"),
    "min_ess_bulk": ("min_ess_bulk", "above"),
    "min_ess_tail": ("min_ess_tail", "above"),
    "min_e_bfmi": ("min_e_bfmi", "above"),
    "divergences": ("max_divergences", "below"),
    "treedepth_hits": ("max_treedepth_hits", "below"),
}


def verdict_table(verdicts: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Diagnostics of every fit beside their thresholds.

    Parameters
    ----------
    verdicts : fit -> record, as ``inference.convergence.verdict`` makes it

    Returns
    -------
    ``model``, ``diagnostic``, ``value``, ``threshold``, ``passed`` (this diagnostic),
    ``passed_all`` (the verdict of the fit).
    """
    parts = []
    for model, record in verdicts.items():
        for diagnostic, (limit, side) in DIAGNOSTICS.items():
            found, threshold = record[diagnostic], record["thresholds"][limit]
            value = np.nan if found is None else found
            passed = value <= threshold if side == "below" else value >= threshold
            parts.append((model, diagnostic, float(value), float(threshold), bool(passed)))
    columns = ["model", "diagnostic", "value", "threshold", "passed"]
    table = pd.DataFrame(parts, columns=columns)
    verdict = {model: bool(record["passed"]) for model, record in verdicts.items()}
    return table.assign(passed_all=table["model"].map(verdict))


def _by_chain(values: xr.DataArray) -> Floats:
    return values.transpose("chain", "draw").to_numpy().astype("float64")


def _ordered(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Make a column an ordered categorical, in order of appearance."""
    labels: Sequence[Any] = table[column].unique().tolist()
    return table.assign(**{column: pd.Categorical(table[column], labels, ordered=True)})
