"""Results of the benchmarks, from ``docs/benchmarks``, as tables: for the page and its plots."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

RESULTS = Path(__file__).parent / "benchmarks"
#: What each state of a whole run means.
STATES = {
    "cold": "everything new: no compiled code, no results",
    "warm": "`force=true`: all fits made again",
    "unchanged": "run again, nothing changed",
}
#: The name under which the project's own fit stands beside the others, and lme4's.
OURS, LME4 = "partialpool", "lme4"
#: A step that a process takes once, so that there is no later time to tell.
ONCE = "import the kernel"
#: The exponent is fitted to this many of the largest sizes: at small ones a constant dominates.
LARGEST = 4


@cache
def read(benchmark: str) -> dict[str, Any]:
    """What one benchmark wrote."""
    return json.loads((RESULTS / f"{benchmark}.json").read_text("utf-8"))


def machine() -> str:
    """The machine that the times were measured on, in a sentence."""
    facts = read("side_by_side")["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    return (
        f"{facts['made_at']}, {facts['cpus']} CPUs shared with other work (load "
        f"{facts['load_before']:g} before the start), {facts['system']}, Python {facts['python']}, "
        f"{versions}."
    )


def runs() -> pd.DataFrame:
    """Whole runs: medians by state."""
    rows = pd.DataFrame(read("runs")["rows"])
    return rows.groupby("state", sort=False)[["seconds", "cpu_seconds", "peak_mb"]].median()


def models() -> list[dict[str, Any]]:
    """Steps of every model, all code compiled."""
    return [row for row in read("models")["rows"] if row["state"] == "warm"]


def compiling() -> pd.DataFrame:
    """Step -> seconds of its first time, minus another time: code compiled, and loaded."""
    cold, warm = read("models")["rows"][:2]
    steps = cold["first"]
    return pd.DataFrame(
        {
            state: {step: max(row["first"][step] - row["again"][step], 0) for step in steps}
            for state, row in (("compiled", cold), ("loaded", warm))
        }
    )


def compared() -> pd.DataFrame:
    """Model x name: medians over processes, ``seconds`` and ``cpu_seconds`` of later fits.

    Where a process fits only once, that fit counts. ``failure`` says why there is no time.
    """
    rows = pd.DataFrame([_process(row) for row in read("side_by_side")["rows"]])
    rows["model"] = pd.Categorical(rows["model"], rows["model"].unique())
    rows = rows.sort_values("model", kind="stable")
    by_name = rows.groupby(["model", "name"], sort=False, observed=True)
    numbers = ("first", "seconds", "cpu_seconds", "whole", "min_ess_bulk", "max_r_hat")
    words = ("draws", "version", "failure")
    found = by_name.agg({**dict.fromkeys(numbers, "median"), **dict.fromkeys(words, "first")})
    return found.fillna({"failure": ""}).assign(n=by_name.size()).reset_index()


def _process(row: dict[str, Any]) -> dict[str, Any]:
    """One process as one row of numbers."""
    kept = {"version": row["name"], "draws": None, "failure": None, "whole": None} | row
    if "seconds" not in row:
        return {**kept, "seconds": None, "first": None}
    later = {name: np.median(row[name][1:] or row[name]) for name in ("seconds", "cpu_seconds")}
    return {**kept, **later, "first": row["seconds"][0], "whole": row["process"]["seconds"]}


def growth() -> pd.DataFrame:
    """Every size with its seconds."""
    return pd.DataFrame(read("growth")["rows"][:-1])


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> tuple[float, float]:
    """Slope and intercept of log seconds on log size, at the largest sizes."""
    slope, intercept = np.polyfit(np.log(sizes[-LARGEST:]), np.log(seconds[-LARGEST:]), 1)
    return float(slope), float(intercept)


# ---- for the page ----


def benchmark_runs() -> str:
    """A table of whole runs."""
    rows = [
        (STATES[state], f"{row.seconds:.0f}", f"{row.cpu_seconds:.0f}", f"{row.peak_mb / 1e3:.2f}")
        for state, row in zip(runs().index, runs().itertuples(), strict=True)
    ]
    return _table(("run", "seconds", "CPU seconds", "peak memory (GB)"), rows)


def benchmark_models() -> str:
    """A table of the steps of every model."""
    found = models()
    steps = [step for step in found[0]["again"] if step != ONCE]
    header = ("step (seconds)", *(f"`{row['model']}`" for row in found))
    rows = [(step, *(f"{row['again'][step]:.3f}" for row in found)) for step in steps]
    fit = next(step for step in steps if step.startswith("fit"))
    rows += [
        ("parameters", *(f"{row['n_parameters']:,}" for row in found)),
        ("min bulk ESS", *(f"{row['min_ess_bulk']:,.0f}" for row in found)),
        (
            "min bulk ESS per second of fit",
            *(f"{row['min_ess_bulk'] / row['again'][fit]:,.0f}" for row in found),
        ),
    ]
    return _table(header, rows)


def benchmark_compiling() -> str:
    """A table of how much longer each step takes the first time."""
    rows = [
        (step, f"{row.compiled:.2f}", f"{row.loaded:.2f}")
        for step, row in zip(compiling().index, compiling().itertuples(), strict=True)
    ]
    header = ("step", "nothing compiled (seconds)", "all compiled (seconds)")
    return _table(header, rows)


def benchmark_side_by_side() -> str:
    """A table of the packages side by side, times relative to lme4's."""
    found = compared().to_dict("records")
    lme4 = {row["model"]: row for row in found if row["name"] == LME4}
    header = (
        "model",
        "with",
        "processes",
        "seconds",
        "x lme4",
        "CPU seconds",
        "x lme4",
        "first fit",
    )
    rows = [_compared_row(row, lme4[row["model"]]) for row in found]
    return _table((*header, "whole process", "draws", "min bulk ESS", "max R-hat"), rows)


def _compared_row(row: dict[str, Any], lme4: dict[str, Any]) -> list[str]:
    named = f"{row['name']} ({row['version']})"
    start = [f"`{row['model']}`", row["name"] if row["version"] in row["name"] else named]
    if row["failure"]:
        return [*start, str(row["n"]), row["failure"], *[""] * 8]
    times = [
        text
        for kind in ("seconds", "cpu_seconds")
        for text in (f"{row[kind]:.2f}", f"{row[kind] / lme4[kind]:.3g}")
    ]
    judged = ["", ""]
    if np.isfinite(row["min_ess_bulk"]):
        judged = [f"{row['min_ess_bulk']:,.0f}", f"{row['max_r_hat']:.3f}"]
    others = [f"{row['first']:.2f}", f"{row['whole']:.1f}", row["draws"]]
    return [*start, str(row["n"]), *times, *others, *judged]


def benchmark_counts() -> str:
    """A table of the steps from counts to the modelling table."""
    *steps, whole = read("counts")["rows"]
    header = ("step", "CPU seconds", "seconds")
    rows = [(s["step"], f"{s['cpu_seconds']:.0f}", f"{s['seconds']:.0f}") for s in steps]
    sizes = (
        f"{whole['n_guides']:,} guides x {whole['n_sequences']:,} sequences, {whole['rows']:,} "
        f"rows in the modelling table; peak memory {whole['peak_mb'] / 1e3:.1f} GB."
    )
    return f"{_table(header, rows)}\n\n{sizes}"


def benchmark_growth() -> str:
    """A table of the fitted exponents."""
    rows = []
    for (along, layout), part in growth().groupby(["along", "layout"], sort=False):
        slope, _ = exponent(part["n"].tolist(), part["seconds"].tolist())
        last = part.iloc[-1]
        rows.append(
            (
                last["step"],
                along,
                layout,
                f"{slope:.2f}",
                f"{last['n']:,}",
                f"{last['seconds']:.3g}",
            )
        )
    return _table(("step", "against", "counts", "exponent", "largest size", "seconds there"), rows)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


PAGE = (
    machine,
    benchmark_runs,
    benchmark_models,
    benchmark_compiling,
    benchmark_side_by_side,
    benchmark_growth,
    benchmark_counts,
)
