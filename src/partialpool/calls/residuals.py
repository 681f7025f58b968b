"""What the fit says of single guides and measurements, from its tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from partialpool.models.guide_matrix import GuideMatrix
from partialpool.screen import Floats


def guide_means(matrix: GuideMatrix, lines: pd.DataFrame, replicates: pd.DataFrame) -> Floats:
    """Mean effect of each guide over lines, in the log fold change of a line with lambda = 1.

    Parameters
    ----------
    matrix
        The screen.
    lines, replicates
        ``DependencyFit.lines`` and ``DependencyFit.replicates``.

    Returns
    -------
    Floats
        (S,) least-squares slope of lfc - level on lambda, weighted by precision. NaN without
        measurements.
    """
    strength, noise, level = _scales(matrix, lines, replicates)
    return _slopes(matrix.lfc - level, strength, noise)


def share_near_fit(
    matrix: GuideMatrix,
    effects: pd.DataFrame,
    lines: pd.DataFrame,
    replicates: pd.DataFrame,
    inside: float,
) -> Floats:
    """Share of each gene's measurements that are near the fit.

    Parameters
    ----------
    matrix
        The screen.
    effects, lines, replicates
        Tables of the ``DependencyFit``.
    inside
        Share of all measurements of the screen that counts as near.

    Returns
    -------
    Floats
        (G,) shares; NaN without measurements.

    Notes
    -----
    A measurement is predicted by the level of its replicate, the mean of its guide and the gene's
    deviation in the line, at posterior means. Its error is divided by the noise of replicate and
    line. Near are the smallest of these errors, so the share says how a gene compares with the
    others, not whether the intervals of the model hold.
    """
    strength, noise, level = _scales(matrix, lines, replicates)
    wide = effects.pivot_table("mean", "hugo_symbol", "depmap_id", observed=True)
    effect = wide.reindex(index=list(matrix.genes), columns=list(matrix.cell_lines)).to_numpy()
    deviation = (effect - effect.mean(axis=1, keepdims=True))[matrix.gene_of_sgrna]
    deviation = deviation[:, matrix.cell_line_of_replicate] * strength
    data = matrix.lfc - level
    # The unit of the effects may be the distance of the control genes: find it in log fold change.
    unit = _unit(data, deviation, strength, noise)
    data = data - unit * deviation
    error = np.abs(data - strength * _slopes(data, strength, noise)[:, None]) / noise
    seen = ~np.isnan(error)
    near = seen & (error <= np.quantile(error[seen], inside))
    n_genes = len(matrix.genes)
    total = np.bincount(matrix.gene_of_sgrna, seen.sum(axis=1), n_genes)
    count = np.bincount(matrix.gene_of_sgrna, near.sum(axis=1), n_genes)
    return np.asarray(np.divide(count, total, out=np.full(n_genes, np.nan), where=total > 0))


def _scales(
    matrix: GuideMatrix, lines: pd.DataFrame, replicates: pd.DataFrame
) -> tuple[Floats, Floats, Floats]:
    """(R,) lambda, sd of a measurement, level."""
    by_line = lines.set_index("depmap_id").loc[list(matrix.cell_lines)]
    by_replicate = replicates.set_index("replicate_id").loc[list(matrix.replicates)]
    strength = by_line["lambda"].to_numpy()[matrix.cell_line_of_replicate]
    omega = by_line["omega"].to_numpy()[matrix.cell_line_of_replicate]
    noise = np.hypot(omega, by_replicate["sigma"].to_numpy())
    return strength, noise, by_replicate["level"].to_numpy()


def _slopes(data: Floats, strength: Floats, noise: Floats) -> Floats:
    """(S,) weighted slope of each guide's data on lambda."""
    seen = ~np.isnan(data)
    above = np.where(seen, data, 0) @ (strength / noise**2)
    below = seen @ (strength / noise) ** 2
    return np.asarray(np.divide(above, below, out=np.full(len(data), np.nan), where=below > 0))


def _unit(data: Floats, deviation: Floats, strength: Floats, noise: Floats) -> float:
    """Log fold change of one unit of effect: slope on the deviations, within guides."""
    x = np.where(np.isnan(data), np.nan, deviation)
    x = x - strength * _slopes(x, strength, noise)[:, None]
    below = np.nansum((x / noise) ** 2)
    return float(np.nansum(x * data / noise**2) / below) if below > 0 else 0.0
