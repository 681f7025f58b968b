"""Tables of a fit: effects by kind, populations, how well it fits each gene, planted values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from partialpool import models
from partialpool.report import captions
from partialpool.report.answer import GENE_EFFECT
from partialpool.report.content import ModelContent, ReportContent
from partialpool.report.tables import Column, Table, interval_columns, table_of
from partialpool.tidy.calibration import expected_inside
from partialpool.tidy.export_tables import labelled_effects

#: Columns of an effect table, in order; those that a table lacks or that are empty are left out.
LABEL_COLUMNS = tuple(
    dict.fromkeys(("hugo_symbol", "guide", "sgrna", "depmap_id", "lineage", *models.LABEL_COLUMNS))
)
ESTIMATE_COLUMNS = ("mean", "hdi_lower", "hdi_upper", "direction", "true_value", "n_measurements")
SAMPLED_COLUMNS = ("sd", "ess_bulk", "r_hat")


def model_tables(model: ModelContent, content: ReportContent) -> list[Table]:
    """Make all tables of a fit, genes first."""
    columns = interval_columns(content.percent)
    effects = _with_planted(model, _with_labels(model))
    kinds = sorted(effects["effect"].unique(), key=lambda kind: kind != GENE_EFFECT)
    tables = [
        _effect_table(model, kind, effects[effects["effect"] == kind], columns) for kind in kinds
    ]
    single = ~model.convergence["parameter"].str.contains("[", regex=False)
    if single.any():
        tables.append(_population_table(model, model.convergence[single], columns))
    if len(model.gene_scores):
        tables.append(_gene_score_table(model))
    if model.coverage is not None:
        tables.append(_coverage_table(model, model.coverage, content.hdi_prob))
    return tables


def _effect_table(
    model: ModelContent, kind: str, rows: pd.DataFrame, columns: Mapping[str, Column]
) -> Table:
    """Rank the effects of one kind; those that no measurement informs come last."""
    caption = captions.effect_caption(kind)
    ranked = rows.sort_values(
        ["informed", "mean"], ascending=[False, True], kind="stable", ignore_index=True
    )
    return table_of(
        _present(model, ranked, LABEL_COLUMNS),
        caption.title,
        caption.how_to_read,
        f"{model.name}_{kind}",
        source=f"07_model_output/{model.name}/effects.csv",
        columns=columns,
    )


def _population_table(
    model: ModelContent, rows: pd.DataFrame, columns: Mapping[str, Column]
) -> Table:
    caption = captions.table_caption("population")
    shown = _present(model, _with_planted(model, rows), ("parameter",))
    file_name = f"{model.name}_population"
    return table_of(shown, caption.title, caption.how_to_read, file_name, columns=columns)


def _gene_score_table(model: ModelContent) -> Table:
    caption = captions.table_caption("gene_scores")
    scores = model.gene_scores.assign(
        is_described=np.where(model.gene_scores["is_described"], "yes", "no"),
        verdict=model.found.verdict,
    )
    source = f"07_model_output/{model.name}/gene_scores.csv"
    file_name = f"{model.name}_gene_scores"
    return table_of(
        scores, caption.title, caption.how_to_read, file_name, source, rank_by="coverage"
    )


def _coverage_table(model: ModelContent, coverage: pd.DataFrame, prob: float) -> Table:
    """Planted values found again; the verdict beside a count is of that count."""
    caption = captions.table_caption("coverage")
    low, high = expected_inside(coverage["n"], prob)
    as_expected = np.where(coverage["n_inside"].between(low, high), "yes", "no")
    expected = [f"{few} to {many}" for few, many in zip(low, high, strict=True)]
    table = coverage.assign(expected=expected, as_expected=as_expected)
    return table_of(
        table if model.passed else table.assign(verdict=model.found.verdict),
        caption.title,
        caption.how_to_read,
        f"{model.name}_coverage",
    )


def _with_labels(model: ModelContent) -> pd.DataFrame:
    """The effects of a fit with the columns of the export tables, for effects of one label."""
    added = labelled_effects(model.found)
    new = ["parameter", *added.columns.difference(model.effects.columns)]
    return model.effects.merge(added[new], on="parameter", how="left", validate="1:1")


def _with_planted(model: ModelContent, table: pd.DataFrame) -> pd.DataFrame:
    """With planted values if there are some."""
    if model.recovery is None:
        return table
    planted = model.recovery.set_index("parameter")["true_value"]
    return table.assign(true_value=table["parameter"].map(planted))


def _present(model: ModelContent, table: pd.DataFrame, labels: Iterable[str]) -> pd.DataFrame:
    """What the page shows of a table of estimates; a failed verdict stands before the numbers."""
    marked = table.assign(verdict=model.found.verdict)
    numbers = (*ESTIMATE_COLUMNS, *SAMPLED_COLUMNS)
    order = (*labels, *numbers, "verdict") if model.passed else (*labels, "verdict", *numbers)
    return marked[[name for name in order if name in marked and marked[name].notna().any()]]
