"""Which replicates fail the quality check?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import by_row, legend_on_top
from partialpool.figures.parts.rows import Rows

COLOURS = {
    "pass": style.COLOURS["passed"],
    "fail": style.COLOURS["failed"],
    "no control genes": style.COLOURS["reference"],
}
#: Column of the table -> title of its panel, and where a replicate fails.
MEASURES: Mapping[str, str] = {
    "nnmd": "NNMD (fails right of the line)",
    "correlation": "correlation (fails left of the line)",
    "sd_lfc": "sd of log fold changes",
}


def tables(qc: pd.DataFrame, qc_limits: Mapping[str, Any]) -> dict[str, Any]:
    """NNMD, or without control genes the spread, and correlation of each replicate."""
    has_nnmd = qc["nnmd"].notna().any()
    measures = ["nnmd" if has_nnmd else "sd_lfc"]
    measures += ["correlation"] if qc["correlation"].notna().any() else []
    rows = _worst_first(qc, measures[0])
    shown = qc[qc["replicate_id"].isin(rows.labels)]
    points = shown.melt(
        ["replicate_id", "verdict"], measures, var_name="measure", value_name="value"
    ).dropna(subset="value")
    limits = {"nnmd": qc_limits["max_nnmd"], "correlation": qc_limits["min_correlation"]}
    found = [(MEASURES[name], limits[name]) for name in measures if name in limits]
    order = [MEASURES[name] for name in measures]
    return {
        "points": points.assign(
            measure=pd.Categorical(points["measure"].map(MEASURES), order),
            verdict=pd.Categorical(
                points["verdict"], [verdict for verdict in COLOURS if verdict in set(qc["verdict"])]
            ),
            row=rows.place(points["replicate_id"]),
        ),
        "limits": pd.DataFrame(found, columns=["measure", "limit"]).assign(
            measure=lambda table: pd.Categorical(table["measure"], order)
        ),
        "rows": rows,
        "n_failing": int((qc["verdict"] == "fail").sum()),
    }


def _worst_first(qc: pd.DataFrame, measure: str) -> Rows:
    """Order replicates: failing ones first, then by NNMD or spread."""
    worse = qc[measure] if measure == "nnmd" else -qc[measure]
    order = qc.assign(fails=qc["verdict"] == "fail", worse=worse).sort_values(
        ["fails", "worse"], ascending=False, kind="stable"
    )
    labels = order["replicate_id"].astype(str).tolist()
    shown = labels if len(labels) <= style.MANY_LINES else labels[: style.MANY_GENES]
    return Rows(tuple(shown), len(labels), len(shown))


def draw(points: pd.DataFrame, limits: pd.DataFrame, rows: Rows, n_failing: int) -> p9.ggplot:
    """Draw a row for each replicate, and a panel for each measure.

    Parameters
    ----------
    points
        ``measure``, ``value``, ``verdict``, ``row``.
    limits
        ``measure`` and its ``limit``.
    rows
        The replicates to show.
    n_failing
        The number of replicates that fail.
    """
    measured = set(points["measure"].astype(str))
    parts = [
        "NNMD: (median essential - median nonessential) / MAD of nonessential genes."
        if MEASURES["nnmd"] in measured
        else "Without control genes there is no NNMD.",
        "Correlation: with the most similar other replicate of the line."
        if MEASURES["correlation"] in measured
        else "",
        "Dashed lines: limits." if len(limits) else "",
        "Failing replicates come first.",
    ]
    some = "" if rows.is_complete else f", {len(rows.labels)} worst shown"
    width = 5.0 + 2.4 * points["measure"].nunique()
    limit_lines = p9.geom_vline(
        p9.aes(xintercept="limit"), limits, linetype="dashed", color=style.COLOURS["reference"]
    )
    return (
        p9.ggplot(points, p9.aes(x="value", y="row", color="verdict"))
        + ([limit_lines] if len(limits) else [])
        + p9.geom_point(size=1.8)
        + p9.scale_color_manual(COLOURS)
        + p9.facet_wrap("measure", scales="free_x")
        + by_row(
            rows,
            x="",
            title=f"Replicates: {n_failing:,} of {rows.n_all:,} fail{some}",
            caption=" ".join(filter(None, parts)),
            width=width,
            each=0.17,
        )
        + p9.theme(axis_text_y=p9.element_text(size=7.5))
        + p9.labs(color="")
        + legend_on_top()
    )


FIGURE = Figure(
    title="Quality of replicates, before any model",
    how_to_read="A replicate beyond a dashed line fails. If the control genes are hardly "
    "separated, or if replicates of a line do not agree, distrust the line.",
    group="quality",
    place=20,
    tables=tables,
    draw=draw,
)
