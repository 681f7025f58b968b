"""Draws from the posterior, with the fit's provenance."""

from __future__ import annotations

import json
import logging
import platform
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from time import perf_counter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from partialpool.inference.compiling import numba_kernels
from partialpool.inference.progress import run_with_progress
from partialpool.inference.settings import FitSettings, SamplerSettings
from partialpool.models.effects import own_variables
from partialpool.screen import Screen

if TYPE_CHECKING:
    import arviz as az

logger = logging.getLogger(__name__)

#: nutpie's names of the sampler's statistics, in ArviZ's terms.
NUTPIE_STATISTICS = {
    "diverging": "diverging",
    "energy": "energy",
    "depth": "tree_depth",
    "maxdepth_reached": "reached_max_treedepth",
    "mean_tree_accept": "acceptance_rate",
    "n_steps": "n_steps",
    "step_size": "step_size",
    "logp": "lp",
}
PYMC_STATISTICS = {
    name: name
    for name in (
        "diverging",
        "energy",
        "tree_depth",
        "reached_max_treedepth",
        "acceptance_rate",
        "n_steps",
        "step_size",
        "lp",
    )
}
PACKAGES = ("partialpool", "pymc", "pytensor", "nutpie", "arviz", "numpy", "pandas", "xarray")


def fit(screen: Screen, settings: FitSettings, label: str) -> az.InferenceData:
    """Sample the posterior of a model given a screen.

    Parameters
    ----------
    screen : with the covariates that the model needs
    settings : model, priors, likelihood, sampler and seed
    label : what progress and log lines call the fit

    Returns
    -------
    InferenceData with ``posterior`` (the model's own variables, labelled dims) and
    ``sample_stats`` (ArviZ's names); its attributes tell the fit's provenance, and how long it
    took (``seconds``, and ``compile_seconds`` of them where the sampler tells).
    """
    start = perf_counter()
    model = settings.spec.build(
        screen, settings.priors, settings.parametrization, settings.likelihood
    )
    sampler = _sample_nutpie if settings.sampler.name == "nutpie" else _sample_pymc
    idata, compile_seconds = sampler(model, settings.sampler, settings.seed, label)
    tidy = _tidy(idata, model, settings.sampler)
    tidy.attrs.update(provenance(screen, settings) | {"label": label})
    tidy.attrs["seconds"] = round(perf_counter() - start, 3)
    if compile_seconds is not None:
        tidy.attrs["compile_seconds"] = round(compile_seconds, 3)
    logger.info("%s: fitted in %.1f s", label, tidy.attrs["seconds"])
    return tidy


def provenance(screen: Screen, settings: FitSettings) -> dict[str, Any]:
    """What shaped a fit: settings, data and versions, as attributes that NetCDF can hold."""
    return {
        "model": settings.model,
        "settings": settings.model_dump_json(),
        "seed": settings.seed,
        "data_hash": screen.content_hash,
        "fit_id": uuid4().hex,
        "n_measurements": screen.n_rows,
        "n_left_out": screen.n_left_out,
        **{f"n_{dim}": len(labels) for dim, labels in screen.labels.items()},
        "versions": json.dumps({name: version(name) for name in PACKAGES}),
        "python": platform.python_version(),
        # To the microsecond: MLflow finds the run that was open at this moment by it.
        "created_at": datetime.now(UTC).isoformat(timespec="microseconds"),
    }


def _sample_nutpie(
    model: Any, sampler: SamplerSettings, seed: int, label: str
) -> tuple[az.InferenceData, float]:
    import nutpie

    logger.info("%s: compiling", label)
    start = perf_counter()
    with numba_kernels():
        compiled = nutpie.compile_pymc_model(model)
    compile_seconds = perf_counter() - start
    idata = run_with_progress(
        lambda progress_bar: nutpie.sample(
            compiled,
            draws=sampler.draws,
            tune=sampler.tune,
            chains=sampler.chains,
            cores=sampler.cores,
            target_accept=sampler.target_accept,
            seed=seed,
            save_warmup=False,
            progress_bar=progress_bar,
            blocking=False,
        ),
        n_draws=sampler.chains * sampler.draws,
        label=label,
    )
    return idata, compile_seconds


def _sample_pymc(
    model: Any, sampler: SamplerSettings, seed: int, label: str
) -> tuple[az.InferenceData, None]:
    """PyMC compiles and samples in one call; how long it compiled is not known."""
    import pymc as pm

    from partialpool.inference.progress import DrawLog, at_terminal

    logger.info("%s: sampling %d chains x %d draws", label, sampler.chains, sampler.draws)
    with model, ExitStack() as compiling:
        compiling.enter_context(numba_kernels())
        idata = pm.sample(
            draws=sampler.draws,
            tune=sampler.tune,
            chains=sampler.chains,
            cores=min(sampler.cores, sampler.chains),
            target_accept=sampler.target_accept,
            init=sampler.init,
            n_init=sampler.n_init,
            random_seed=seed,
            progressbar=at_terminal(),
            callback=DrawLog(
                label, sampler.chains * (sampler.draws + sampler.tune), compiling.close
            ),
            compute_convergence_checks=False,  # the convergence node makes them, and says so
            nuts_sampler="pymc",
            compile_kwargs={"mode": "NUMBA"},
        )
    return idata, None


def _tidy(idata: az.InferenceData, model: Any, sampler: SamplerSettings) -> az.InferenceData:
    """The model's own variables and the statistics that we use, by ArviZ's names."""
    import arviz as az

    statistics = NUTPIE_STATISTICS if sampler.name == "nutpie" else PYMC_STATISTICS
    posterior, names = idata["posterior"], own_variables(model)
    own = [name for name in posterior.data_vars if name in names]
    stats = idata["sample_stats"][list(statistics)].rename(statistics)
    return az.InferenceData(
        posterior=posterior[own].drop_attrs(),
        sample_stats=stats.drop_attrs(),
    )
