"""Is each sequence good enough? Answered from its counts, before any log fold change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from partialpool.errors import Problem, ScreenError, shorten
from partialpool.preparation.counts.counted import CountedScreen
from partialpool.preparation.counts.fold_changes import BLOCK, Floats, mean_of, median_of
from partialpool.preparation.counts.settings import FoldChangeSettings, SequenceQcSettings

PASS, CHECK, FAIL = "pass", "check", "fail"
#: Worst first.
VERDICTS = (FAIL, CHECK, PASS)
COLUMNS = (
    *("sequence", "replicate_id", "depmap_id", "pdna_batch", "is_pdna", "verdict", "reasons"),
    *("total_reads", "n_guides", "reads_per_guide", "zero_guides", "zero_share", "gini"),
    *("pdna_correlation", "passes_qc"),
)


def sequence_qc(screen: CountedScreen, settings: FoldChangeSettings) -> pd.DataFrame:
    """Measure the quality of each sequence.

    Parameters
    ----------
    screen
        Counts with their labels.
    settings
        The scale and pseudocount of logarithms, and the thresholds.

    Returns
    -------
    pandas.DataFrame
        One row per sequence: ``sequence``, ``replicate_id``, ``depmap_id``, ``pdna_batch``,
        ``is_pdna``, ``verdict`` (``pass``, ``check``, ``fail``), ``reasons``, ``total_reads``,
        ``n_guides`` (guides with a count), ``reads_per_guide`` (their mean), ``zero_guides`` and
        ``zero_share`` (guides without a read, among those that the pDNA contains), ``gini``,
        ``pdna_correlation`` (Pearson correlation of log2 counts with the pDNA of the batch;
        missing for the only pDNA of a batch), ``passes_qc`` (the flag of the sample sheet).
    """
    pools = _pools(screen, settings)
    measured: dict[str, list[npt.NDArray[Any]]] = {}
    for first in range(0, len(screen.sequences), BLOCK):
        rows = screen.sequences.iloc[first : first + BLOCK]
        found = _measure(screen, rows, pools, settings)
        for name, values in found.items():
            measured.setdefault(name, []).append(values)
    columns = {name: np.concatenate(values) for name, values in measured.items()}
    table = screen.sequences.assign(**columns)
    twins = _copies(screen)
    reasons = [list(_faults(row, settings.qc, twins)) for row in table.to_dict("records")]
    verdict = [
        min((kind for kind, _ in said), key=VERDICTS.index, default=PASS) for said in reasons
    ]
    text = ["; ".join(reason for _, reason in said) for said in reasons]
    judged = table.assign(
        verdict=pd.Series(verdict, dtype="str"), reasons=pd.Series(text, dtype="str")
    )
    return judged[list(COLUMNS)]


def with_verdicts(screen: CountedScreen, qc: pd.DataFrame) -> CountedScreen:
    """Set ``passes_qc`` of sequences: the flag of the sample sheet, and no failed verdict.

    Raises
    ------
    ScreenError
        If all sequences of the pDNA of a batch fail. The message has the reasons.
    """
    failed = set(qc.loc[qc["verdict"] == FAIL, "sequence"])
    flag = screen.sequences["passes_qc"].fillna(True)
    passes = flag & ~screen.sequences["sequence"].isin(failed)
    used = qc["pdna_batch"].isin(set(screen.replicates["pdna_batch"]))
    _require_pdna(qc.assign(passes=passes)[qc["is_pdna"] & used])
    return replace(screen, sequences=screen.sequences.assign(passes_qc=passes.astype("boolean")))


def _require_pdna(pdna: pd.DataFrame) -> None:
    for batch, rows in pdna.groupby("pdna_batch", sort=False):
        if not rows["passes"].any():
            flags = np.where(rows["passes_qc"].fillna(True), "", "its QC flag is false")
            why = zip(rows["sequence"], rows["reasons"], flags, strict=True)
            shown = [f"{name} ({'; '.join(filter(None, said))})" for name, *said in why]
            raise ScreenError.of(
                Problem(
                    expected=f"a sequence of the pDNA of batch {batch} that passes QC.",
                    got=f"{shorten(shown)}.",
                    fix="give another sequence of the pDNA, leave out the batch, or change the "
                    "thresholds (counts.qc).",
                )
            )


def _pools(screen: CountedScreen, settings: FoldChangeSettings) -> dict[str, Floats]:
    """Batch -> (S, sequences of its pDNA) counts, scaled to the same mean."""
    pdna = screen.sequences[screen.sequences["is_pdna"]]
    pools = {}
    for batch, rows in pdna.groupby("pdna_batch", sort=False):
        counts = screen.block(rows.index.to_numpy())
        with np.errstate(divide="ignore", invalid="ignore"):
            pools[str(batch)] = counts * settings.scale / mean_of(counts, 0)
    return pools


def _measure(
    screen: CountedScreen,
    rows: pd.DataFrame,
    pools: Mapping[str, Floats],
    settings: FoldChangeSettings,
) -> dict[str, npt.NDArray[Any]]:
    counts = screen.block(slice(rows.index[0], rows.index[-1] + 1))
    known = ~np.isnan(counts)
    total = np.nansum(counts, axis=0)
    number = known.sum(axis=0)
    mean = mean_of(counts, 0)
    zeros, share, correlation = (np.full(len(rows), np.nan) for _ in range(3))
    for batch, positions in rows.reset_index(drop=True).groupby("pdna_batch").groups.items():
        if str(batch) not in pools:
            continue
        at = np.asarray(positions)
        pool = median_of(pools[str(batch)], 1)
        least = max(settings.min_pdna * settings.scale, np.finfo(float).tiny)
        contained = (pool >= least)[:, None] & known[:, at]
        zeros[at] = ((counts[:, at] == 0) & contained).sum(axis=0)
        share[at] = zeros[at] / np.maximum(contained.sum(axis=0), 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = counts[:, at] * settings.scale / mean[at]
        correlation[at] = _correlation(
            np.log2(scaled + settings.pseudocount), np.log2(pool + settings.pseudocount)
        )
        if pools[str(batch)].shape[1] == 1:
            correlation[at[rows["is_pdna"].to_numpy()[at]]] = np.nan
    return {
        "total_reads": total.astype(np.int64),
        "n_guides": number,
        "reads_per_guide": mean,
        "zero_guides": zeros,
        "zero_share": share,
        "gini": gini(counts),
        "pdna_correlation": correlation,
    }


def gini(counts: Floats) -> Floats:
    """Gini coefficient of each column: 0 if all counts are equal, near 1 if one guide has all.

    Parameters
    ----------
    counts
        (S, q) counts, NaN where there is none.

    Returns
    -------
    Floats
        (q,) coefficients, NaN for a column without reads.
    """
    ordered = np.sort(counts, axis=0)  # NaN last
    number = (~np.isnan(ordered)).sum(axis=0)
    rank = np.arange(1, len(ordered) + 1)[:, None]
    weighted = np.nansum((2 * rank - number - 1) * ordered, axis=0)
    size = number * np.nansum(ordered, axis=0)
    shares: Floats = np.divide(weighted, size, out=np.full(len(size), np.nan), where=size > 0)
    return shares


def _correlation(values: Floats, reference: Floats) -> Floats:
    """Pearson correlation of each column with a reference, over the rows that both have."""
    both = ~np.isnan(values) & ~np.isnan(reference)[:, None]
    x = np.where(both, values, np.nan)
    y = np.where(both, reference[:, None], np.nan)
    x, y = x - mean_of(x, 0), y - mean_of(y, 0)
    size = np.sqrt(np.nansum(x**2, axis=0) * np.nansum(y**2, axis=0))
    total = np.nansum(x * y, axis=0)
    found: Floats = np.divide(total, size, out=np.full(len(size), np.nan), where=size > 0)
    return found


def _copies(screen: CountedScreen) -> dict[str, str]:
    """Sequence -> an earlier one with the same counts of all guides."""
    first: dict[bytes, str] = {}
    found = {}
    for position, name in enumerate(screen.sequences["sequence"]):
        counts = np.ascontiguousarray(screen.counts[:, position])
        if (counts > 0).any():
            twin = first.setdefault(hashlib.sha256(counts.tobytes()).digest(), name)
            if twin != name:
                found[name] = twin
    return found


def _faults(
    row: Mapping[Any, Any], limits: SequenceQcSettings, twins: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Reasons against a sequence, each with its verdict. A missing value is no reason."""
    reads = 0.0 if np.isnan(row["reads_per_guide"]) else row["reads_per_guide"]
    if reads < limits.min_reads_per_guide:
        yield FAIL, f"{reads:.1f} reads per guide, below {limits.min_reads_per_guide:g}"
    elif reads < limits.pass_reads_per_guide:
        yield CHECK, f"{reads:.1f} reads per guide, below {limits.pass_reads_per_guide:g}"
    if row["zero_share"] > limits.max_zeros:
        yield (
            CHECK,
            f"{row['zero_share']:.1%} of guides without a read, above {limits.max_zeros:.1%}",
        )
    if row["gini"] > limits.max_gini:
        yield CHECK, f"Gini coefficient {row['gini']:.2f}, above {limits.max_gini:g}"
    if row["pdna_correlation"] < limits.min_correlation:
        shown = f"{row['pdna_correlation']:.2f}, below {limits.min_correlation:g}"
        yield FAIL, f"correlation with the pDNA {shown}"
    if row["sequence"] in twins:
        yield CHECK, f"the same counts as {twins[row['sequence']]}"
