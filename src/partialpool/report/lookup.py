"""The numbers behind the search box: the effect of each gene in each line, in few bytes."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from partialpool.calls.controls import CONTROL, NOT_MEASURED
from partialpool.calls.hits import DEPENDENT, NOT_CALLED
from partialpool.figures.parts.dependencies import reference
from partialpool.report.content import DependencyContent

#: The page contains at most so many genes x lines, 1.1 MB.
MAX_CELLS = 200_000
#: States of a gene in a line, by the number that the page stores.
STATES = (NOT_CALLED, DEPENDENT, NOT_MEASURED, CONTROL)
#: Effects are rounded to this.
STEP = 0.01
#: The largest number that an end of an interval can be away from the effect, in steps of ``fine``.
MOST_STEPS = 255
#: The share of the reference genes in the band of a line.
BAND = 0.9


def lookup(content: DependencyContent, percent: str) -> dict[str, Any]:
    """Pack the effects for the page.

    Parameters
    ----------
    content
        Effects and calls.
    percent
        The probability of the intervals, in words.

    Returns
    -------
    dict[str, Any]
        ``genes`` and ``lines`` by name, ``classes`` of the genes, ``lineages`` and ``bands`` of the
        lines (the middle of their nonessential genes), and arrays of genes x lines as base64:
        ``effects`` (16 bit; four times the effect in steps of 0.01, plus the state), ``below`` and
        ``above`` (8 bit; distance of the ends of the interval in steps of ``fine``). ``n_genes`` is
        the number of genes of the screen: of too many, those with the strongest effects are packed.
    """
    effects = content.effects.astype({"hugo_symbol": str, "depmap_id": str})
    lines = sorted(effects["depmap_id"].unique())
    genes = _strongest(effects, max(1, MAX_CELLS // len(lines)))
    shown = effects[effects["hugo_symbol"].isin(genes)]
    wide = {name: _wide(shown, name, genes, lines) for name in ("mean", "lower", "upper")}
    state = shown.assign(state=shown["call"].map({name: i for i, name in enumerate(STATES)}))
    steps = np.clip(np.rint(wide["mean"] / STEP), -8000, 8000)
    below, above = wide["mean"] - wide["lower"], wide["upper"] - wide["mean"]
    fine = max(STEP, float(max(below.max(), above.max())) / MOST_STEPS)
    classes = content.genes.set_index("hugo_symbol")["class"]
    low, high, what = _bands(effects, lines)
    return {
        "genes": genes,
        "classes": [str(classes[gene]) for gene in genes],
        "lines": lines,
        "lineages": [content.lineages.get(line, "").replace("_", " ") for line in lines],
        "low": low,
        "high": high,
        "reference": what,
        "effects": _packed(4 * steps + _wide(state, "state", genes, lines), "<i2"),
        "below": _packed(np.rint(below / fine), "u1"),
        "above": _packed(np.rint(above / fine), "u1"),
        "step": STEP,
        "fine": fine,
        "delta": content.delta,
        "percent": percent,
        "n_genes": int(effects["hugo_symbol"].nunique()),
    }


def as_json(packed: dict[str, Any]) -> str:
    """Write the numbers so that they are safe inside an HTML script element."""
    return json.dumps(packed, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _strongest(effects: pd.DataFrame, most: int) -> list[str]:
    """Choose the genes with the most negative effects in any line, in the order of the alphabet."""
    lowest = effects.groupby("hugo_symbol")["mean"].min().sort_values(kind="stable")
    return sorted(str(gene) for gene in lowest.index[:most])


def _wide(
    effects: pd.DataFrame, column: str, genes: list[str], lines: list[str]
) -> npt.NDArray[np.float64]:
    wide = effects.pivot_table(column, "hugo_symbol", "depmap_id", observed=True)
    return wide.reindex(index=genes, columns=lines).to_numpy(dtype=float)


def _packed(values: npt.NDArray[np.float64], kind: str) -> str:
    return base64.b64encode(values.astype(kind).tobytes()).decode("ascii")


def _bands(effects: pd.DataFrame, lines: list[str]) -> tuple[list[float], list[float], str]:
    """The middle of the nonessential genes of each line, or of all genes."""
    chosen, what = reference(effects, effects["control"])
    means = effects[chosen].groupby("depmap_id")["mean"]
    tail = (1 - BAND) / 2
    ends = [means.quantile(q).reindex(lines).round(2).tolist() for q in (tail, 1 - tail)]
    return ends[0], ends[1], f"middle {100 * BAND:g} % of the {what} of the line"
