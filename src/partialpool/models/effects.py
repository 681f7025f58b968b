"""Populations of effects, declared so that the sampler finds its way at any amount of data.

A centred effect x ~ N(mu, sigma) suits elements with much data, a standardised one
x = mu + sigma z suits elements with little; the wrong choice gives a funnel. In between
(Gorinova, Moore and Hoffman, ICML 2020, "Automatic reparameterisation of probabilistic
programs"), with c from 0 (standardised) to 1 (centred):

    z ~ N(c mu, sigma^c),    x = mu + sigma^(1 - c) (z - c mu)

is the same x ~ N(mu, sigma) for every c. An effect's elements share eleven values of c, since
powers of sigma for thousands of guides would cost more than their likelihood.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from partialpool.models.predictor import LinearPredictor

#: Where the data decide this much of the average element the plain form samples as well, and
#: several times as fast.
CENTRED_FROM = 0.9
#: Ends the name of what is sampled in an effect's place.
STANDARDISED = "_z"


def normal(name: str, mu: Any, sigma: Any, predictor: LinearPredictor) -> Any:
    """``name ~ N(mu, sigma)`` over its dims, centred as far as the data decide.

    Unless the data decide nearly all of it, also declares ``<name>_z``, what is sampled.
    """
    import pymc as pm

    dims, pooling = predictor.dims(name), predictor.pooling(name)
    if pooling.mean() >= CENTRED_FROM:
        return pm.Normal(name, mu, sigma, dims=dims)
    levels, level = np.unique(pooling.round(1), return_inverse=True)
    if len(levels) == 1:  # PyTensor 2.38 trips over constant vectors of one value
        c = levels[0]
        outer, inner = sigma**c, sigma ** (1 - c)
    else:
        c = levels[level]
        outer, inner = (sigma**levels)[level], (sigma ** (1 - levels))[level]
    z = pm.Normal(name + STANDARDISED, c * mu, outer, dims=dims)
    return pm.Deterministic(name, mu + inner * (z - c * mu), dims=dims)


def zero_sum_normal(name: str, sigma: Any, predictor: LinearPredictor) -> Any:
    """``name ~ ZeroSumNormal(sigma)`` over the dim of its term; another effect has its level.

    Also declares ``<name>_z``, what is sampled; one c serves all elements, so that they
    still sum to zero.
    """
    import pymc as pm

    dims, c = predictor.term(name).dims, float(np.mean(predictor.pooling(name)))
    z = pm.ZeroSumNormal(name + STANDARDISED, sigma**c, dims=dims)
    return pm.Deterministic(name, sigma ** (1 - c) * z, dims=dims)


def own_variables(model: Any) -> dict[str, Any]:
    """Variables that a model is about by name, without those that only stand behind an effect."""
    return {v.name: v for v in model.unobserved_RVs if not v.name.endswith(STANDARDISED)}
