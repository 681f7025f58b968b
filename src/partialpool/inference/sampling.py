"""Draws from the posterior, with a record of how they were made."""

from __future__ import annotations

import json
import logging
import platform
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from time import perf_counter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from partialpool.inference.centring import choose_centring
from partialpool.inference.compiling import numba_kernels
from partialpool.inference.fit_settings import FitSettings
from partialpool.inference.progress import run_with_progress
from partialpool.inference.statistics import gather
from partialpool.models.build import STANDARDISED, build
from partialpool.screen import Floats, Screen

if TYPE_CHECKING:
    import arviz as az
    import xarray as xr

    from partialpool.inference.kernel import Kernel

logger = logging.getLogger(__name__)

#: nutpie's name -> ArviZ's name of statistics of the sampler.
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
PACKAGES = (
    "partialpool",
    "pymc",
    "pytensor",
    "nutpie",
    "numba",
    "arviz",
    "numpy",
    "pandas",
    "xarray",
)
#: Relative variation of the step size between draws. If a posterior is nearly normal, trajectories
#: of constant length only change the signs of effects: signs then mix fast and sizes slowly (R-hat
#: of sizes was up to 1.011 on a screen of 883 genes, and 1.006 with this variation).
STEP_SIZE_JITTER = 0.3
#: Largest distance from 0 at which chains start, on the sampled scale, as in PyMC.
JITTER = 1.0


def fit(screen: Screen, settings: FitSettings, label: str) -> az.InferenceData:
    """Sample the posterior of a model given a screen.

    Parameters
    ----------
    screen
        Screen, from ``settings.spec.view``.
    settings
        Model, priors, likelihood, sampler and seed.
    label
        Name of the fit in progress bars and the log.

    Returns
    -------
    az.InferenceData
        InferenceData with the groups ``posterior`` (the variables of the model, with labelled dims)
        and ``sample_stats`` (with ArviZ's names). Its attributes record how the fit was made and
        how long it took (``seconds``, which include ``compile_seconds`` if the sampler reports it).
    """
    import arviz as az

    start = perf_counter()
    sampler = SAMPLERS[settings.sampler.name, settings.evaluated]
    posterior, statistics, compile_seconds = sampler(screen, settings, label)
    idata = az.InferenceData(posterior=posterior, sample_stats=statistics)
    idata.attrs.update(provenance(screen, settings) | {"label": label})
    idata.attrs["seconds"] = round(perf_counter() - start, 3)
    if compile_seconds is not None:
        idata.attrs["compile_seconds"] = round(compile_seconds, 6)
    logger.info("%s: fitted in %.1f s", label, idata.attrs["seconds"])
    return idata


def provenance(screen: Screen, settings: FitSettings) -> dict[str, Any]:
    """Settings, data and versions of a fit, as attributes that NetCDF can store."""
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
        # With microseconds, because it identifies the MLflow run that was open at this moment.
        "created_at": datetime.now(UTC).isoformat(timespec="microseconds"),
    }


Sampled = tuple["xr.Dataset", "xr.Dataset", float | None]


def _sample_kernel(screen: Screen, settings: FitSettings, label: str) -> Sampled:
    """Sample the kernel with nutpie's NUTS. Its code is compiled only if numba's cache is empty."""
    start = perf_counter()
    from partialpool.inference.kernel import make_kernel

    compile_seconds, spec = perf_counter() - start, settings.spec
    statistics = gather(screen, spec.terms)
    centring = _centring(screen, settings, statistics)
    kernel = make_kernel(
        spec, screen, settings.priors, statistics, settings.parametrization, centring
    )
    _, records = _run_nutpie(_for_nutpie(kernel), settings, label)
    # Nutpie stores the points anyway. Values are computed later, which saves memory.
    points = (_last(chain, "unconstrained_draw", settings.sampler.draws) for chain in records)
    posterior = _labelled(settings, screen, (kernel.expand(p, np.float32) for p in points))
    return posterior, _statistics(records, settings), compile_seconds


def _sample_rows(screen: Screen, settings: FitSettings, label: str) -> Sampled:
    """Sample the PyMC model with nutpie's NUTS."""
    import nutpie

    logger.info("%s: compiling", label)
    model, start = _pymc_model(screen, settings), perf_counter()
    with numba_kernels():
        compiled = nutpie.compile_pymc_model(model)
    compile_seconds = perf_counter() - start
    draws, records = _run_nutpie(compiled, settings, label)
    n_draws, names = settings.sampler.draws, _dims(settings)
    chains = ({name: _last(chain, name, n_draws) for name in names} for chain in draws)
    posterior = _labelled(settings, screen, chains)
    return posterior, _statistics(records, settings), compile_seconds


def _sample_pymc(screen: Screen, settings: FitSettings, label: str) -> Sampled:
    """Sample the PyMC model with PyMC, which does not report its compilation time."""
    import pymc as pm

    from partialpool.inference.progress import DrawLog, at_terminal

    sampler = settings.sampler
    logger.info("%s: sampling %d chains x %d draws", label, sampler.chains, sampler.draws)
    with _pymc_model(screen, settings), ExitStack() as compiling:
        compiling.enter_context(numba_kernels())
        idata = pm.sample(
            draws=sampler.draws,
            tune=sampler.tune,
            chains=sampler.chains,
            cores=min(sampler.cores, sampler.chains),
            target_accept=sampler.target_accept,
            init=sampler.init,
            n_init=sampler.n_init,
            random_seed=settings.seed,
            progressbar=at_terminal(),
            callback=DrawLog(
                label, sampler.chains * (sampler.draws + sampler.tune), compiling.close
            ),
            compute_convergence_checks=False,  # the verdict contains them
            nuts_sampler="pymc",
            compile_kwargs={"mode": "NUMBA"},
        )
    posterior = idata["posterior"]
    own = [name for name in posterior.data_vars if not str(name).endswith(STANDARDISED)]
    statistics = idata["sample_stats"][list(NUTPIE_STATISTICS.values())]
    return posterior[own].drop_attrs(), statistics.drop_attrs(), None


SAMPLERS = {
    ("nutpie", "sufficient"): _sample_kernel,
    ("nutpie", "rowwise"): _sample_rows,
    ("pymc", "sufficient"): _sample_pymc,
    ("pymc", "rowwise"): _sample_pymc,
}


def _centring(screen: Screen, settings: FitSettings, statistics: Any) -> Mapping[str, Floats]:
    """Centring of the effects: all are centred as published, otherwise chosen by the data."""
    if settings.parametrization == "published":
        return {}
    return choose_centring(settings.spec, screen, statistics)


def _pymc_model(screen: Screen, settings: FitSettings) -> Any:
    spec = settings.spec
    centring = _centring(screen, settings, gather(screen, spec.terms))
    form, priors = settings.parametrization, settings.priors
    return build(spec, screen, priors, form, centring, settings.noise)


def _for_nutpie(kernel: Kernel) -> Any:
    """Wrap the compiled functions for nutpie, which calls them by address and without locks."""
    from nutpie.compile_pymc import CompiledPyMCModel

    from partialpool.inference.density import log_density_by_address, nothing_by_address

    def start(seed: int) -> Floats:
        rng = np.random.default_rng(seed)
        return rng.uniform(-JITTER, JITTER, kernel.n_free)

    return CompiledPyMCModel(
        dims={},
        compiled_logp_func=log_density_by_address,
        compiled_expand_func=nothing_by_address,
        initial_point_func=start,
        shared_data={},
        user_data=kernel.memory,
        n_expanded=1,
        shape_info=(["nothing"], [slice(0, 1)], [()]),
        logp_func=None,
        expand_func=None,
        _n_dim=kernel.n_free,
        _shapes={"nothing": ()},
        _coords={},
    )


def _run_nutpie(
    compiled: Any, settings: FitSettings, label: str
) -> tuple[Sequence[Any], Sequence[Any]]:
    """Run nutpie; return its records of each chain: draws, and statistics of the sampler."""
    import nutpie

    sampler = settings.sampler
    trace = run_with_progress(
        lambda progress_bar: nutpie.sample(
            compiled,
            draws=sampler.draws,
            tune=sampler.tune,
            chains=sampler.chains,
            cores=sampler.cores,
            target_accept=sampler.target_accept,
            step_size_jitter=STEP_SIZE_JITTER,
            store_unconstrained=True,
            seed=settings.seed,
            save_warmup=False,
            progress_bar=progress_bar,
            blocking=False,
            return_raw_trace=True,
        ),
        n_draws=sampler.chains * sampler.draws,
        label=label,
    )
    return trace.get_arrow_trace()


def _last(chain: Any, name: str, n_draws: int) -> npt.NDArray[Any]:
    """Draws after warm-up, (draw,) or (draw, element), from a column of a record of nutpie."""
    import pyarrow as pa

    record = pa.array(chain.column(name))
    kept = record.slice(len(record) - n_draws)
    nested = hasattr(kept, "flatten")
    values = (kept.flatten() if nested else kept).to_numpy(zero_copy_only=False)
    return values.reshape(n_draws, -1) if nested else values


def _dims(settings: FitSettings) -> dict[str, tuple[str, ...]]:
    """Dims of every variable of a model, in the order of the posterior."""
    spec, form = settings.spec, settings.parametrization
    scalars = {prior.name: () for prior in spec.scalars(form)}
    return scalars | {effect.name: effect.dims for effect in spec.populations(form)}


def _labelled(
    settings: FitSettings, screen: Screen, chains: Iterable[Mapping[str, npt.NDArray[Any]]]
) -> xr.Dataset:
    """Label the draws of all chains.

    They are 32-bit floats, as in the saved file. Seven digits are more than the Monte Carlo error
    allows.
    """
    import xarray as xr

    dims, sampler = _dims(settings), settings.sampler
    shape = sampler.chains, sampler.draws
    arrays = {
        name: np.empty((*shape, *screen.shape(over)), np.float32) for name, over in dims.items()
    }
    for number, chain in enumerate(chains):  # one at a time, to save memory
        for name, values in arrays.items():
            values[number] = chain[name].reshape(values.shape[1:])
    variables = {name: (("chain", "draw", *over), arrays[name]) for name, over in dims.items()}
    used = {dim for over in dims.values() for dim in over}
    coords = {dim: labels for dim, labels in screen.coords.items() if dim in used}
    index = {"chain": np.arange(sampler.chains), "draw": np.arange(sampler.draws)}
    return xr.Dataset(variables, coords=index | coords)


def _statistics(chains: Sequence[Any], settings: FitSettings) -> xr.Dataset:
    """Statistics of the sampler, with ArviZ's names."""
    import xarray as xr

    n_draws = settings.sampler.draws
    variables = {
        ours: (("chain", "draw"), np.stack([_last(chain, name, n_draws) for chain in chains]))
        for name, ours in NUTPIE_STATISTICS.items()
    }
    index = {"chain": np.arange(len(chains)), "draw": np.arange(n_draws)}
    return xr.Dataset(variables, coords=index)
