"""Choices and words that figures of dependencies share."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import pandas as pd

from partialpool.figures.parts import style
from partialpool.figures.parts.screen_summary import lineages
from partialpool.figures.parts.words import readable, with_lineages

#: Classes and calls, as the tables of calls name them.
SELECTIVE, COMMON, NO_EFFECT = "selective", "common essential", "no effect"
UNCERTAIN = "uncertain"
CONTROL, NONESSENTIAL = "control gene", "nonessential"
DEPENDENT, NOT_MEASURED = "dependent", "not measured"
#: A list with fewer genes is not used as a reference.
MIN_CONTROLS = 5
#: A lineage is shortened to so many characters.
MOST_CHARACTERS = 20


def selectivity(effects: pd.DataFrame, genes: pd.DataFrame) -> pd.Series:
    """Measure how much more than the average line the strongest line depends on selective genes.

    Parameters
    ----------
    effects
        Effects of genes x lines.
    genes
        Genes with their ``class`` and their ``mean`` over lines.

    Returns
    -------
    pd.Series
        Selective gene -> mean over lines minus the lowest effect in a line where it was measured,
        the largest difference first.
    """
    selective = genes.loc[genes["class"] == SELECTIVE].set_index("hugo_symbol")["mean"]
    measured = effects[effects["n_measured"] > 0]
    lowest = measured.groupby("hugo_symbol", observed=True)["mean"].min()
    lowest.index = lowest.index.astype(str)
    excess = selective - lowest.reindex(selective.index)
    return excess.sort_values(ascending=False, kind="stable").rename("selectivity")


def varying(effects: pd.DataFrame, genes: pd.DataFrame) -> list[str]:
    """Name the selective genes, the most selective first; without any, the genes by spread."""
    found = [str(gene) for gene in selectivity(effects, genes).index]
    return found or scored(genes).sort_values("tau", ascending=False)["hugo_symbol"].tolist()


def scored(genes: pd.DataFrame) -> pd.DataFrame:
    """Leave out genes that set the scale or were not measured."""
    return genes[~genes["class"].isin([CONTROL, NOT_MEASURED])]


def known(wanted: Sequence[str], names: pd.Series) -> list[str]:
    """Keep the names that are in the screen."""
    there = set(names.astype(str))
    return [name for name in wanted if name in there]


def reference(table: pd.DataFrame, controls: pd.Series) -> tuple[pd.Series, str]:
    """Choose the genes that an effect is compared with: the nonessential ones, or else all.

    Parameters
    ----------
    table
        Rows with genes.
    controls
        Row -> the list that its gene is on; may be empty.

    Returns
    -------
    tuple[pd.Series, str]
        Whether each row is of a reference gene, and what these genes are called.
    """
    is_listed = controls == NONESSENTIAL
    if table.loc[is_listed, "hugo_symbol"].nunique() >= MIN_CONTROLS:
        return is_listed, "nonessential genes"
    return pd.Series(True, index=table.index), "genes"


def line_names(screen: pd.DataFrame) -> dict[str, str]:
    """Name each line, with a short form of its lineage in brackets."""
    short = {
        line: textwrap.shorten(readable(lineage), MOST_CHARACTERS, placeholder="\u2026")
        for line, lineage in lineages(screen).items()
    }
    return with_lineages(short)


def unit(effects: pd.DataFrame) -> str:
    """Say what an effect is measured in."""
    scaled = (effects["control"] == COMMON).any()
    return "0: nonessential, -1: common essential" if scaled else style.LFC
