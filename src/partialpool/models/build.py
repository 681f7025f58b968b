"""The PyMC model of any declared model, row by row: what the equations say and nothing else.

It draws the picture and is the reference of the kernel; PyMC or nutpie can sample it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from partialpool.models.effects import ZERO_SUM, Effect
from partialpool.models.model import Model, Parametrization
from partialpool.models.priors import Prior
from partialpool.parameters import Parameters
from partialpool.screen import Floats, Screen

#: Ends the name of what is sampled in place of an effect.
STANDARDISED = "_z"
#: Effect -> how far each element is centred, from 0 (standardised) to 1 (as the equations say).
Centring = Mapping[str, Floats]


def build(
    model: Model,
    screen: Screen,
    priors: Parameters,
    parametrization: Parametrization = "identified",
    centring: Centring | None = None,
) -> Any:
    """Build the PyMC model.

    Parameters
    ----------
    model
        What is built.
    screen
        Its measurements, as ``model.view`` gives them.
    priors
        Numbers, of ``model.Priors``.
    parametrization
        Which linear predictor.
    centring
        For the sampler: effect -> (element,) array; effects that it does not name are
        centred. It changes what is sampled, never the distribution of an effect.

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
        pm.Normal("lfc", mu, values[model.sd], observed=screen.lfc, dims="measurement")
    return built


def how_centred(effect: Effect, screen: Screen, centring: Centring) -> Floats:
    """How far each element is centred; the elements of an effect that sums to zero alike."""
    c = centring.get(effect.name, np.ones(screen.size(effect.dims)))
    if effect.mean is ZERO_SUM and np.ptp(c) > 0:
        raise ValueError(f"Expected: one value of centring for {effect.name}\nGot: {c}")
    return c


def _mean(effect: Effect, values: Mapping[Any, Any], screen: Screen) -> Any:
    """What each element varies around."""
    if isinstance(effect.mean, Effect):
        of_coarse = values[effect.mean].flatten()[screen.parents(effect.dims, effect.mean.dims)]
        return of_coarse.reshape(screen.shape(effect.dims))
    return values[effect.mean] if isinstance(effect.mean, Prior) else 0.0


def _population(effect: Effect, mean: Any, sd: Any, c: Floats) -> Any:
    """The elements, N(mean, sd), or what is sampled in their place if they are not centred.

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
    """What an effect adds to each row."""
    part = value.flatten()[screen.index(effect.dims)]
    return part if effect.along is None else part * screen.covariates[effect.along]
