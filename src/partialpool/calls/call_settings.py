"""Settings of QC, of calls, and of the table that says which genes to trust."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import (
    Field,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    StrictBool,
    StrictInt,
    model_validator,
)

from partialpool.errors import Problem
from partialpool.parameters import Parameters

#: Larger than 0, less than 1.
Share = Annotated[float, Field(gt=0, lt=1)]
#: A share that may also be none or all.
ClosedShare = Annotated[float, Field(ge=0, le=1)]
#: A value of a column. Strict, because 1 would become True.
GroupValue = str | StrictBool | StrictInt
Correlation = Annotated[float, Field(ge=-1, le=1)]


class CallSettings(Parameters):
    """What counts as a dependency, and how many calls may be false.

    Attributes
    ----------
    delta
        A gene is a dependency of a line if its effect is below ``-delta``. The unit is that of the
        effects.
    fdr
        Expected share of false calls.
    common_share
        A gene is common essential if at least this share of the lines depends on it. DepMap uses
        0.9.
    class_probability
        A gene is called common essential, selective or without effect if this is at least so
        probable.
    probability
        Probability of the intervals of the number of dependent lines.
    """

    delta: PositiveFloat
    fdr: Share
    common_share: Annotated[float, Field(gt=0, le=1)]
    class_probability: Share
    probability: Share

    @property
    def thresholds(self) -> tuple[float, float]:
        """Thresholds at which the fit must count draws: ``-delta`` and 0."""
        return -self.delta, 0.0


class ContrastSettings(Parameters):
    """Two groups of lines, given by a column, by the mutations of a gene, or by their names.

    Attributes
    ----------
    column
        Column with one value per line, such as ``lineage``.
    group, against
        Values of the column in each group. If one is None, it is all other known values.
    mutated
        Gene. Its mutated lines are compared with its other lines. Needs ``n_muts``.
    lines, against_lines
        Names of the lines. Without ``against_lines``, all other lines.
    """

    column: str | None = None
    group: GroupValue | tuple[GroupValue, ...] | None = None
    against: GroupValue | tuple[GroupValue, ...] | None = None
    mutated: str | None = None
    lines: tuple[str, ...] | None = None
    against_lines: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [n for n in ("column", "mutated", "lines") if getattr(self, n) is not None]
        if len(given) != 1:
            problem = Problem(
                expected="one of column, mutated and lines in a contrast",
                got=" and ".join(given) or "none of them",
                fix="give the groups in one way",
            )
            raise ValueError(str(problem))
        needs = {"group": "column", "against": "column", "against_lines": "lines"}
        for name, source in needs.items():
            if getattr(self, name) is not None and source != given[0]:
                problem = Problem(
                    expected=f"{source} with {name} in a contrast",
                    got=f"{name} with {given[0]}",
                    fix=f"give {source}, or leave out {name}",
                )
                raise ValueError(str(problem))
        return self


class QcSettings(Parameters):
    """Thresholds of the QC of replicates and lines.

    Attributes
    ----------
    max_nnmd
        A replicate passes if its NNMD is less than this. DepMap uses -1.25.
    max_fpr
        Largest share of the nonessential genes among the most depleted genes of the screen.
    fpr_point
        Share of all genes that counts as most depleted. DepMap uses 0.15.
    min_correlation
        Smallest correlation with the most similar replicate of the same line.
    variable_share, min_variable
        The correlation is over this share of the genes, those that vary most between lines, and
        over at least ``min_variable`` genes. In a screen of fewer genes it is not judged.
    min_controls
        Smallest number of measured genes of a control list. With fewer, there is no verdict.
    max_missing
        Largest share of guides without a measurement. None if it does not matter, as in a screen
        of several libraries.
    min_lambda
        Without control genes, a replicate fails if the strength of depletion in its line is
        certainly less than this.
    """

    max_nnmd: float
    max_fpr: Share
    fpr_point: Share
    min_correlation: Correlation
    variable_share: Share
    min_variable: PositiveInt
    min_controls: PositiveInt
    max_missing: ClosedShare | None
    min_lambda: NonNegativeFloat


class TrustSettings(Parameters):
    """When the results of a gene need a second look.

    Attributes
    ----------
    min_sgrnas, min_replicates
        Smallest number of guides, and of replicates per line on average.
    max_missing
        Largest share of missing measurements.
    guide_p
        Guides disagree if so large a spread has less than this probability for a typical gene.
    max_copies
        Larger copy numbers are reported, because cutting many copies is toxic.
    inside
        Share of the measurements of the screen that counts as near the fit.
    coverage_tolerance
        The share of a gene's measurements near the fit may be less than ``inside`` by this much.
    """

    min_sgrnas: PositiveInt
    min_replicates: PositiveFloat
    max_missing: ClosedShare
    guide_p: Share
    max_copies: PositiveFloat
    inside: Share
    coverage_tolerance: Share
