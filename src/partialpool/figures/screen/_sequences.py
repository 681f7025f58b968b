"""Sequences as points, coloured by verdict; the worst ones are named in the caption."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotnine as p9

from partialpool.errors import shorten
from partialpool.figures.parts import style

#: Colours of verdicts; ``check`` has the colour of what stands out, not of a failure.
VERDICTS = {
    "pass": style.COLOURS["passed"],
    "check": style.COLOURS["trend"],
    "fail": style.COLOURS["failed"],
}
SHAPES = {"cell line": "o", "pDNA": "^"}
NO_COUNTS = "The screen was made from log fold changes, so there are no counts of sequences."


def points(qc: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """Choose what is drawn: ``x``, ``y``, ``verdict``, ``kind`` and ``name`` of each sequence.

    Sequences without one of the numbers are left out. Those that fail come first.
    """
    rows = qc.dropna(subset=[x, y])
    shown = [verdict for verdict in VERDICTS if verdict in set(rows["verdict"])]
    found = pd.DataFrame(
        {
            "x": rows[x].astype(float),
            "y": rows[y].astype(float),
            "verdict": pd.Categorical(rows["verdict"], shown, ordered=True),
            "kind": np.where(rows["is_pdna"].astype(bool), "pDNA", "cell line"),
            "name": rows["sequence"].astype(str),
        }
    )
    return found.sort_values("verdict", ascending=False, kind="stable", ignore_index=True)


def scatter(sequences: pd.DataFrame) -> list[Any]:
    """Draw the points, those that fail on top."""
    verdicts = list(sequences["verdict"].cat.categories)
    kinds = [kind for kind in SHAPES if kind in set(sequences["kind"])]
    return [
        p9.geom_point(
            p9.aes(x="x", y="y", color="verdict", shape="kind"),
            sequences[::-1],
            size=2.2,
            alpha=0.8,
        ),
        p9.scale_color_manual([VERDICTS[verdict] for verdict in verdicts], name="verdict"),
        p9.scale_shape_manual([SHAPES[kind] for kind in kinds], name="sequence"),
        style.theme(7.5, 4.5),
    ]


def names(sequences: pd.DataFrame) -> str:
    """Count the sequences by verdict, and name those that do not pass."""
    counts = sequences["verdict"].value_counts(sort=False)
    text = f"Point: one sequence ({', '.join(f'{n} {verdict}' for verdict, n in counts.items())}). "
    bad = sequences.loc[sequences["verdict"] != "pass", "name"]
    shown = shorten(list(bad.str.replace("$", r"\$"))) if len(bad) else ""
    return text + (f"Not pass: {shown}. " if shown else "")
