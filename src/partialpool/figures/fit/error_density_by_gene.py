"""What shape do the errors of each gene have?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.figures.figure import Figure
from partialpool.figures.fit._errors import ERROR_ORDER, LARGEST, genes_by_error
from partialpool.figures.parts import style
from partialpool.figures.parts.axes import guide_colours, one_path, zero_line
from partialpool.figures.parts.densities import Floats, density, span_with
from partialpool.figures.parts.rows import Rows, guide_rows
from partialpool.figures.parts.words import which

#: The maximum number of genes in one column of densities.
ONE_COLUMN = 8


def tables(predictions: pd.DataFrame) -> dict[str, Any]:
    """Densities of the errors over all guides and by guide, for the genes with large errors."""
    rows = genes_by_error(predictions)
    return {"curves": error_densities(predictions, rows), "rows": rows}


def error_densities(predictions: pd.DataFrame, rows: Rows, height: float = 0.95) -> pd.DataFrame:
    """Compute the densities of errors of the shown genes, over all guides and by guide.

    Parameters
    ----------
    predictions
        A row per measurement, with ``hugo_symbol``, ``sgrna`` and ``error``.
    rows
        The genes to show.
    height
        The height of the highest density, in rows.

    Returns
    -------
    pd.DataFrame
        ``label``, ``guide`` (0: all guides, otherwise the number of the guide within its gene),
        ``error``, ``base`` (height of the row), ``top`` (base plus density, on the same scale for
        all curves). Each curve starts and ends on its base. The span contains 99.8 % of the
        errors, and the middle half of the errors of each gene.
    """
    table = predictions[predictions["hugo_symbol"].isin(rows.labels)]
    keys = table[["hugo_symbol", "sgrna"]].drop_duplicates()
    guides = guide_rows(keys.astype("object"), rows)
    errors = table["error"].to_numpy()
    low, high = np.quantile(errors, [0.001, 0.999])
    span = span_with((float(low), float(high)), errors, table["hugo_symbol"])
    by_gene = table.groupby("hugo_symbol", observed=True).indices
    by_guide = table.groupby("sgrna", observed=True).indices
    parts = [
        _curve(errors[by_gene[label]], span).assign(label=label, guide=0) for label in rows.labels
    ]
    parts += [
        _curve(errors[by_guide[sgrna]], span).assign(label=gene, guide=number)
        for gene, sgrna, number in zip(
            guides["hugo_symbol"], guides["sgrna"], guides["guide"], strict=True
        )
    ]
    curves = pd.concat(parts, ignore_index=True)
    base = rows.place(curves["label"])
    return curves.assign(base=base, top=base + height * curves["density"] / curves["density"].max())


def draw(curves: pd.DataFrame, rows: Rows) -> p9.ggplot:
    """Draw the density of the errors of each gene and of each guide.

    Parameters
    ----------
    curves
        The result of ``error_densities``.
    rows
        The genes to show.
    """
    column = (-curves["base"] >= _per_column(rows)).astype(int)
    table = curves.assign(column=column)
    overall, guides = table[table["guide"] == 0], table[table["guide"] > 0]
    caption = (
        "Grey: all errors of the gene. Coloured lines: the errors of each guide. Colours "
        "distinguish the guides of one gene. All densities have the same scale, so areas can be "
        "compared. If the curves of a gene peak at different places, its guides differ in a way "
        f"that the model does not describe. {ERROR_ORDER}"
    )
    return (
        p9.ggplot(table, p9.aes(x="error", y="top"))
        + p9.geom_polygon(p9.aes(group="label"), overall, fill="#BBBBBB", alpha=0.7)
        + zero_line()
        + p9.geom_path(
            p9.aes(color="factor(guide)", group="guide"),
            one_path(guides, ["guide", "label"], "top"),
            size=0.4,
            na_rm=True,
        )
        + guide_colours(guides)
        + p9.facet_wrap("column", scales="free_y")
        + p9.scale_y_continuous(
            breaks=list(rows.position.values()), labels=list(rows.position), expand=(0, 0.1)
        )
        + style.theme(9.0, 1.7 + 0.42 * min(len(rows.labels), _per_column(rows)))
        + p9.theme(strip_text=p9.element_blank(), axis_text_y=p9.element_text(va="bottom"))
        + p9.labs(
            x=style.ERROR,
            y="",
            title=f"Error densities: {which(rows, 'genes', LARGEST)}",
            caption=style.wrap(caption, 9.0),
        )
    )


def _per_column(rows: Rows) -> int:
    n = len(rows.labels)
    return n if n <= ONE_COLUMN else (n + 1) // 2


def _curve(errors: Floats, span: tuple[float, float]) -> pd.DataFrame:
    grid, curve = density(errors, grid_size=100, span=span)
    ends = {"error": np.concatenate([grid[:1], grid, grid[-1:]])}
    return pd.DataFrame(ends | {"density": np.concatenate([[0.0], curve, [0.0]])})


FIGURE = Figure(
    title="Shape of the errors of each gene",
    how_to_read="Curves should be narrow, with one peak at 0.",
    group="errors",
    place=50,
    tables=tables,
    draw=draw,
    drawn="on request",
)
