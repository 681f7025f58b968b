"""Benchmarks: python tests/benchmarks/run.py [NAME ...].

runs          whole ``kedro run``: nothing cached; fits made again; unchanged
models        every step of every model on the default simulated screen
growth        cost against rows, guides and lines
side_by_side  our fit beside lme4 and other packages, in turn
counts        from a file of counts, 71,000 guides x 2,000 sequences, to the modelling table

Each writes NAME.json into ``tests/benchmarks/results``. ``docs/benchmarks.md`` says what is
measured and how to read it. Times depend on the machine, so nothing here asserts one.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

from processes import HERE, Measured, measure, worker

MODELS = ("gene", "sgrna_in_gene", "cell_line", "mutation", "expression", "copy_number", "full")
COMPARED = ("sgrna_in_gene", "cell_line")
OURS, LME4 = "partialpool", "lme4"
#: The same as in ``rivals.py``, which imports too much for this process.
RIVALS = (
    "PyMC, as the notebook",
    "nutpie, row by row",
    "NumPyro, row by row",
    "bambi (nutpie)",
    "statsmodels MixedLM",
)
#: Fits of one process in ``side_by_side``; the first, which loads code, is reported apart.
FITS = 4
PACKAGES = ("partialpool", "pymc", "nutpie", "numba", "numpy", "pandas", "arviz", "kedro")


# ---- the benchmarks ----


def runs(options: argparse.Namespace, scratch: Path) -> Iterator[dict[str, Any]]:
    """Whole runs: compiled code, fonts and results in new folders, then again, then unchanged."""
    tiny = ["--env", "test", "--pipelines", "data_engineering"] if options.tiny else []
    for round_number in range(options.rounds):
        folder = scratch / f"run{round_number}"
        caches = _new_caches(folder)
        for state, extra in (("cold", ""), ("warm", ",force=true"), ("unchanged", "")):
            parameters = f"data_root={folder / 'data'}{extra}"
            command = [sys.executable, "-m", "kedro", "run", *tiny, "--params", parameters]
            yield {"state": state, **_required(measure(command, caches)).usage}
        shutil.rmtree(folder)


def models(options: argparse.Namespace, scratch: Path) -> Iterator[dict[str, Any]]:
    """Steps of each model; of the first model also with nothing compiled."""
    tiny = ["--tiny"] if options.tiny else []
    caches = {} if options.tiny else _new_caches(scratch / "models")
    for number, model in enumerate(MODELS[:1] if options.tiny else MODELS):
        for state in ("cold", "warm") if number == 0 else ("warm",):
            command = worker("one_model.py", model, 1 if state == "cold" else options.rounds, *tiny)
            done = _required(measure(command, caches))
            yield {"model": model, "state": state, **done.usage, **_steps(done.results)}


def growth(options: argparse.Namespace, scratch: Path) -> Iterator[dict[str, Any]]:
    """Cost of one step against each size; the last row is the whole process."""
    done = _required(measure(worker("growth.py", *["--tiny"] * options.tiny)))
    yield from done.results
    yield {"along": "all", **done.usage}


def side_by_side(options: argparse.Namespace, scratch: Path) -> Iterator[dict[str, Any]]:
    """Ours and lme4 in turn, a new process each; the others once, after them."""
    table, tiny = scratch / "screen.csv", ["--tiny"] if options.tiny else []
    _required(measure(worker("write_table.py", table, *tiny)))
    lme4 = [shutil.which("Rscript") or "", str(HERE / "lme4.R")]
    compared = COMPARED[-1:] if options.tiny else COMPARED
    for model, _ in product(compared, range(options.rounds)):
        yield _compared(OURS, model, measure(worker("one_fit.py", model, table, FITS, *tiny)))
        if lme4[0]:
            yield _compared(LME4, model, measure([*lme4, model, str(table), str(FITS)]))
    for model in compared:
        if not lme4[0]:
            yield {"name": LME4, "model": model, "failure": "not installed"}
        for name in options.others:
            command = worker("rivals.py", name, model, table, *tiny, python=options.python)
            yield _compared(name, model, measure(command, limit_seconds=options.limit))


def counts(options: argparse.Namespace, scratch: Path) -> Iterator[dict[str, Any]]:
    """From counts to the modelling table, in one process."""
    tiny = ["--tiny"] * options.tiny
    done = _required(measure(worker("counts.py", scratch, *tiny)))
    steps = done.results.pop("steps")
    yield from steps
    yield {"step": "all", **done.results, **done.usage}


BENCHMARKS: dict[str, Callable[[argparse.Namespace, Path], Iterator[dict[str, Any]]]] = {
    benchmark.__name__: benchmark for benchmark in (runs, models, growth, side_by_side, counts)
}


# ---- what they share ----


def _required(done: Measured) -> Measured:
    if done.failure:
        raise SystemExit(f"Expected: a benchmark that runs\nGot: {done.failure}")
    return done


def _new_caches(folder: Path) -> dict[str, str]:
    """Environment variables with new, empty caches of compiled code and fonts."""
    caches = {name: str(folder / name) for name in ("numba", "matplotlib", "pytensor")}
    for path in caches.values():
        Path(path).mkdir(parents=True)
    return {
        "NUMBA_CACHE_DIR": caches["numba"],
        "MPLCONFIGDIR": caches["matplotlib"],
        "PYTENSOR_FLAGS": f"cxx=,blas__ldflags=,base_compiledir={caches['pytensor']}",
    }


def _steps(found: dict[str, Any]) -> dict[str, Any]:
    """Seconds of the first time of each step, and the fastest of the others.

    The fastest run is the one that other work on the machine disturbed least.
    """
    seconds = found.pop("seconds")
    return {
        **found,
        "first": {name: of_step[0] for name, of_step in seconds.items()},
        "again": {name: min(of_step[1:]) for name, of_step in seconds.items()},
    }


def _compared(name: str, model: str, done: Measured) -> dict[str, Any]:
    """One process: each of its fits, and the whole process."""
    row = {"name": name, "model": model}
    if done.failure:
        return {**row, "failure": done.failure, "process": done.usage}
    found = dict(done.results)
    if "not_installed" in found:
        return {**row, "failure": "not installed"}
    found |= {
        name: [round(seconds, 3) for seconds in found[name]] for name in ("seconds", "cpu_seconds")
    }
    return {**row, **found, "process": done.usage}


def _machine() -> dict[str, Any]:
    """What times depend on; nothing that tells whose machine it is."""
    return {
        "made_at": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cpus": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 1),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
    }


def main(arguments: list[str] | None = None) -> None:
    """Run benchmarks by name, and keep their results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; default: all")
    parser.add_argument("--results", type=Path, default=HERE / "results", help="folder")
    parser.add_argument("--rounds", type=int, default=5, help="repetitions (default: 5)")
    parser.add_argument("--tiny", action="store_true", help="tiny screens: only to see it run")
    parser.add_argument(
        "--others", nargs="*", choices=RIVALS, default=RIVALS, metavar="NAME", help="(default: all)"
    )
    parser.add_argument(
        "--python", default=sys.executable, help="interpreter with the other packages"
    )
    parser.add_argument(
        "--limit", type=float, default=900, help="seconds after which other packages are stopped"
    )
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"unknown: {', '.join(unknown)}; choose from {', '.join(BENCHMARKS)}")
    options.results.mkdir(parents=True, exist_ok=True)
    for name in options.names or BENCHMARKS:
        machine, rows = _machine(), []
        with tempfile.TemporaryDirectory() as scratch:
            for row in BENCHMARKS[name](options, Path(scratch)):
                rows.append(row)
                print(json.dumps(row), flush=True)
        kept = {"benchmark": name, "rounds": options.rounds, "machine": machine, "rows": rows}
        (options.results / f"{name}.json").write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
