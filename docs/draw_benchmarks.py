"""Draw the plots of ``benchmarks.md`` from ``docs/benchmarks``: python docs/draw_benchmarks.py.

The results there are copies of those that ``python tests/benchmarks/run.py`` writes.
"""

from __future__ import annotations

from pathlib import Path

import benchmark_results as results
import matplotlib as mpl

mpl.use("Agg")

import numpy as np
from matplotlib import pyplot as plt

from partialpool.figures.parts.style import CATEGORIES, COLOURS

IMAGES = Path(__file__).parent / "images"
# The same results give the same file, with text as text.
STYLE = {"svg.hashsalt": "partialpool", "svg.fonttype": "none", "font.size": 9}
#: Steps that are part of the fit, or that are done only once.
WITHIN_FIT = (results.ONCE, "gather statistics", "choose centring", "set up kernel")
LAYOUTS = {"balanced": COLOURS["measured"], "random": COLOURS["predicted"]}


def side_by_side() -> None:
    """Draw the seconds of each package, with one panel per model."""
    found = results.compared()
    names = list(dict.fromkeys(found["name"]))
    figure, panels = plt.subplots(1, 2, figsize=(8, 2.9), sharey=True, layout="constrained")
    for axis, (model, rows) in zip(panels, found.groupby("model", observed=True), strict=True):
        for row in rows.to_dict("records"):
            place = names.index(row["name"])
            if row["failure"]:
                where = axis.get_yaxis_transform()
                axis.text(0.02, place, row["failure"], va="center", transform=where)
                continue
            ours = row["name"] == results.OURS
            axis.barh(place, row["seconds"], color=COLOURS["predicted" if ours else "posterior"])
            axis.text(row["seconds"], place, f" {row['seconds']:.3g} s", va="center")
        axis.set_xscale("log")
        axis.set_xlim(0.1, 10 * found["seconds"].max())
        axis.set_title(model)
        axis.set_xlabel("seconds (log scale)")
    panels[0].set_yticks(range(len(names)), names)
    panels[0].invert_yaxis()
    _finish(figure, "benchmark_side_by_side.svg")


def models() -> None:
    """Draw the seconds of each step, with one bar per model."""
    found = results.models()
    parts = [step for step in found[0]["again"] if step not in WITHIN_FIT]
    figure, axis = plt.subplots(figsize=(8, 2.9), layout="constrained")
    left = np.zeros(len(found))
    for step, colour in zip(parts, CATEGORIES, strict=False):
        seconds = np.array([row["again"][step] for row in found])
        axis.barh([row["model"] for row in found], seconds, left=left, color=colour, label=step)
        left += seconds
    axis.invert_yaxis()
    axis.set_xlabel("seconds, code compiled")
    axis.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    _finish(figure, "benchmark_models.svg")


def growth() -> None:
    """Draw seconds against size on log scales, with lines whose slopes are the exponents."""
    found = results.growth()
    figure, panels = plt.subplots(1, 3, figsize=(8, 2.9), layout="constrained")
    for axis, (along, rows) in zip(panels, found.groupby("along", sort=False), strict=True):
        for layout, part in rows.groupby("layout", sort=False):
            sizes, seconds = part["n"].to_numpy(), part["seconds"].to_numpy()
            slope, intercept = results.exponent(sizes, seconds)
            largest = sizes[-results.LARGEST :]
            axis.loglog(sizes, seconds, "o", color=LAYOUTS[layout], markersize=4)
            axis.loglog(
                largest,
                np.exp(intercept) * largest**slope,
                color=LAYOUTS[layout],
                label=f"{layout}: exponent {slope:.2f}",
            )
        axis.set_title(rows["step"].iloc[0])
        axis.set_xlabel(along)
        axis.legend(frameon=False, fontsize=8)
    panels[0].set_ylabel("seconds")
    _finish(figure, "benchmark_growth.svg")


def _finish(figure: plt.Figure, name: str) -> None:
    for axis in figure.axes:
        axis.minorticks_off()  # a third of the file
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(IMAGES / name, metadata={"Date": None, "Creator": None})
    plt.close(figure)


if __name__ == "__main__":
    with mpl.rc_context(STYLE):
        side_by_side()
        models()
        growth()
