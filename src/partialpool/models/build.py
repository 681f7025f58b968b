"""The PyMC model of any declared model: the equations, with one row per measurement.

The picture of a model is drawn from it. It is the reference for the kernel, and PyMC or nutpie can
sample it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from partialpool.models.effects import ZERO_SUM, Effect
from partialpool.models.model import Model, Parametrization
from partialpool.models.noise import GAUSSIAN, Noise
from partialpool.models.priors import Prior
from partialpool.parameters import Parameters
from partialpool.screen import Floats, Screen

#: Suffix of the variable that is sampled in place of an effect.
STANDARDISED = "_z"
#: Effect -> how far each element is centred, from 0 (standardised) to 1 (as in the equations).
Centring = Mapping[str, Floats]


def build(
    model: Model,
    screen: Screen,
    priors: Parameters,
    parametrization: Parametrization = "identified",
    centring: Centring | None = None,
    noise: Noise = GAUSSIAN,
) -> Any:
    """Build the PyMC model.

    Parameters
    ----------
    model
        Model to build.
    screen
        Its measurements, as returned by ``model.view``.
    priors
        Numbers of the priors, an instance of ``model.Priors``.
    parametrization
        Which linear predictor to use.
    centring
        Effect -> (element,) array. Effects that it does not name are centred. It changes which
        variables are sampled, but not the distribution of any effect.
    noise
        Distribution of the measurements around their means.

    Returns
    -------
    Any
        A ``pymc.Model`` with one variable for each parameter and effect, labelled dims and ``lfc``.
    """
    import pymc as pm

    coords = {**screen.coords, "measurement": np.arange(screen.n_rows)}
    values: dict[Any, Any] = {}
    with pm.Model(coords=coords) as built:
        for prior in model.scalars(parametrization):
            values[prior] = prior.rv(getattr(priors, prior.name))
        for effect in model.populations(parametrization):
            shaped = how_centred(effect, screen, centring or {}).reshape(screen.shape(effect.dims))
            mean = _mean(effect, values, screen)
            values[effect] = _population(effect, mean, values[effect.sd], shaped)
        effects = model.predictor(parametrization).effects
        mu = sum(_term(effect, values[effect], screen) for effect in effects)
        noise.rv("lfc", mu, values[model.sd], observed=screen.lfc, dims="measurement")
    return built


def how_centred(effect: Effect, screen: Screen, centring: Centring) -> Floats:
    """How far each element is centred: all equally if the effect sums to zero."""
    c = centring.get(effect.name, np.ones(screen.size(effect.dims)))
    if effect.mean is ZERO_SUM and np.ptp(c) > 0:
        raise ValueError(f"Expected: one value of centring for {effect.name}\nGot: {c}")
    return c


def _mean(effect: Effect, values: Mapping[Any, Any], screen: Screen) -> Any:
    """Mean of each element."""
    if isinstance(effect.mean, Effect):
        of_coarse = values[effect.mean].flatten()[screen.parents(effect.dims, effect.mean.dims)]
        return of_coarse.reshape(screen.shape(effect.dims))
    return values[effect.mean] if isinstance(effect.mean, Prior) else 0.0


def _population(effect: Effect, mean: Any, sd: Any, c: Floats) -> Any:
    """Variable with the elements, N(mean, sd). If they are not centred, another one is sampled.

    For any c, z ~ N(c mean, sd^c) and mean + sd^(1 - c) (z - c mean) ~ N(mean, sd).
    """
    import pymc as pm

    dims, centred = effect.dims, bool(np.all(c == 1))
    name = effect.name if centred else effect.name + STANDARDISED
    if effect.mean is ZERO_SUM:
        c = c[:1]
        z = pm.ZeroSumNormal(name, sd ** c[0], dims=dims)
    else:
        z = pm.Normal(name, c * mean, sd**c, dims=dims)
    if centred:
        return z
    return pm.Deterministic(effect.name, mean + sd ** (1 - c) * (z - c * mean), dims=dims)


def _term(effect: Effect, value: Any, screen: Screen) -> Any:
    """Contribution of an effect to each row."""
    part = value.flatten()[screen.index(effect.dims)]
    return part if effect.along is None else part * screen.covariates[effect.along]
