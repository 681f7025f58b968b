"""Figures of the posterior: population parameters, and effects of genes, guides and lines."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd
import plotnine as p9

from partialpool.models import effect_named
from partialpool.plots import style
from partialpool.plots.rows import by_row, guide_colours, stripes, zero_line
from partialpool.plots.words import POPULATION, explained, percent, sentence, unit, which
from partialpool.tidy.rows import Rows


def forest(
    table: pd.DataFrame,
    rows: Rows,
    effect: str,
    hdi_prob: float,
    *,
    n_all: int = 0,
    names: Mapping[str, str] = MappingProxyType({}),
) -> Any:
    """Draw the estimates of one effect, a row per element.

    Parameters
    ----------
    table
        ``row``, ``mean``, ``sd``, ``hdi_lower``, ``hdi_upper``, ``excludes_zero``.
    rows
        The elements shown.
    effect
        Name of the effect.
    hdi_prob
        Probability of the intervals.
    n_all
        Elements that the model has, if some of them have no measurement that tells of the
        effect and are not among ``rows``.
    names
        Label -> what to write in its place.
    """
    about = effect_named(effect)
    caption = (
        f"Dot: posterior mean, full if the {percent(hdi_prob)} highest-density interval (thin "
        f"line) excludes 0; thick line: mean +/- 1 sd. {explained(about)}"
    )
    if rows.n_all < n_all:
        caption += (
            f" {rows.n_all:,} of {n_all:,} {about.elements} have {about.informed}; the others' "
            "effects follow from these alone, and are not shown."
        )
    return (
        p9.ggplot(table, p9.aes(y="row"))
        + zero_line()
        + _interval("hdi_lower", "hdi_upper", 0.7)
        + _interval("mean - sd", "mean + sd", 1.8)
        + p9.geom_point(p9.aes(x="mean", fill="excludes_zero"), size=1.4)
        + p9.scale_fill_manual({True: style.COLOURS["estimate"], False: "#FFFFFF"}, guide=None)
        + by_row(
            rows,
            x=about.axis,
            title=f"{sentence(about.title)}: {which(rows, about.elements)}",
            caption=caption,
            ticks={height: names.get(label, label) for label, height in rows.position.items()},
            width=8.5 if names else 7.0,
        )
    )


def effects_by_rank(table: pd.DataFrame, effect: str, hdi_prob: float) -> Any:
    """Draw every element of an effect by the rank of its mean, the outermost with their names.

    Parameters
    ----------
    table
        ``rank``, ``label``, ``mean``, ``hdi_lower``, ``hdi_upper``; ``name`` (empty: not
        named), which is used with more than ``style.MANY_GENES`` elements.
    effect
        Name of the effect.
    hdi_prob
        Probability of the intervals.
    """
    about = effect_named(effect)
    n = len(table)
    many = n > style.MANY_GENES
    caption = (
        f"Dot: posterior mean, bar: {percent(hdi_prob)} highest-density interval"
        f"{f'; the {about.elements} at both ends by name, with their means' if many else ''}. "
        f"{explained(about).replace('Left of', 'Below')}"
    )
    return (
        p9.ggplot(table, p9.aes(x="rank"))
        + p9.geom_hline(yintercept=0, color=style.COLOURS["reference"], size=0.4)
        + p9.geom_linerange(
            p9.aes(ymin="hdi_lower", ymax="hdi_upper"),
            color=style.COLOURS["posterior"],
            alpha=0.6,
            size=0.6 if many else 1.4,
        )
        + p9.geom_point(p9.aes(y="mean"), size=0.25 if many else 1.0, stroke=0.25)
        + style.theme(7.0, 4.8)
        + (_names_at_the_ends(table) if many else _names_below(table))
        + p9.labs(
            x=f"rank of the {about.elements[:-1]}, from the lowest effect",
            y=about.axis,
            title=f"{sentence(about.title)} by rank: {n:,} {about.elements}",
            caption=style.wrap(caption),
        )
    )


def population(table: pd.DataFrame, hdi_prob: float) -> Any:
    """Draw the estimates of the population parameters, means beside standard deviations.

    Parameters
    ----------
    table
        ``label``, ``kind``, ``row``, ``mean``, ``sd``, ``hdi_lower``, ``hdi_upper``.
    hdi_prob
        Probability of the intervals.
    """
    caption = (
        f"Dot: posterior mean, thick line: mean +/- 1 sd, thin line: {percent(hdi_prob)} "
        f"highest-density interval. {POPULATION}"
    )
    labels = dict(zip(table["row"], table["label"], strict=True))
    return (
        p9.ggplot(table, p9.aes(y="row"))
        + p9.geom_vline(xintercept=0, color=style.COLOURS["reference"], size=0.4)
        + _interval("hdi_lower", "hdi_upper", 0.8, "population")
        + _interval("mean - sd", "mean + sd", 2.2, "population")
        + p9.geom_point(p9.aes(x="mean"), size=2)
        + p9.facet_wrap("kind", scales="free")
        + p9.scale_y_continuous(breaks=list(labels), labels=list(labels.values()), expand=(0, 0.6))
        + style.theme(7.5, 1.7 + 0.3 * len(table) / 2)
        + p9.theme(panel_grid_major_y=p9.element_blank())
        + p9.labs(
            x=unit(table["label"]),
            y="",
            title="Population parameters",
            caption=style.wrap(caption, 7.5),
        )
    )


def gene_violins(violins: pd.DataFrame, table: pd.DataFrame, rows: Rows, hdi_prob: float) -> Any:
    """Draw the posterior density of every gene's effect with its interval.

    Parameters
    ----------
    violins
        Outlines: ``label``, ``value``, ``height``.
    table
        ``row``, ``mean``, ``hdi_lower``, ``hdi_upper``.
    rows
        The rows of the figure and their labels.
    hdi_prob
        Probability of the intervals.
    """
    caption = (
        "Shape: posterior density of the gene's effect, each scaled to one height; dot: mean, "
        f"line: {percent(hdi_prob)} highest-density interval. {effect_named('gene_effect').reading}"
    )
    return (
        p9.ggplot(table, p9.aes(y="row"))
        + zero_line()
        + p9.geom_polygon(
            p9.aes(x="value", y="height", group="label"),
            violins,
            fill=style.COLOURS["posterior"],
            alpha=0.45,
        )
        + p9.geom_segment(
            p9.aes(x="hdi_lower", xend="hdi_upper", yend="row"),
            color=style.COLOURS["measured"],
            size=0.9,
        )
        + p9.geom_point(p9.aes(x="mean"), size=1.3, color=style.COLOURS["estimate"])
        + by_row(
            rows,
            x=effect_named("gene_effect").axis,
            title=f"Posterior of the gene effects: {which(rows, 'genes')}",
            caption=caption,
        )
    )


def guides_and_genes(
    guides: pd.DataFrame, genes: pd.DataFrame, mean: pd.Series, rows: Rows, hdi_prob: float
) -> Any:
    """Draw every gene's effect among those of its guides, around the population mean.

    Parameters
    ----------
    guides
        ``row``, ``guide`` (number within its gene), ``mean``, ``hdi_lower``, ``hdi_upper``.
    genes
        ``row``, ``mean``.
    mean
        ``mean``, ``hdi_lower``, ``hdi_upper`` of the population of genes.
    rows
        The rows of the figure and their labels.
    hdi_prob
        Probability of the intervals.
    """
    share = percent(hdi_prob)
    caption = (
        f"Coloured dot and line: a guide's posterior mean and {share} highest-density interval "
        "(colours tell the guides of one gene apart); black cross: its gene's mean. Green line "
        f"and band: mean of all genes (mu_gene) and its {share} interval. Genes lie between "
        "their guides, drawn towards the mean of all genes."
    )
    return (
        p9.ggplot(guides, p9.aes(y="row"))
        + stripes(rows)
        + p9.annotate(
            "rect",
            xmin=mean["hdi_lower"],
            xmax=mean["hdi_upper"],
            ymin=min(rows.position.values()) - 0.6,
            ymax=0.6,
            fill=style.COLOURS["population"],
            alpha=0.2,
        )
        + p9.geom_vline(xintercept=mean["mean"], color=style.COLOURS["population"], size=0.7)
        + zero_line()
        + p9.geom_segment(
            p9.aes(x="hdi_lower", xend="hdi_upper", yend="row", color="factor(guide)"), size=0.8
        )
        + p9.geom_point(p9.aes(x="mean", color="factor(guide)"), size=1.2)
        + p9.geom_point(p9.aes(x="mean"), genes, shape="x", size=2.2, stroke=0.8)
        + guide_colours(guides)
        + by_row(
            rows,
            x=f"guide or gene effect ({style.LFC})",
            title=f"Guides around their genes: {which(rows, 'genes')}",
            caption=caption,
            width=7.5,
            each=0.26,
        )
    )


def _names_at_the_ends(table: pd.DataFrame) -> list[Any]:
    """Names in the two corners that a rising curve leaves empty."""
    named = table[table["name"] != ""]
    low = named["rank"] <= len(table) / 2
    lowest, highest = named[low], named[~low].iloc[::-1]
    corners = (
        ("lowest", lowest, len(table), table["hdi_lower"].min(), "right", "bottom"),
        ("highest", highest, 1, table["hdi_upper"].max(), "left", "top"),
    )
    return [
        p9.annotate(
            "label",
            x=x,
            y=y,
            label=_listed(end, some),
            ha=ha,
            va=va,
            size=8,
            fill="#FFFFFF",
            label_size=0,
        )
        for end, some, x, y, ha, va in corners
    ]


def _listed(end: str, named: pd.DataFrame) -> str:
    lines = [f"{name}  {mean:.2f}" for name, mean in zip(named["name"], named["mean"], strict=True)]
    return "\n".join([f"{end}:", *lines])


def _names_below(table: pd.DataFrame) -> list[Any]:
    upright = p9.element_text(angle=90, ha="center", va="top", size=8)
    return [
        p9.scale_x_continuous(breaks=list(table["rank"]), labels=list(table["label"])),
        p9.theme(axis_text_x=upright, panel_grid_major_x=p9.element_blank()),
    ]


def _interval(lower: str, upper: str, size: float, colour: str = "posterior") -> Any:
    return p9.geom_segment(
        p9.aes(x=lower, xend=upper, yend="row"), size=size, color=style.COLOURS[colour]
    )
