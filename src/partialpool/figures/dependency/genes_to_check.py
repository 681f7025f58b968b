"""Which genes cannot be trusted, and why?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import by_row
from partialpool.figures.parts.dependencies import COMMON, CONTROL, SELECTIVE
from partialpool.figures.parts.rows import Rows

#: Classes, the most interesting first.
ORDER = {SELECTIVE: 0, COMMON: 1, CONTROL: 3}


def tables(
    trust: pd.DataFrame, genes: pd.DataFrame, trust_limits: Mapping[str, Any]
) -> dict[str, Any] | str:
    """What was checked of each gene that needs a second look, selective genes first."""
    doubtful = trust[trust["trust"] == "check"]
    if doubtful.empty:
        return f"Nothing speaks against any of the {len(trust):,} genes."
    kind = doubtful["hugo_symbol"].astype(str).map(genes.set_index("hugo_symbol")["class"])
    doubtful = doubtful.assign(order=kind.map(ORDER).fillna(2))
    doubtful = doubtful.sort_values(["order", "p_guide_sd"], kind="stable")
    labels = doubtful["hugo_symbol"].astype(str).tolist()
    rows = Rows(tuple(labels[: style.MANY_GENES]), len(labels), min(len(labels), style.MANY_GENES))
    shown = doubtful.head(style.MANY_GENES).to_dict("records")
    cells = pd.DataFrame(
        [
            {"gene": str(row["hugo_symbol"]), "check": name, "text": text, "is_off": is_off}
            for row in shown
            for name, (text, is_off) in _checks(row, trust_limits).items()
        ]
    )
    order = list(dict.fromkeys(cells["check"]))
    empty = cells.groupby("check")["text"].agg(lambda texts: not any(texts))
    order = [name for name in order if not empty[name]]
    cells = cells[cells["check"].isin(order)]
    return {
        "cells": cells.assign(
            row=rows.place(cells["gene"]), check=pd.Categorical(cells["check"], order)
        ),
        "rows": rows,
        "n_genes": len(trust),
    }


def _checks(row: Mapping[Any, Any], limits: Mapping[str, Any]) -> dict[str, tuple[str, bool]]:
    """Check -> what was found, and whether it is beyond its limit."""
    few, many = limits["min_sgrnas"], limits["max_copies"]
    least = limits["inside"] - limits["coverage_tolerance"]
    spread = f"{row['guide_sd']:.2f} / {row['guide_sd_expected']:.2f}"
    replicates = row["replicates_per_line"]
    return {
        f"guides\n(at least {few})": (f"{row['n_sgrna']:.0f}", row["n_sgrna"] < few),
        f"replicates\n(at least {limits['min_replicates']:g})": (
            f"{replicates:.1f}",
            replicates < limits["min_replicates"],
        ),
        f"missing\n(at most {share(limits['max_missing'])})": (
            share(row["missing"]),
            row["missing"] > limits["max_missing"],
        ),
        "sd of guides\n/ expected": (
            spread if np.isfinite(row["guide_sd"]) else "",
            row["p_guide_sd"] < limits["guide_p"],
        ),
        f"copies\n(at most {many:g})": (
            f"{row['copies_upper']:.1f}" if np.isfinite(row["copies_upper"]) else "",
            row["copies_upper"] > many,
        ),
        f"near the fit\n(at least {share(least)})": (
            share(row["coverage"]),
            row["coverage"] < least,
        ),
    }


def share(value: float) -> str:
    """Write a share in whole per cents; nothing for a missing one."""
    return f"{100 * value:.0f} %" if np.isfinite(value) else ""


def draw(cells: pd.DataFrame, rows: Rows, n_genes: int) -> p9.ggplot:
    """Draw a row for each gene and a column for each check.

    Parameters
    ----------
    cells
        ``check``, ``row``, ``text``, ``is_off``.
    rows
        The genes to show.
    n_genes
        The number of genes of the screen.
    """
    some = "" if rows.is_complete else f", {len(rows.labels)} shown"
    caption = (
        "Coloured: beyond the limit. Missing: share of guide x replicate. Sd of guides: spread of "
        "the means of the guides, and what is usual for genes with an effect of this size. Copies: "
        "in the line with the most. Near the fit: share of the measurements of the gene. "
        "Selective genes come first."
    )
    fills = {True: style.COLOURS["failed"], False: "#EEF1F4"}
    return (
        p9.ggplot(cells, p9.aes(x="check", y="row"))
        + p9.geom_tile(p9.aes(fill="is_off"), width=0.96, height=0.9)
        + p9.geom_text(p9.aes(label="text", color="is_off"), size=8)
        + p9.scale_fill_manual(fills, guide=None)
        + p9.scale_color_manual({True: "#FFFFFF", False: "#222222"}, guide=None)
        + by_row(
            rows,
            x="",
            title=f"Genes to check: {rows.n_all:,} of {n_genes:,}{some}",
            caption=caption,
            each=0.22,
            width=7.5,
        )
        + p9.theme(panel_grid=p9.element_blank(), axis_text_x=p9.element_text(size=8))
    )


FIGURE = Figure(
    title="Can these genes be trusted?",
    how_to_read="Every gene with a reason for a second look. If guides disagree, look at the data "
    "of each guide before you believe the effect.",
    group="quality",
    place=40,
    tables=tables,
    draw=draw,
)
