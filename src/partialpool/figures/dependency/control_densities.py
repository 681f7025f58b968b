"""In which lines are essential and nonessential genes well separated?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import by_row, legend_on_top
from partialpool.figures.parts.densities import density
from partialpool.figures.parts.dependencies import COMMON, MIN_CONTROLS, NONESSENTIAL, line_names
from partialpool.figures.parts.rows import Rows, choose_ends
from partialpool.figures.parts.words import which

COLOURS = {
    COMMON: style.COLOURS["predicted"],
    NONESSENTIAL: style.COLOURS["measured"],
    "all genes": style.COLOURS["measured"],
}
#: The height of the highest density, in rows.
HEIGHT = 1.3


def tables(screen: pd.DataFrame, effects: pd.DataFrame) -> dict[str, Any]:
    """Densities of the mean log fold changes of control genes in each line."""
    means = screen.groupby(["hugo_symbol", "depmap_id"], observed=True)["lfc"].mean().reset_index()
    means = means.dropna(subset="lfc").astype({"hugo_symbol": str, "depmap_id": str})
    control = effects.drop_duplicates("hugo_symbol").set_index("hugo_symbol")["control"]
    kind = means["hugo_symbol"].map(control).fillna("")
    listed = means.groupby(kind)["hugo_symbol"].nunique()
    has_lists = all(listed.get(name, 0) >= MIN_CONTROLS for name in (COMMON, NONESSENTIAL))
    means = means.assign(kind=kind if has_lists else "all genes")
    means = means[means["kind"] != ""]
    rows = choose_ends(_separation(means, has_lists), style.MANY_LINES, style.MANY_GENES)
    names = line_names(screen)
    shown = means[means["depmap_id"].isin(rows.labels)]
    return {
        "curves": _curves(shown, rows),
        "rows": rows,
        "names": {line: names.get(line, line) for line in rows.labels},
        "has_lists": has_lists,
    }


def _separation(means: pd.DataFrame, has_lists: bool) -> pd.Series:
    """Distance between the medians of both lists in each line; without lists, the spread."""
    if not has_lists:
        return means.groupby("depmap_id")["lfc"].std().fillna(0.0)
    medians = means.pivot_table("lfc", "depmap_id", "kind", "median")
    return medians[NONESSENTIAL] - medians[COMMON]


def _curves(means: pd.DataFrame, rows: Rows) -> pd.DataFrame:
    """A density for each line and list, on one scale."""
    low, high = np.quantile(means["lfc"], [0.002, 0.998])
    parts = []
    for (line, kind), some in means.groupby(["depmap_id", "kind"]):
        grid, height = density(some["lfc"], 96, (float(low) - 0.3, float(high) + 0.3))
        parts.append(pd.DataFrame({"line": line, "kind": kind, "lfc": grid, "density": height}))
    table = pd.concat(parts, ignore_index=True)
    row = rows.place(table["line"])
    table = table.assign(row=row, top=row + HEIGHT * table["density"] / table["density"].max())
    kinds = [kind for kind in COLOURS if kind in set(table["kind"])]
    return table.assign(kind=pd.Categorical(table["kind"], kinds))


def draw(curves: pd.DataFrame, rows: Rows, names: dict[str, str], has_lists: bool) -> p9.ggplot:
    """Draw the densities of each line in a row.

    Parameters
    ----------
    curves
        ``line``, ``kind``, ``lfc``, ``row`` and ``top``.
    rows
        The lines to show.
    names
        Line -> its name with its lineage.
    has_lists
        Whether there are lists of control genes.
    """
    what = "the control genes" if has_lists else "all genes"
    order = (
        "by the distance between the medians of both lists, the smallest first"
        if has_lists
        else "by the spread of their genes, the smallest first"
    )
    caption = (
        f"Densities of {what}: mean log fold change of each gene in the line, as measured. Lines "
        f"are ordered {order}."
    )
    # Ribbons are drawn by group, so lower rows are in front of higher ones.
    curves = curves.assign(group=-10 * curves["row"] + curves["kind"].cat.codes)
    plot = (
        p9.ggplot(curves)
        + p9.geom_vline(xintercept=0, color=style.COLOURS["reference"], size=0.4)
        + p9.geom_ribbon(
            p9.aes(x="lfc", ymin="row", ymax="top", fill="kind", group="group"),
            alpha=0.65,
            color="none",
        )
        + p9.scale_fill_manual(COLOURS)
        + by_row(
            rows,
            x=f"mean {style.LFC} of the gene in the line",
            title=f"{'Control genes' if has_lists else 'All genes'}: {which(rows, 'cell lines')}",
            caption=caption,
            each=0.24,
            ticks={height: names[line] for line, height in rows.position.items()},
            width=8.0,
            top=HEIGHT + 0.1,
        )
        + p9.labs(fill="")
        + legend_on_top()
    )
    return plot if has_lists else plot + p9.guides(fill="none")


FIGURE = Figure(
    title="Control genes in each line",
    how_to_read="If the densities of both lists overlap, the line says little. Without lists, a "
    "narrow density may mean weak depletion.",
    group="quality",
    place=10,
    tables=tables,
    draw=draw,
)
