"""Can the results of a gene be trusted here?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from partialpool.calls.call_settings import TrustSettings
from partialpool.calls.residuals import guide_means, share_near_fit
from partialpool.models.guide_matrix import GuideMatrix
from partialpool.screen import Floats

#: A typical spread of guides is estimated from at least this many genes of similar effect.
_GENES_PER_GROUP = 25
_GROUPS = 10


def gene_trust(
    matrix: GuideMatrix,
    effects: pd.DataFrame,
    lines: pd.DataFrame,
    replicates: pd.DataFrame,
    settings: TrustSettings,
    table: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """List for each gene what speaks against its results.

    Parameters
    ----------
    matrix
        The screen that was fitted.
    effects, lines, replicates
        Tables of the ``DependencyFit``.
    settings
        Thresholds.
    table
        The modelling table, for copy numbers (``gene_cn``).

    Returns
    -------
    pandas.DataFrame
        One row per gene: ``hugo_symbol``, ``trust`` (``yes`` or ``check``), ``reasons``,
        ``n_sgrna``, ``replicates_per_line`` (with measurements of the gene), ``n_lines``,
        ``missing`` (share of guide x replicate), ``guide_sd`` (spread of the means of its guides),
        ``guide_sd_expected`` (root of the variance that is typical of genes with an effect of
        similar size), ``p_guide_sd`` (probability of at least such a spread for a typical gene;
        missing with one guide), ``odd_sgrna`` (the guide farthest from the others, if guides
        disagree and there are three or more), ``copies_lower``, ``copies_upper`` (range of
        ``gene_cn`` over lines), ``n_lines_amplified`` (above ``max_copies``) and ``coverage``
        (share of its measurements near the fit; of all measurements it is ``inside``).
    """
    means = guide_means(matrix, lines, replicates)
    found = pd.DataFrame({"hugo_symbol": list(matrix.genes)})
    found = found.join(_counts(matrix)).join(_spread(matrix, means, settings))
    found = found.join(_copies(table, matrix.genes, settings))
    found["coverage"] = share_near_fit(matrix, effects, lines, replicates, settings.inside)
    reasons = ["; ".join(_reasons(row, settings)) for row in found.to_dict("records")]
    found.insert(1, "trust", pd.Series(np.where(reasons, "check", "yes"), dtype="str"))
    found.insert(2, "reasons", pd.Series(reasons, dtype="str"))
    return found


def typical_variance(spread: Floats, size: Floats, df: Floats) -> Floats:
    """Variance of guides that is typical of genes with effects of similar size.

    Parameters
    ----------
    spread
        (G,) variance of the means of each gene's guides; NaN with one guide.
    size
        (G,) size of the effects.
    df
        (G,) number of guides minus 1.

    Returns
    -------
    Floats
        (G,) median over the gene's group, each variance divided by the median of chi-squared / df.
        Groups are up to 10 equal parts of the genes by size, with 25 genes or more.

    Notes
    -----
    A median, so that genes with disagreeing guides do not raise it.
    """
    usable = ~np.isnan(spread)
    n_groups = int(np.clip(usable.sum() // _GENES_PER_GROUP, 1, _GROUPS))
    if not usable.any():
        return np.full(len(spread), np.nan)
    edges = np.quantile(size[usable], np.arange(1, n_groups) / n_groups)
    group = np.searchsorted(edges, size, side="right")
    standard = spread / (stats.chi2.median(np.maximum(df, 1)) / np.maximum(df, 1))
    typical = pd.Series(standard).groupby(group).median()
    return np.asarray(typical.reindex(group), dtype=float)


def _counts(matrix: GuideMatrix) -> pd.DataFrame:
    seen, n_genes = ~np.isnan(matrix.lfc), len(matrix.genes)
    per_gene = np.zeros((n_genes, seen.shape[1]), dtype=np.intp)
    np.add.at(per_gene, matrix.gene_of_sgrna, seen)
    n_sgrna = np.bincount(matrix.gene_of_sgrna, minlength=n_genes)
    measured = (matrix.n_measured > 0).sum(axis=1)
    return pd.DataFrame(
        {
            "n_sgrna": n_sgrna,
            "replicates_per_line": (per_gene > 0).sum(axis=1) / np.maximum(measured, 1),
            "n_lines": measured,
            "missing": 1 - per_gene.sum(axis=1) / (n_sgrna * seen.shape[1]),
        }
    )


def _spread(matrix: GuideMatrix, means: Floats, settings: TrustSettings) -> pd.DataFrame:
    by_gene = pd.Series(means).groupby(matrix.gene_of_sgrna)
    variance, size = (np.asarray(x, dtype=float) for x in (by_gene.var(), by_gene.mean().abs()))
    df = np.asarray(by_gene.count() - 1, dtype=float)
    expected = typical_variance(variance, size, df)
    ratio = np.divide(variance, expected, out=np.full(len(df), np.nan), where=expected > 0)
    p = stats.chi2.sf(df * ratio, np.maximum(df, 1))
    distance = pd.Series(np.abs(means - by_gene.transform("median")))
    distance = distance.groupby(matrix.gene_of_sgrna).idxmax()
    farthest = np.array(matrix.sgrnas, dtype=object)[distance.to_numpy()]
    odd = np.where((p < settings.guide_p) & (df >= 2), farthest, "")
    return pd.DataFrame(
        {
            "guide_sd": np.sqrt(variance),
            "guide_sd_expected": np.sqrt(expected),
            "p_guide_sd": p,
            "odd_sgrna": pd.Series(odd, dtype="str"),
        }
    )


def _copies(
    table: pd.DataFrame | None, genes: tuple[str, ...], settings: TrustSettings
) -> pd.DataFrame:
    """Range of copy numbers over lines; missing without ``gene_cn``."""
    columns = ["copies_lower", "copies_upper", "n_lines_amplified"]
    if table is None or "gene_cn" not in table:
        return pd.DataFrame(np.nan, index=range(len(genes)), columns=columns)
    copies = table.pivot_table("gene_cn", "hugo_symbol", "depmap_id", "mean", observed=True)
    copies = copies.reindex(list(genes))
    amplified = (copies > settings.max_copies).sum(axis=1)
    found = pd.concat([copies.min(axis=1), copies.max(axis=1), amplified], axis=1)
    return found.set_axis(columns, axis=1).reset_index(drop=True)


def _reasons(row: Mapping[Any, Any], settings: TrustSettings) -> Iterator[str]:
    """What speaks against a gene. A missing value is no reason."""
    if row["n_sgrna"] < settings.min_sgrnas:
        yield f"{row['n_sgrna']} guide{'s' if row['n_sgrna'] != 1 else ''}"
    if row["replicates_per_line"] < settings.min_replicates:
        yield f"{row['replicates_per_line']:.1f} replicates per line"
    if row["missing"] > settings.max_missing:
        yield f"{row['missing']:.0%} of measurements missing"
    if row["p_guide_sd"] < settings.guide_p:
        odd = f", most of all {row['odd_sgrna']}" if row["odd_sgrna"] else ""
        spread = f"sd {row['guide_sd']:.2f}, expected {row['guide_sd_expected']:.2f}"
        yield f"guides disagree ({spread}{odd})"
    if row["copies_upper"] > settings.max_copies:
        n = row["n_lines_amplified"]
        yield f"up to {row['copies_upper']:.1f} copies ({n:.0f} amplified line{'s' * (n != 1)})"
    if row["coverage"] < settings.inside - settings.coverage_tolerance:
        shares = f"{row['coverage']:.0%} of measurements near it, {settings.inside:.0%} expected"
        yield f"poor fit: {shares}"
