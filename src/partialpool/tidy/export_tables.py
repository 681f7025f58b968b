"""Export tables: the effects of genes, guides and cell lines in all fits, with intervals.

``DICTIONARY`` describes each column, also in the report and in ``docs/tables.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from partialpool.figures.parts.rows import guide_numbers
from partialpool.models import effect_named

PASSED, FAILED = "passed", "failed"

_ESTIMATES = {
    "mean": "Posterior mean of the effect, in its unit.",
    "sd": "Posterior standard deviation, which is the uncertainty of the mean.",
    "hdi_lower": "Lower end of the highest-density interval (probability "
    "`convergence.hdi_prob`, 0.89 unless changed).",
    "hdi_upper": "Upper end of this interval.",
    "direction": "`negative` or `positive` if the whole interval is below or above 0, `unclear` if "
    "it contains 0, `uninformed` if no measurement informs the effect. The mean of an uninformed "
    "effect is the mean of the other genes, not a finding.",
}
_SOURCE = {
    "model": "Name of the fit.",
    "verdict": "`passed` or `failed`: whether the sampler converged. Don't use rows that failed.",
}
_SAMPLED = {
    "ess_bulk": "Effective number of draws behind the mean.",
    "ess_tail": "Effective number of draws behind the ends of the interval.",
    "r_hat": "Agreement of the chains; 1 is perfect.",
}
_UNIT = "log2 fold change"

#: Table -> column -> description.
DICTIONARY: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "gene_effects": {
            **_SOURCE,
            "effect": "Kind of effect: `gene_effect` (of losing the gene), `mutation_effect` (what "
            "a mutation of the gene adds), `rna_effect` or `copy_number_effect` (what one standard "
            "deviation more of its RNA or copy number adds).",
            "hugo_symbol": "The gene.",
            **_ESTIMATES,
            "unit": f"Unit of the mean, the sd and the interval: {_UNIT}, or {_UNIT} per sd of the "
            "covariate.",
            "n_measurements": "Number of measurements of the gene that the fit saw. For "
            "`mutation_effect`, only mutated ones. For `rna_effect` and `copy_number_effect`, 0 if "
            "the covariate does not vary among them.",
            **_SAMPLED,
        },
        "sgrna_effects": {
            **_SOURCE,
            "sgrna": "Sequence of the guide.",
            "hugo_symbol": "The gene that it targets.",
            "guide": "Number of the guide within its gene, as in the figures of this fit.",
            **_ESTIMATES,
            "unit": f"Unit of the mean, the sd and the interval: {_UNIT}.",
            "n_measurements": "Number of measurements of the guide that the fit saw.",
            **_SAMPLED,
        },
        "cell_line_effects": {
            **_SOURCE,
            "depmap_id": "The cell line.",
            "lineage": "Lineage of the cell line; empty if unknown.",
            **_ESTIMATES,
            "unit": f"Unit of the mean, the sd and the interval: {_UNIT}.",
            "n_measurements": "Number of measurements of the cell line that the fit saw.",
            **_SAMPLED,
        },
    }
)
NEGATIVE, POSITIVE, UNCLEAR, UNINFORMED = "negative", "positive", "unclear", "uninformed"
LABELS = ("hugo_symbol", "sgrna", "depmap_id")


@dataclass(frozen=True)
class FittedEffects:
    """The effects of one fit.

    Attributes
    ----------
    model
        The name of the fit.
    passed
        Whether the fit passed its convergence check.
    effects
        The table that ``effect_table`` makes.
    lineages
        Cell line -> its lineage, where it is known.
    """

    model: str
    passed: bool
    effects: pd.DataFrame
    lineages: Mapping[str, str] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """``passed`` or ``failed``."""
        return PASSED if self.passed else FAILED


def gene_effects(fits: Sequence[FittedEffects]) -> pd.DataFrame:
    """Make the table of all effects of genes: columns of `DICTIONARY`, lowest mean first."""
    return _across("gene_effects", [_of_genes(fit) for fit in fits])


def sgrna_effects(fits: Sequence[FittedEffects]) -> pd.DataFrame:
    """Make the table of effects of guides: columns of `DICTIONARY`, lowest mean first."""
    return _across("sgrna_effects", [_of_guides(fit) for fit in fits])


def cell_line_effects(fits: Sequence[FittedEffects]) -> pd.DataFrame:
    """Make the table of effects of cell lines: columns of `DICTIONARY`, lowest mean first."""
    return _across("cell_line_effects", [_of_cell_lines(fit) for fit in fits])


def labelled_effects(fit: FittedEffects) -> pd.DataFrame:
    """Add all columns of the export tables to the effects of one fit, and keep ``parameter``.

    Effects with several labels, such as those of a gene in a cell line, are left out.
    """
    return pd.concat([_of_genes(fit), _of_guides(fit), _of_cell_lines(fit)])


def direction(effects: pd.DataFrame) -> np.ndarray:
    """Find the side of 0 on which the interval of each effect lies, if measurements inform it.

    Returns
    -------
    np.ndarray
        ``negative``, ``positive``, ``unclear`` or ``uninformed``.
    """
    return np.select(
        [~effects["informed"].astype(bool), effects["hdi_upper"] < 0, effects["hdi_lower"] > 0],
        [UNINFORMED, NEGATIVE, POSITIVE],
        UNCLEAR,
    )


def _across(name: str, tables: list[pd.DataFrame]) -> pd.DataFrame:
    columns = list(DICTIONARY[name])
    filled = [table for table in tables if len(table)]
    return (
        pd.concat(filled, ignore_index=True)[columns] if filled else pd.DataFrame(columns=columns)
    )


def _of_genes(fit: FittedEffects) -> pd.DataFrame:
    return _labelled(fit, "hugo_symbol")


def _of_guides(fit: FittedEffects) -> pd.DataFrame:
    table = _labelled(fit, "sgrna")
    return table.assign(guide=guide_numbers(table))


def _of_cell_lines(fit: FittedEffects) -> pd.DataFrame:
    table = _labelled(fit, "depmap_id")
    lineage = [fit.lineages.get(line) for line in table["depmap_id"]]
    return table.assign(lineage=pd.Series(lineage, table.index, dtype="object"))


def _labelled(fit: FittedEffects, label: str) -> pd.DataFrame:
    """Keep the rows whose finest label is ``label``. The gene of a guide is a coarser label."""
    effects = fit.effects
    coarser = {"hugo_symbol"} if label == "sgrna" else set()
    texts = effects.columns[[not is_numeric_dtype(kind) for kind in effects.dtypes]]
    all_labels = dict.fromkeys((*LABELS, *texts.difference(["parameter", "effect"], sort=False)))
    others = [name for name in all_labels if name != label and name not in coarser]
    rows = effects[effects[label].notna() & effects[others].isna().all(axis=1)]
    rows = rows.sort_values(["effect", "mean"], kind="stable")
    return rows.assign(
        model=fit.model,
        verdict=fit.verdict,
        direction=direction(rows),
        unit=[effect_named(name).unit for name in rows["effect"]],
    )
