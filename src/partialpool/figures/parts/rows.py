"""Rows of a figure: the labels that it shows, and the places of guides within their genes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """The labels that a figure shows, one row each, from top to bottom.

    Attributes
    ----------
    labels
        The labels in order.
    n_all
        The number of labels before some were left out.
    n_first
        The number of labels above the gap; all of them if none was left out.
    """

    labels: tuple[str, ...]
    n_all: int
    n_first: int

    @property
    def is_complete(self) -> bool:
        """Whether all labels are shown."""
        return len(self.labels) == self.n_all

    @cached_property
    def position(self) -> dict[str, float]:
        """Label -> height of its row: 0 for the first, then -1, -2, ...; a gap takes one row."""
        return {
            label: -float(i + (i >= self.n_first and not self.is_complete))
            for i, label in enumerate(self.labels)
        }

    def place(self, labels: pd.Series) -> Floats:
        """Find the height of the row of each label."""
        return np.asarray(labels.astype(object).map(self.position), dtype="float64")


def choose_ends(values: pd.Series, limit: int, n_shown: int | None = None) -> Rows:
    """Order labels by value; of more than ``limit``, keep the lowest and the highest.

    Parameters
    ----------
    values
        A value per label (the index).
    limit
        The maximum number of labels of a figure.
    n_shown
        The number of labels to keep if there are more (default: ``limit``).
    """
    ordered = [str(label) for label in values.sort_values(kind="stable").index]
    if len(ordered) <= limit:
        return Rows(tuple(ordered), len(ordered), len(ordered))
    shown = n_shown or limit
    n_low, n_high = shown - shown // 2, shown // 2
    return Rows((*ordered[:n_low], *ordered[len(ordered) - n_high :]), len(ordered), n_low)


def choose_top(values: pd.Series, limit: int) -> Rows:
    """Order labels by value, highest first, and keep the first ``limit``."""
    ordered = [str(label) for label in values.sort_values(ascending=False, kind="stable").index]
    shown = tuple(ordered[:limit])
    return Rows(shown, len(ordered), len(shown))


def choose_genes(named: Sequence[str], values: pd.Series, n: int) -> Rows:
    """Choose the genes in ``named`` that exist, or else the ``n`` genes with the highest values."""
    wanted = [gene for gene in named if gene in values.index]
    if wanted:
        return Rows(tuple(wanted), len(wanted), len(wanted))
    return choose_top(values, n)


def guide_numbers(guides: pd.DataFrame) -> pd.Series:
    """Number the guides of each gene from 1, in the order of the modelling table.

    Parameters
    ----------
    guides
        A row per guide, in any order, with ``hugo_symbol`` and ``sgrna``.
    """
    ordered = guides.sort_values(["hugo_symbol", "sgrna"])  # as the modelling table is
    return (ordered.groupby("hugo_symbol").cumcount() + 1).reindex(guides.index)


def guide_rows(guides: pd.DataFrame, rows: Rows, room: float = 0.7) -> pd.DataFrame:
    """Place guides side by side within the row of their gene.

    Parameters
    ----------
    guides
        A row per guide, with ``hugo_symbol`` and ``sgrna``.
    rows
        The genes to show.
    room
        The share of a row that the guides take.

    Returns
    -------
    pd.DataFrame
        The guides of the shown genes with ``guide`` (number within its gene, from 1), ``n_guides``
        of the gene, ``row`` and ``half`` (half of the height of the guide).
    """
    genes = guides["hugo_symbol"].astype(str)
    shown = guides[genes.isin(rows.labels)].assign(hugo_symbol=genes)
    shown = shown.sort_values(["hugo_symbol", "sgrna"], ignore_index=True)
    number, n = guide_numbers(shown), shown.groupby("hugo_symbol")["sgrna"].transform("size")
    offset = room * ((n + 1) / 2 - number) / n
    return shown.assign(
        guide=number,
        n_guides=n,
        row=rows.place(shown["hugo_symbol"]) + offset,
        half=0.42 * room / n,
    )
