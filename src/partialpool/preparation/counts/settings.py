"""Settings of the road from counts to log fold changes."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from partialpool.parameters import Parameters

#: From 0 to 1.
Share = Annotated[float, Field(ge=0, le=1)]


class SequenceQcSettings(Parameters):
    """When a sequence fails, before any log fold change is computed.

    Attributes
    ----------
    min_reads_per_guide
        With fewer reads per guide, a sequence fails and its replicate is left out. DepMap uses 25.
    pass_reads_per_guide
        With fewer reads per guide, a sequence is kept but marked ``check``. DepMap uses 185.
    max_zeros
        With a larger share of guides without any read, among the guides that the pDNA contains, a
        sequence is marked ``check``.
    max_gini
        With a larger Gini coefficient of the counts, a sequence is marked ``check``. It is 0 if all
        guides have the same count.
    min_correlation
        With a smaller correlation of log counts with the pDNA of the batch, a sequence fails. It
        may be of another library or batch.
    """

    min_reads_per_guide: NonNegativeFloat
    pass_reads_per_guide: NonNegativeFloat
    max_zeros: Share
    max_gini: Share
    min_correlation: Annotated[float, Field(ge=-1, le=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_reads_per_guide > self.pass_reads_per_guide:
            raise ValueError("pass_reads_per_guide must be min_reads_per_guide or more")
        return self


class FoldChangeSettings(Parameters):
    """How counts become log fold changes.

    Attributes
    ----------
    normalisation
        What makes sequences comparable: ``nonessential`` (the guides of nonessential genes have the
        same mean count in every sequence), ``median_of_ratios`` (the median ratio to the pDNA of
        the batch is 1), ``total`` (all guides have the same mean count). ``auto`` is
        ``nonessential`` if there is a list of nonessential genes, else ``median_of_ratios``.
    nonessential_average
        The average that ``nonessential`` makes equal.
    scale
        The average count of these guides after normalisation. It says how large the pseudocount is
        beside a typical count.
    pseudocount
        Number that is added to normalised counts before logarithms are taken.
    centring
        The guides whose median log fold change is set to 0 in every replicate: ``nonessential``,
        ``all`` or ``none``. ``auto`` is ``nonessential`` if there is a list, else ``all``.
    min_nonessential
        Smallest number of guides of nonessential genes. With fewer, ``auto`` does not use them.
    min_pdna
        Guides with a smaller share of the mean count in the pDNA of a batch are left out of this
        batch.
    multiple_genes
        What happens to a guide that is mapped to several genes: ``drop``, ``first`` (the first gene
        of the guide map) or ``error``.
    max_alignments
        Guides with more alignments to the genome are left out. None: no limit.
    only_used
        Whether guides that the guide map drops (``DropReason``, or ``UsedByChronos`` is false) are
        left out.
    max_rows
        Largest number of rows of the table with one row per guide and replicate. For more, use the
        matrix.
    qc
        When a sequence fails.
    """

    normalisation: Literal["auto", "nonessential", "median_of_ratios", "total"]
    nonessential_average: Literal["mean", "median"]
    scale: PositiveFloat
    pseudocount: PositiveFloat
    centring: Literal["auto", "nonessential", "all", "none"]
    min_nonessential: PositiveInt
    min_pdna: NonNegativeFloat
    multiple_genes: Literal["drop", "first", "error"]
    max_alignments: PositiveInt | None
    only_used: bool
    max_rows: PositiveInt
    qc: SequenceQcSettings
