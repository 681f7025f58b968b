"""Estimates beside the truth that a simulation planted, on the scale that a model can see.

A model sees the planted predictor through its own terms only. What it would estimate from
endless replicates of the same design is the least-squares projection of the planted predictor
on its terms, and that is the truth it is held to: a guide's effect includes, for a model
without mutations, the average that mutated lines add. Where an effect sums to zero, its
planted mean belongs to the level that it trades off with.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse.linalg import lsmr

from partialpool.inference.effects import element_labels
from partialpool.models import Model, Parametrization
from partialpool.models.terms import Term, Terms, covariates_of, design_matrix, predict
from partialpool.screen import DIM_COLUMNS, Floats, Screen

#: Every effect that a simulation can plant on a measurement, and what multiplies it.
PLANTED = (
    Term("sgrna_effect", ("sgrna",)),
    Term("cell_line_effect", ("cell_line",)),
    Term("copy_number_effect", ("gene",), covariate="gene_cn_z"),
    Term("mutation_effect", ("gene",), covariate="is_mutated"),
    Term("rna_effect", ("gene",), covariate="rna_expr_z"),
)


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
    convergence : estimates with intervals, as ``convergence_table`` makes them
    truth : ``parameter, hugo_symbol, sgrna, depmap_id, value``, a row per planted value
    screen_table : the modelling table that was simulated

    Returns
    -------
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
    """Planted values on the model's scale: ``parameter``, ``effect``, ``true_value``."""
    planted_terms = _planted_terms(truth)
    screen = Screen.from_table(screen_table, covariates_of(planted_terms))
    planted = {term.effect: _planted(truth, screen, term.effect, term.dims[0]) for term in PLANTED}
    planted["gene_effect"] = _planted(truth, screen, "gene_effect", "gene")
    mu: Floats = predict(screen, planted_terms, planted)
    seen, misfit = _project(mu, screen, model.terms, planted)
    _set_levels(seen, planted, model, parametrization)
    for fine, coarse in model.levels.items():
        shift, groups = seen[fine] - planted[fine], screen.groups(*model.term(fine).dims)
        seen[coarse] = planted[coarse] + np.bincount(groups, shift) / np.bincount(groups)

    dims = {term.effect: term.dims for term in model.terms} | {"gene_effect": ("gene",)}
    effects = [
        element_labels(screen, name, dims[name])[["parameter", "effect"]].assign(true_value=values)
        for name, values in seen.items()
    ]
    return pd.concat([*effects, _populations(truth, seen, planted, misfit)]).dropna()


def coverage(recovery: pd.DataFrame) -> pd.DataFrame:
    """Share of the planted values inside their intervals, by effect and over all."""
    by_effect = recovery.groupby("effect", sort=False)["is_inside"].agg(["size", "sum"])
    by_effect.loc["all"] = by_effect.sum()
    table = by_effect.rename(columns={"size": "n", "sum": "n_inside"}).reset_index()
    return table.assign(share_inside=table["n_inside"] / table["n"])


def _planted_terms(truth: pd.DataFrame) -> Terms:
    """The planted predictor: guides if there are any, else genes; then what else is planted."""
    names = set(truth["parameter"])
    first = PLANTED[0] if "sgrna_effect" in names else Term("gene_effect", ("gene",))
    return (first, *(term for term in PLANTED[1:] if term.effect in names))


def _planted(truth: pd.DataFrame, screen: Screen, effect: str, dim: str) -> Floats:
    values = truth[truth["parameter"] == effect].set_index(DIM_COLUMNS[dim])["value"]
    return values.reindex(list(screen.labels[dim])).to_numpy(dtype="float64")


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
