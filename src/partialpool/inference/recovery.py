"""Comparison of estimates with the planted truth, on the scale of the model.

With infinitely many replicates of the same design, a model would estimate the least-squares
projection of the planted predictor on its own terms. This projection is the truth that estimates
are compared with. For instance, in a model without mutations, the effect of a guide includes the
average effect of mutations in mutated lines. If an effect sums to zero, its planted mean is added
to the level that it trades off with.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.sparse.linalg import lsmr

from partialpool.inference.adequacy import coverage_status, inside_by_chance
from partialpool.inference.effects import element_labels
from partialpool.models import MODELS, Model, Parametrization
from partialpool.models.effects import Effect
from partialpool.models.noise import GAUSSIAN, Noise
from partialpool.models.terms import Terms, covariates_of, design_matrix, predict
from partialpool.screen import DIM_COLUMNS, DIMS, Floats, Screen, dim_column

#: How often the count of a right fit is in its range, were all values independent.
CERTAINTY = 0.95


def recovery_table(
    convergence: pd.DataFrame,
    truth: pd.DataFrame,
    screen_table: pd.DataFrame,
    model: Model,
    parametrization: Parametrization,
    noise: Noise = GAUSSIAN,
) -> pd.DataFrame:
    """Compare every estimate with its planted value, if it has one.

    Parameters
    ----------
    convergence
        Estimates with intervals, from ``convergence_table``.
    truth
        Table with columns ``parameter, hugo_symbol, sgrna, depmap_id, value``, one row per planted
        value.
    screen_table
        The modelling table that was simulated.
    model
        The model that was fitted.
    parametrization
        The parametrization that was fitted.
    noise
        The noise that was fitted. A sigma is planted for Gaussian noise only.

    Returns
    -------
    pd.DataFrame
        Table with columns ``parameter``, ``effect``, ``true_value``, ``mean``, ``hdi_lower``,
        ``hdi_upper``, ``error`` (mean - true_value) and ``is_inside`` (whether the interval
        contains the true value).
    """
    true = true_values(truth, screen_table, model, parametrization)
    if not noise.is_gaussian:
        true = true[true["parameter"] != model.sd.name]
    table = true.merge(convergence, on="parameter", how="inner", validate="one_to_one")
    inside = table["true_value"].between(table["hdi_lower"], table["hdi_upper"])
    columns = ["parameter", "effect", "true_value", "mean", "hdi_lower", "hdi_upper"]
    return table[columns].assign(error=table["mean"] - table["true_value"], is_inside=inside)


def true_values(
    truth: pd.DataFrame,
    screen_table: pd.DataFrame,
    model: Model,
    parametrization: Parametrization,
) -> pd.DataFrame:
    """Table of planted values on the model's scale: ``parameter``, ``effect``, ``true_value``.

    If the simulation did not plant an effect, its elements equal the planted effect that they vary
    around. If there is none, they have no true value and are left out.
    """
    effects = _planted_effects(truth)
    terms = tuple(e.term for e in effects.values() if not _is_level(e, effects))
    dims = dict.fromkeys((*DIMS, *model.dims, *(d for e in effects.values() for d in e.dims)))
    screen = Screen.from_table(screen_table, covariates_of(terms), tuple(dims))
    planted = {name: _planted(truth, screen, effect) for name, effect in effects.items()}
    mu: Floats = predict(screen, terms, planted)
    for effect in model.populations(parametrization):
        if isinstance(effect.mean, Effect) and effect.mean.name in planted:
            # No values were planted, so the elements equal the effect that they vary around.
            parents = screen.parents(effect.dims, effect.mean.dims)
            planted.setdefault(effect.name, planted[effect.mean.name][parents])
            effects.setdefault(effect.name, effect)
    known = tuple(term for term in model.terms if term.effect in planted)
    seen, misfit = _project(mu, screen, known, planted)
    _set_levels(seen, planted, model, parametrization)
    for fine in reversed(model.populations(parametrization)):
        if isinstance(fine.mean, Effect) and fine.name in seen and fine.mean.name in planted:
            shift = seen[fine.name] - planted[fine.name]
            groups = screen.parents(fine.dims, fine.mean.dims)
            mean_shift = np.bincount(groups, shift) / np.bincount(groups)
            seen[fine.mean.name] = planted[fine.mean.name] + mean_shift
    tables = [
        element_labels(screen, name, effects[name].dims)[["parameter", "effect"]].assign(
            true_value=values
        )
        for name, values in seen.items()
    ]
    return pd.concat([*tables, _populations(truth, seen, planted, misfit)]).dropna()


def coverage(recovery: pd.DataFrame, prob: float) -> pd.DataFrame:
    """Count the planted values inside their intervals, by effect and over all.

    Parameters
    ----------
    recovery
        As ``recovery_table`` makes it.
    prob
        Probability of its intervals.

    Returns
    -------
    pd.DataFrame
        ``effect``, ``n``, ``n_inside``, ``share_inside``, ``expected_low`` and ``expected_high``
        (the central range of ``n_inside`` that holds 95 % of the binomial distribution, both ends
        included) and ``status``: whether ``n_inside`` is in that range.
    """
    by_effect = recovery.groupby("effect", sort=False)["is_inside"].agg(["size", "sum"])
    by_effect.loc["all"] = by_effect.sum()
    table = by_effect.rename(columns={"size": "n", "sum": "n_inside"}).reset_index()
    low, high = inside_by_chance(table["n"], prob, 1 - CERTAINTY)
    return table.assign(
        share_inside=table["n_inside"] / table["n"],
        expected_low=low,
        expected_high=high,
        status=coverage_status(table["n_inside"], low, high),
    )


def _planted_effects(truth: pd.DataFrame) -> dict[str, Effect]:
    """Effects that the simulation planted, from all models, by name."""
    names = set(truth["parameter"])
    known = {e.name: e for model in MODELS.values() for e in model.populations()}
    return {name: effect for name, effect in known.items() if name in names}


def _is_level(effect: Effect, others: Mapping[str, Effect]) -> bool:
    """Whether other effects vary around it, so that the predictor contains it through them."""
    means = (other.mean for other in others.values() if isinstance(other.mean, Effect))
    return any(mean.name == effect.name for mean in means)


def _planted(truth: pd.DataFrame, screen: Screen, effect: Effect) -> Floats:
    columns = [dim_column(dim) for dim in effect.dims]
    values = truth[truth["parameter"] == effect.name].set_index(columns)["value"]
    labels = [screen.labels[dim] for dim in effect.dims]
    wanted = pd.MultiIndex.from_product(labels) if len(labels) > 1 else pd.Index(labels[0])
    return values.reindex(wanted).to_numpy(dtype="float64")


def _project(
    mu: Floats, screen: Screen, terms: Terms, planted: dict[str, Floats]
) -> tuple[dict[str, Floats], float]:
    """Least-squares effects of ``terms`` for ``mu``, and the mean square of the residuals.

    An element without any row keeps its planted value.
    """
    design = design_matrix(screen, terms)
    theta = lsmr(design, mu, atol=1e-13, btol=1e-13, maxiter=2000)[0]
    misfit = float(np.mean((mu - design @ theta) ** 2))
    touched = np.asarray((design**2).sum(axis=0)) > 0
    effects, start = {}, 0
    for term in terms:
        span = slice(start, start + screen.size(term.dims))
        effects[term.effect] = np.where(
            touched[span], theta[span], planted.get(term.effect, np.nan)
        )
        start = span.stop
    return effects, misfit


def _set_levels(
    seen: dict[str, Floats], planted: dict[str, Floats], model: Model, parametrization: str
) -> None:
    """Divide the level between two effects, which the projection does not determine."""
    for effect, carrier in model.zero_sum.items():
        if not {effect, carrier} <= seen.keys():
            continue
        wanted = 0.0 if parametrization == "identified" else planted[effect].mean()
        shift = seen[effect].mean() - wanted
        seen[effect] = seen[effect] - shift
        seen[carrier] = seen[carrier] + shift


def _populations(
    truth: pd.DataFrame, seen: dict[str, Floats], planted: dict[str, Floats], misfit: float
) -> pd.DataFrame:
    """Planted means and standard deviations of the populations of effects, and the noise."""
    values = truth[truth[list(DIM_COLUMNS.values())].isna().all(axis=1)]
    known = values.set_index("parameter")["value"].to_dict()
    if "gene_effect" in seen:
        known["mu_gene"] += float(np.mean(seen["gene_effect"] - planted["gene_effect"]))
    known["sigma"] = float(np.hypot(known["sigma"], np.sqrt(misfit)))
    if "sigma_sgrna" in known and "sgrna_effect" not in seen:
        del known["sigma_gene"]  # without guides, genes have a different spread
    return pd.DataFrame(
        {
            "parameter": list(known),
            "effect": "population",
            "true_value": list(known.values()),
        }
    )
