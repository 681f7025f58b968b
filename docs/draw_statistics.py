"""Draw the pictures of ``statistics.md`` from the results of two runs.

python docs/draw_statistics.py DEFAULT PUBLISHED, where DEFAULT is the data_root of
``kedro run`` and PUBLISHED that of ``kedro run --env published --pipelines cell_line``.
"""

import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import pandas as pd
import xarray as xr
from matplotlib import pyplot as plt

from partialpool.datasets.inference_data import InferenceDataDataset
from partialpool.figures.parts.style import COLOURS

IMAGES = Path(__file__).parent / "images"
LINE, GUIDE = "cell_line_effect", "sgrna_effect"


def shrinkage(data_root: Path) -> None:
    """Draw every line's effect, unpooled and partially pooled."""
    screen = pd.read_parquet(data_root / "03_primary" / "screen.parquet")
    means = screen.groupby("sgrna", observed=True)["lfc"].transform("mean")
    away = screen.assign(away=screen["lfc"] - means).groupby("depmap_id", observed=True)["away"]
    lines = away.agg(["mean", "size"]).rename(columns={"mean": "unpooled"})
    effects = pd.read_csv(data_root / "07_model_output" / "cell_line" / "effects.csv")
    pooled = effects[effects["effect"] == LINE].set_index("depmap_id")["mean"]
    lines = lines.join(pooled.rename("pooled"))

    _, axes = plt.subplots(figsize=(6.5, 4.2), layout="constrained")
    axes.axline((0, 0), slope=1, color=COLOURS["reference"], linewidth=1, label="no pooling")
    axes.axhline(
        0, color=COLOURS["population"], linewidth=1, label="complete pooling: all lines alike"
    )
    for size, colour in zip(sorted(lines["size"].unique()), ("predicted", "measured"), strict=True):
        of_size = lines[lines["size"] == size]
        label = f"partial pooling: lines with {size} measurements"
        axes.plot(of_size["unpooled"], of_size["pooled"], ".", color=COLOURS[colour], label=label)
    axes.set_xlabel("mean of the line's own measurements, guides taken out (log2 fold change)")
    axes.set_ylabel("estimate (log2 fold change)")
    axes.legend(frameon=False, fontsize=8)
    _finish("shrinkage.png")


def trade_off(data_root: Path, published_root: Path) -> None:
    """Draw two levels that trade off, and the same fit with one of them fixed."""
    figure, axes = plt.subplots(2, 1, figsize=(6.5, 4.6), sharey=True, layout="constrained")
    titles = ("published: two chains, still wandering", "identified: the lines sum to zero")
    for axis, root, title in zip(axes, (published_root, data_root), titles, strict=True):
        draws = _posterior(root)
        for variable, dim, colour, name in (
            (GUIDE, "sgrna", "measured", "mean of all guide effects"),
            (LINE, "cell_line", "predicted", "mean of all line effects"),
        ):
            level = draws[variable].mean(dim).isel(draw=slice(None, None, 5))
            for chain in range(2):
                axis.plot(
                    level["draw"],
                    level.isel(chain=chain),
                    color=COLOURS[colour],
                    linewidth=0.7,
                    alpha=1 if chain else 0.5,
                    label=name if chain else None,
                )
        axis.set_title(title, loc="left", fontsize=10)
        axis.set_ylabel("log2 fold change")
    axes[1].set_xlabel("draw")
    axes[1].legend(frameon=False, fontsize=8, loc="upper right")
    figure.align_ylabels()
    _finish("trade_off.png")


def _posterior(data_root: Path) -> xr.Dataset:
    path = data_root / "06_models" / "cell_line" / "posterior.nc"
    return InferenceDataDataset(filepath=str(path)).load()["posterior"]


def _finish(name: str) -> None:
    for axis in plt.gcf().axes:
        axis.spines[["top", "right"]].set_visible(False)
    plt.savefig(IMAGES / name, dpi=110, metadata={"Software": None})
    plt.close()


if __name__ == "__main__":
    default, published = map(Path, sys.argv[1:])
    shrinkage(default)
    trade_off(default, published)
