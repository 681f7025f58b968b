"""Log fold changes from counts, with the noise that counting itself adds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from partialpool.errors import Problem, ScreenError, shorten
from partialpool.preparation.counts.counted import CountedScreen
from partialpool.preparation.counts.settings import FoldChangeSettings

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Normalisation = Literal["nonessential", "median_of_ratios", "total"]
Centring = Literal["nonessential", "all", "none"]

LN_2 = float(np.log(2))
#: Added to a count where its variance is estimated: a count of 0 is not known without error.
CONTINUITY = 0.5
#: Replicates that are computed at once.
BLOCK = 64


class Block(NamedTuple):
    """Log fold changes of some replicates.

    Attributes
    ----------
    replicates
        Their positions.
    lfc
        (S, r) log2 fold changes, NaN where there is none.
    count_sd
        (S, r) standard deviation of ``lfc`` that counting the reads of the replicate adds.
    """

    replicates: slice
    lfc: Floats
    count_sd: Floats


@dataclass(frozen=True, eq=False)
class Reference:
    """The pDNA of each batch.

    Attributes
    ----------
    batches
        Names of the batches.
    log2
        (S, B) log2 of the normalised count plus the pseudocount: the median over the sequences of
        the pDNA. NaN if a guide is left out of the batch.
    normalised
        (S, B) the same before the logarithm.
    too_few
        (B,) number of guides that are left out because of few or no reads in the pDNA.
    sequences
        Names of the sequences of each batch that were used.
    """

    batches: tuple[str, ...]
    log2: Floats
    normalised: Floats
    too_few: npt.NDArray[np.intp]
    sequences: dict[str, list[str]]


@dataclass(frozen=True, eq=False)
class FoldChanges:
    """Log fold changes of a screen, computed a few replicates at a time.

    Attributes
    ----------
    screen
        Counts with their labels.
    settings
        How they are computed.
    nonessential
        Nonessential genes; may be empty.
    """

    screen: CountedScreen
    settings: FoldChangeSettings
    nonessential: Sequence[str] = ()

    @cached_property
    def is_nonessential(self) -> Bools:
        """Whether each guide is of a nonessential gene."""
        return self.screen.is_of(self.nonessential)

    @cached_property
    def normalisation(self) -> Normalisation:
        """The normalisation that is used."""
        asked = self.settings.normalisation
        if asked == "auto":
            return "nonessential" if self._has_controls else "median_of_ratios"
        if asked == "nonessential":
            self._require_controls("counts.normalisation", "median_of_ratios or total")
        return asked

    @cached_property
    def centring(self) -> Centring:
        """The guides whose median is 0."""
        asked = self.settings.centring
        if asked == "auto":
            return "nonessential" if self._has_controls else "all"
        if asked == "nonessential":
            self._require_controls("counts.centring", "all or none")
        return asked

    @cached_property
    def replicates(self) -> pd.DataFrame:
        """One row per replicate."""
        return self.screen.replicates

    @cached_property
    def reference(self) -> Reference:
        """The pDNA of each batch."""
        return pdna_reference(self)

    def blocks(self, size: int = BLOCK) -> Iterator[Block]:
        """Compute the log fold changes of ``size`` replicates at a time, in order."""
        names = self.screen.sequences.loc[~self.screen.sequences["is_pdna"], "replicate_id"]
        starts = np.append(np.flatnonzero(~names.duplicated()), len(names))
        batch = pd.Index(self.reference.batches).get_indexer(
            pd.Index(self.replicates["pdna_batch"])
        )
        for first in range(0, len(starts) - 1, size):
            last = min(first + size, len(starts) - 1)
            counts = self.screen.block(slice(starts[first], starts[last]))
            if starts[last] - starts[first] > last - first:  # several sequences of a replicate
                counts = np.add.reduceat(counts, starts[first:last] - starts[first], axis=1)
            yield Block(slice(first, last), *self._of(counts, batch[first:last]))

    def _of(self, counts: Floats, batch: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
        ratio = self._ratio(counts, batch)
        ratio = np.where(np.isfinite(ratio), ratio, np.nan)  # nothing is known without reads
        plus = counts * ratio + self.settings.pseudocount
        lfc = np.log2(plus) - self.reference.log2[:, batch]
        lfc -= self._centre(lfc)
        count_sd = ratio / (plus * LN_2) * np.sqrt(counts + CONTINUITY)
        count_sd[np.isnan(lfc)] = np.nan
        return lfc, count_sd

    def _ratio(self, counts: Floats, batch: npt.NDArray[np.intp]) -> Floats:
        """What each replicate's counts are multiplied by; not finite if it has no reads."""
        scale = self.settings.scale
        with np.errstate(divide="ignore", invalid="ignore"):
            match self.normalisation:
                case "nonessential":
                    return scale / self.average(counts[self.is_nonessential])
                case "total":
                    return scale / mean_of(counts, 0)
                case "median_of_ratios":
                    kept = ~np.isnan(self.reference.log2) & (self.reference.normalised > 0)
                    pool = np.where(kept, self.reference.normalised, np.nan)
                    ratios = counts / pool[:, batch]
                    return 1 / median_of(ratios, 0)

    def average(self, counts: Floats) -> Floats:
        """The average of nonessential guides in each column."""
        is_mean = self.settings.nonessential_average == "mean"
        return mean_of(counts, 0) if is_mean else median_of(counts, 0)

    def _centre(self, lfc: Floats) -> Floats | float:
        if self.centring == "none":
            return 0.0
        rows = self.is_nonessential if self.centring == "nonessential" else slice(None)
        return median_of(lfc[rows], 0)

    @property
    def _has_controls(self) -> bool:
        return int(self.is_nonessential.sum()) >= self.settings.min_nonessential

    def _require_controls(self, parameter: str, others: str) -> None:
        found = int(self.is_nonessential.sum())
        if not found:
            problem = Problem(
                expected=f"guides of nonessential genes, because {parameter} is nonessential.",
                got=f"none: {len(self.nonessential)} genes in the list "
                f"({shorten(list(self.nonessential))}), "
                f"{self.screen.guides['hugo_symbol'].nunique()} genes in the screen.",
                fix=f"give nonessential_path, or set {parameter} to {others}.",
            )
            raise ScreenError.of(problem)


def pdna_reference(changes: FoldChanges) -> Reference:
    """Combine the sequences of the pDNA of each batch that pass QC; see ``with_verdicts``.

    Raises
    ------
    ScreenError
        If no guide of a batch has enough reads.
    """
    screen = changes.screen
    sequences = screen.sequences[screen.sequences["is_pdna"]]
    usable = sequences["passes_qc"].fillna(True).astype(bool)
    batches = tuple(screen.replicates["pdna_batch"].drop_duplicates())
    columns, used = [], {}
    for batch in batches:
        chosen = sequences[(sequences["pdna_batch"] == batch) & usable]
        used[batch] = list(chosen["sequence"])
        columns.append(_one_batch(changes, screen.block(chosen.index.to_numpy()), batch))
    log2, normalised, too_few = zip(*columns, strict=True)
    return Reference(
        batches,
        np.column_stack(log2),
        np.column_stack(normalised),
        np.array(too_few, dtype=np.intp),
        used,
    )


def _one_batch(changes: FoldChanges, counts: Floats, batch: str) -> tuple[Floats, Floats, int]:
    settings, p = changes.settings, changes.settings.pseudocount
    nonessential = changes.normalisation == "nonessential"
    means = changes.average(counts[changes.is_nonessential]) if nonessential else None
    with np.errstate(divide="ignore"):
        ratio = settings.scale / (mean_of(counts, 0) if means is None else means)
    if not np.isfinite(ratio).all():
        raise ScreenError.of(
            Problem(
                expected=f"reads in the pDNA of batch {batch}.",
                got="a sequence without any read of the guides that counts are normalised by.",
                fix="give another sequence of the pDNA, or set counts.normalisation to total.",
            )
        )
    each = counts * ratio
    normalised = median_of(each, 1)
    pool = median_of(counts / mean_of(counts, 0), 1)
    kept = pool >= settings.min_pdna  # False if there is no count
    if not kept.any():
        raise ScreenError.of(
            Problem(
                expected=f"guides with enough reads in the pDNA of batch {batch}.",
                got=f"none with {settings.min_pdna:g} times the mean count or more.",
                fix="correct the sample sheet, or set counts.min_pdna to a smaller number.",
            )
        )
    log2 = np.where(kept, np.log2(normalised + p), np.nan)
    return log2, normalised, int((~kept).sum())


def mean_of(values: Floats, axis: int) -> Floats:
    """Mean of the numbers of each column (axis 0) or row (axis 1); NaN if there is none."""
    known = ~np.isnan(values)
    number = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def median_of(values: Floats, axis: int) -> Floats:
    """Median of the numbers of each column (axis 0) or row (axis 1); NaN if there is none."""
    missing = np.isnan(values)
    if not missing.any():
        return np.asarray(np.median(values, axis=axis), dtype=float)
    some: Bools = ~np.all(missing, axis=axis)
    result = np.full(len(some), np.nan)
    if some.any():
        chosen = values[:, some] if axis == 0 else values[some]
        result[some] = np.nanmedian(chosen, axis=axis)
    return result
