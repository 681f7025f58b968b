"""A worker: every step of one model, in memory: python one_model.py MODEL ROUNDS [--tiny].

Each step runs once, to load or compile its code, and then ROUNDS times.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from time import perf_counter
from typing import Any

import inputs
from processes import report

from partialpool.inference.centring import choose_centring
from partialpool.inference.convergence import convergence_table
from partialpool.inference.prediction import prediction_table
from partialpool.inference.prior import prior_draws
from partialpool.inference.sampling import fit
from partialpool.inference.scores import loo_table
from partialpool.inference.statistics import gather


def main(model: str, rounds: int, tiny: bool) -> None:
    """Measure the steps, and print them."""
    settings = inputs.project(tiny)
    how, table = settings.modeling[model], inputs.modelling_table(settings)
    spec, keep = how.spec, settings.prediction
    seconds: dict[str, list[float]] = {}

    def step(name: str, work: Callable[[], Any]) -> Any:
        """Run a step several times, and return its last result."""
        for _ in range(rounds + 1):
            start = perf_counter()
            found = work()
            seconds.setdefault(name, []).append(round(perf_counter() - start, 5))
        return found

    # It is compiled on import, for all models.
    kernel = step("import the kernel", lambda: import_module("partialpool.inference.kernel"))
    screen = step("view of the table", lambda: spec.view(table))
    statistics = step("gather statistics", lambda: gather(screen, spec.terms))
    centring = step("choose centring", lambda: choose_centring(spec, screen, statistics))
    make = partial(kernel.make_kernel, spec, screen, how.priors, statistics, how.parametrization)
    step("set up kernel", lambda: make(centring))
    idata = step("fit (the three above and NUTS)", lambda: fit(screen, how, model))
    posterior = idata["posterior"]
    summary = step(
        "convergence table", lambda: convergence_table(idata, settings.convergence.hdi_prob)
    )
    step("prior draws", lambda: prior_draws(screen, how, keep.prior_draws, keep.replicates))
    step("prediction", lambda: prediction_table(screen, posterior, spec.terms, keep))
    step("LOO", lambda: loo_table(screen, posterior, spec.terms, settings.scores))
    report(
        {
            "seconds": seconds,
            "n_rows": screen.n_rows,
            "n_parameters": len(summary),
            "draws": posterior.sizes["chain"] * posterior.sizes["draw"],
            "min_ess_bulk": float(summary["ess_bulk"].min()),
            "divergences": int(idata["sample_stats"]["diverging"].sum()),
        }
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), "--tiny" in sys.argv)
