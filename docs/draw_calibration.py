"""Draw the simulation-based calibration of model ``dependency`` for ``models/dependency.md``.

python docs/draw_calibration.py draws ``dependency_ranks.csv``. With --again, it first simulates and
fits all screens again (about two minutes of CPU), which writes this table.
"""

import runpy
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from scipy import stats

from partialpool.figures.parts.style import COLOURS

DOCS = Path(__file__).parent
RANKS, IMAGE = DOCS / "dependency_ranks.csv", DOCS / "images" / "dependency_ranks.png"
BINS, FEWEST = 20, 100
#: Panels: what is drawn, and how names of the quantities start.
PANELS = {"effects of genes in lines": ("effect",), "λ of lines": ("lambda",)}
PANELS |= {"noise of replicates and lines": ("sigma0", "sigma1", "sigma2", "sigma3", "sigma4")}
PANELS["noise of replicates and lines"] += tuple(f"omega{c}" for c in range(4))
POPULATIONS = "parameters of populations"


def simulate() -> None:
    """Write how many of the screens have each rank: a row per quantity, a column per bin."""
    tests = DOCS.parent / "tests"
    sys.path.insert(0, str(tests))
    ranks = runpy.run_path(str(tests / "statistical" / "test_dependency.py"))["rank_table"]()
    counts = {
        name: np.histogram(values, BINS, (0, 1))[0]
        for name, values in ranks.items()
        if len(values) >= FEWEST
    }
    pd.DataFrame(counts).T.rename_axis("quantity").to_csv(RANKS)


def draw() -> None:
    """Draw the share of ranks up to each rank, minus that of uniform ranks."""
    table = pd.read_csv(RANKS, index_col="quantity")
    panel = pd.Series(POPULATIONS, index=table.index)
    for name, starts in PANELS.items():
        panel[table.index.str.startswith(starts)] = name
    at = np.arange(BINS + 1) / BINS
    figure, axes = plt.subplots(
        2, 2, figsize=(7, 5), sharex=True, sharey=True, layout="constrained"
    )
    for axis, name in zip(axes.flat, [*PANELS, POPULATIONS], strict=True):
        rows = table[panel == name]
        n = rows.sum(axis=1)
        low, high = (stats.binom.ppf(q, n.min(), at) / n.min() - at for q in (0.005, 0.995))
        axis.fill_between(at, low, high, color=COLOURS["prior"], alpha=0.3, linewidth=0)
        for counts, total in zip(rows.to_numpy(), n, strict=True):
            reached = np.concatenate([[0], counts.cumsum()]) / total
            axis.plot(at, reached - at, color=COLOURS["posterior"], linewidth=0.8)
        axis.axhline(0, color=COLOURS["reference"], linewidth=0.8)
        axis.set_title(f"{name} ({len(rows)})", loc="left", fontsize=10)
        axis.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("rank of the true value among the draws")
    figure.supylabel("share of screens up to this rank, minus the expected share")
    figure.savefig(IMAGE, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    if sys.argv[1:] == ["--again"]:
        simulate()
    draw()
