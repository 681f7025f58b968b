"""Tables of a fit: effects by kind, populations, fit by gene, planted values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from partialpool import models
from partialpool.inference.adequacy import NOT_JUDGED, OK
from partialpool.report import captions
from partialpool.report.answer import GENE_EFFECT
from partialpool.report.content import ModelContent, ReportContent
from partialpool.report.tables import Column, Table, interval_columns, table_of
from partialpool.tidy.export_tables import labelled_effects

#: Columns of an effect table, in order. Missing and empty columns are left out.
LABEL_COLUMNS = tuple(
    dict.fromkeys(("hugo_symbol", "guide", "sgrna", "depmap_id", "lineage", *models.LABEL_COLUMNS))
)
ESTIMATE_COLUMNS = ("mean", "hdi_lower", "hdi_upper", "direction", "true_value", "n_measurements")
SAMPLED_COLUMNS = ("sd", "ess_bulk", "r_hat")


def model_tables(model: ModelContent, content: ReportContent) -> list[Table]:
    """Make all tables of a fit, gene effects first."""
    columns = interval_columns(content.percent)
    effects = _with_planted(model, _with_labels(model))
    kinds = sorted(effects["effect"].unique(), key=lambda kind: kind != GENE_EFFECT)
    tables = [
        _effect_table(model, kind, effects[effects["effect"] == kind], columns) for kind in kinds
    ]
    single = ~model.convergence["parameter"].str.contains("[", regex=False)
    if single.any():
        tables.append(_population_table(model, model.convergence[single], columns))
    if len(model.adequacy):
        tables.append(_adequacy_table(model))
    if model.coverage is not None:
        tables.append(_coverage_table(model, model.coverage))
    return tables


def _effect_table(
    model: ModelContent, kind: str, rows: pd.DataFrame, columns: Mapping[str, Column]
) -> Table:
    """Rank the effects of one kind; effects without informative measurements come last."""
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


def _adequacy_table(model: ModelContent) -> Table:
    """List failed checks first, then the passed ones of all measurements, the shape and genes."""
    caption = captions.table_caption("adequacy")
    judged = model.adequacy[model.adequacy["status"] != NOT_JUDGED]
    is_off = judged["status"] != OK
    shown = judged[is_off | ~judged["level"].isin(["cell_line", "replicate"])]
    shown = shown.assign(is_ok=~is_off).sort_values("is_ok", kind="stable")
    expected = [
        f"{100 * low:.1f} to {100 * high:.1f} %"
        for low, high in zip(shown["expected_low"], shown["expected_high"], strict=True)
    ]
    names = ["level", "label", "n_measurements", "mean_error", "rmse", "value"]
    return table_of(
        _marked(model, shown[names].assign(expected=expected, status=shown["status"])),
        caption.title,
        caption.how_to_read,
        f"{model.name}_adequacy",
        f"07_model_output/{model.name}/adequacy.csv",
        rank_by="value",
    )


def _coverage_table(model: ModelContent, coverage: pd.DataFrame) -> Table:
    caption = captions.table_caption("coverage")
    ends = zip(coverage["expected_low"], coverage["expected_high"], strict=True)
    expected = [f"{few} to {many}" for few, many in ends]
    counts = coverage.drop(columns=["expected_low", "expected_high", "status"])
    return table_of(
        _marked(model, counts.assign(expected=expected, status=coverage["status"])),
        caption.title,
        caption.how_to_read,
        f"{model.name}_coverage",
    )


def _marked(model: ModelContent, table: pd.DataFrame) -> pd.DataFrame:
    """Add the verdict of a failed fit. ``passed`` beside a result of a check would mislead."""
    return table if model.passed else table.assign(verdict=model.found.verdict)


def _with_labels(model: ModelContent) -> pd.DataFrame:
    """Add the columns of the export tables to the effects with one label."""
    added = labelled_effects(model.found)
    new = ["parameter", *added.columns.difference(model.effects.columns)]
    return model.effects.merge(added[new], on="parameter", how="left", validate="1:1")


def _with_planted(model: ModelContent, table: pd.DataFrame) -> pd.DataFrame:
    """Add the planted values, if there are any."""
    if model.recovery is None:
        return table
    planted = model.recovery.set_index("parameter")["true_value"]
    return table.assign(true_value=table["parameter"].map(planted))


def _present(model: ModelContent, table: pd.DataFrame, labels: Iterable[str]) -> pd.DataFrame:
    """Choose the columns that the page shows; a failed verdict comes before the numbers."""
    marked = table.assign(verdict=model.found.verdict)
    numbers = (*ESTIMATE_COLUMNS, *SAMPLED_COLUMNS)
    order = (*labels, *numbers, "verdict") if model.passed else (*labels, "verdict", *numbers)
    return marked[[name for name in order if name in marked and marked[name].notna().any()]]
