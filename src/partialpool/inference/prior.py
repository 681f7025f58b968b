"""Draws from the prior: of every parameter, and of screens that it predicts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from partialpool.inference.compiling import COMPILING
from partialpool.inference.fit_settings import FitSettings
from partialpool.models.build import build
from partialpool.screen import Screen

if TYPE_CHECKING:
    import arviz as az


def prior_draws(screen: Screen, settings: FitSettings, n: int, n_screens: int) -> az.InferenceData:
    """Draw all parameters from the prior, and simulate some data sets.

    Returns
    -------
    az.InferenceData
        InferenceData with the groups ``prior`` (n draws) and ``prior_predictive`` (LFC of n_screens
        data sets, float32).
    """
    import arviz as az
    import pymc as pm
    import pytensor

    model = build(
        settings.spec, screen, settings.priors, settings.parametrization, noise=settings.noise
    )
    variables = {v.name: v for v in model.unobserved_RVs}
    n_screens = min(n, n_screens)
    # Without a C++ compiler, PyTensor would compute fused operations element by element.
    with COMPILING:
        mode = pytensor.compile.get_default_mode().excluding("fusion")
        rng = np.random.default_rng(settings.seed)
        draw = partial(pm.draw, random_seed=rng, mode=mode)
        *first, screens = draw([*variables.values(), model["lfc"]], draws=n_screens)
        more = draw(list(variables.values()), draws=n - n_screens) if n > n_screens else []
    values = [np.concatenate(parts) for parts in zip(first, more, strict=True)] if more else first
    prior = {name: np.asarray(x)[None] for name, x in zip(variables, values, strict=True)}
    dims = {name: list(model.named_vars_to_dims.get(name, ())) for name in prior}
    return az.from_dict(
        prior=prior,
        prior_predictive={"lfc": np.reshape(screens, (1, n_screens, -1)).astype("float32")},
        coords=screen.coords,
        dims=dims | {"lfc": ["measurement"]},
    )
