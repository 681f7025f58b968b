"""Estimates beside the truth that a simulation planted, on the scale that a model can see.

A model sees the planted predictor through its own terms only. What it would estimate from
endless replicates of the same design is the least-squares projection of the planted predictor
on its terms, and that is the truth it is held to: a guide's effect includes, for a model
without mutations, the average that mutated lines add. Where an effect sums to zero, its
planted mean belongs to the level that it trades off with.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.sparse.linalg import lsmr

from partialpool.inference.effects import element_labels
from partialpool.models import MODELS, Model, Parametrization
from partialpool.models.effects import Effect
from partialpool.models.terms import Terms, covariates_of, design_matrix, predict
from partialpool.screen import DIM_COLUMNS, DIMS, Floats, Screen, dim_column


def recovery_table(
    convergence: pd.DataFrame,
    truth: pd.DataFrame,
    screen_table: pd.DataFrame,
    model: Model,
    parametrization: Parametrization,
) -> pd.DataFrame:
    """Put every estimate with a planted value beside it.

    Parameters
    ----------
    convergence
        Estimates with intervals, as ``convergence_table`` makes them.
    truth
        ``parameter, hugo_symbol, sgrna, depmap_id, value``, a row per planted value.
    screen_table
        The modelling table that was simulated.
    model
        The model that was fitted.
    parametrization
        The parametrization that was fitted.

    Returns
    -------
    pd.DataFrame
        ``parameter``, ``effect``, ``true_value``, ``mean``, ``hdi_lower``, ``hdi_upper``,
        ``error`` (mean - true_value) and ``is_inside`` (the interval holds the true value).
    """
    true = true_values(truth, screen_table, model, parametrization)
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
    """Planted values on the model's scale: ``parameter``, ``effect``, ``true_value``.

    Elements of an effect that the simulation did not plant are as the planted effect that they vary
    around. Without one they have no true value and are left out.
    """
    effects = _planted_effects(truth)
    terms = tuple(e.term for e in effects.values() if not _is_level(e, effects))
    dims = dict.fromkeys((*DIMS, *model.dims, *(d for e in effects.values() for d in e.dims)))
    screen = Screen.from_table(screen_table, covariates_of(terms), tuple(dims))
    planted = {name: _planted(truth, screen, effect) for name, effect in effects.items()}
    mu: Floats = predict(screen, terms, planted)
    for effect in model.populations(parametrization):
        if isinstance(effect.mean, Effect) and effect.mean.name in planted:
            # Nothing was planted in its elements: they are all as what they vary around.
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


def coverage(recovery: pd.DataFrame) -> pd.DataFrame:
    """Share of the planted values inside their intervals, by effect and over all."""
    by_effect = recovery.groupby("effect", sort=False)["is_inside"].agg(["size", "sum"])
    by_effect.loc["all"] = by_effect.sum()
    table = by_effect.rename(columns={"size": "n", "sum": "n_inside"}).reset_index()
    return table.assign(share_inside=table["n_inside"] / table["n"])


def _planted_effects(truth: pd.DataFrame) -> dict[str, Effect]:
    """The effects of any model that the simulation planted, by name."""
    names = set(truth["parameter"])
    known = {e.name: e for model in MODELS.values() for e in model.populations()}
    return {name: effect for name, effect in known.items() if name in names}


def _is_level(effect: Effect, others: Mapping[str, Effect]) -> bool:
    """Whether others vary around it, so that it enters the predictor through them."""
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
    """Least-squares effects of ``terms`` for ``mu``, and the mean square that they miss.

    An element that no row touches keeps its planted value.
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
    """Fix the split of the level between two effects, which the projection leaves open."""
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
        del known["sigma_gene"]  # the spread of genes is another one where guides are averaged
    return pd.DataFrame(
        {
            "parameter": list(known),
            "effect": "population",
            "true_value": list(known.values()),
        }
    )
