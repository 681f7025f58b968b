"""A worker: our fit, table in memory to convergence table: python one_fit.py MODEL TABLE ROUNDS.

The first fit in the process imports packages and loads compiled code; the others do not.
"""

import sys
from time import perf_counter

import pandas as pd
from processes import cpu_seconds, report

import partialpool as pp


def main(model: str, path: str, rounds: int, settings: dict[str, int]) -> None:
    """Fit, and print seconds and the smallest effective sample size."""
    table, seconds, cpu = pd.read_csv(path), [], []
    for _ in range(rounds):
        start, cpu_start = perf_counter(), cpu_seconds()
        fit = pp.fit(table, model, **settings)
        seconds.append(perf_counter() - start)
        cpu.append(cpu_seconds() - cpu_start)
    posterior = fit.posterior["posterior"]
    report(
        {
            "seconds": seconds,
            "cpu_seconds": cpu,
            "min_ess_bulk": float(fit.convergence["ess_bulk"].min()),
            "max_r_hat": float(fit.convergence["r_hat"].max()),
            "draws": f"{posterior.sizes['chain']} x {posterior.sizes['draw']}",
        }
    )


if __name__ == "__main__":
    model, path, rounds, *tiny = sys.argv[1:]
    main(model, path, int(rounds), {"draws": 50, "tune": 100, "chains": 2} if tiny else {})
