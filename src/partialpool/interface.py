"""The Python interface: fit a model to a table in memory.

>>> import partialpool as pp
>>> fit = pp.fit(table, "cell_line")
>>> fit.passed, fit.effects
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import ValidationError

from partialpool.defaults import default
from partialpool.errors import Problem, ScreenError
from partialpool.inference.fit_settings import (
    ConvergenceSettings,
    FitSettings,
    PredictionSettings,
)
from partialpool.inference.fitting import FittedModel, fit_model
from partialpool.models import DEPENDENCY, MODELS
from partialpool.models.requirements import require_inputs
from partialpool.preparation import DataSettings, prepare

if TYPE_CHECKING:
    import arviz as az

#: Keywords of ``fit`` that belong to the sampler.
OF_SAMPLER = ("sampler", "chains", "draws", "tune", "cores", "target_accept")
#: Keywords of ``fit`` that belong to the fit itself.
OF_FIT = ("parametrization", "likelihood", "seed", "noise_df")


def fit(
    table: pd.DataFrame,
    model: str = "cell_line",
    *,
    priors: Mapping[str, Mapping[str, float]] | None = None,
    hdi_prob: float | None = None,
    **settings: Any,
) -> Fit:
    """Fit a hierarchical model to a screen.

    Parameters
    ----------
    table
        Table with one row per sgRNA x replicate and columns ``sgrna, replicate_id, lfc, depmap_id,
        hugo_symbol``, and ``n_muts``, ``rna_expr`` or ``gene_cn`` for the models that use them. A
        copy of it is checked and prepared in the same way as by ``kedro run``.
    model
        Name of the model, one of ``partialpool.MODELS``. Model ``dependency`` has a function of its
        own, ``fit_dependency``.
    priors
        Numbers that differ from the defaults, such as ``{"sigma_gene": {"rate": 2.0}}``.
    hdi_prob
        Probability of the intervals.
    **settings
        Settings that differ from the defaults: ``parametrization``, ``likelihood``, ``seed``,
        ``noise_df``, ``sampler`` (``nutpie`` or ``pymc``), ``chains``, ``draws``, ``tune``,
        ``cores``, ``target_accept``.

    Returns
    -------
    Fit
        Posterior, effects, predictions and verdict.

    Raises
    ------
    ScreenError
        If the table can't be used. The message says how to fix it.
    ValueError
        If a setting is unknown or out of range.
    """
    how = fit_settings(model, priors, settings)
    screen, quality = prepare(table, DataSettings.model_validate(default("data_engineering")))
    require_inputs(screen, [model])
    thresholds = default("convergence") | ({} if hdi_prob is None else {"hdi_prob": hdi_prob})
    judged_by = ConvergenceSettings.model_validate(thresholds)
    return Fit(how, screen, quality, fit_model(screen, how, judged_by, model), judged_by)


def fit_settings(
    model: str,
    priors: Mapping[str, Mapping[str, float]] | None = None,
    changes: Mapping[str, Any] | None = None,
) -> FitSettings:
    """Make the settings of a fit from the defaults and the keywords of ``fit``."""
    changes = dict(changes or {})
    if model == DEPENDENCY:
        raise _refuse(
            f"one of the models {', '.join(MODELS)}",
            repr(model),
            f"call pp.fit_dependency(table) for model {DEPENDENCY}",
        )
    if model not in MODELS:
        raise _refuse(f"one of the models {', '.join(MODELS)}", repr(model), "choose one of them")
    if unknown := set(changes) - {*OF_SAMPLER, *OF_FIT}:
        known = ", ".join((*OF_FIT, *OF_SAMPLER))
        raise _refuse(f"settings among {known}", ", ".join(sorted(unknown)), "leave them out")
    sampler = dict(default("sampler"))
    likelihood = sampler.pop("likelihood")
    sampler |= {name: changes[name] for name in OF_SAMPLER[1:] if name in changes}
    sampler["name"] = changes.get("sampler", sampler["name"])
    values = {"parametrization": "identified", "likelihood": likelihood, "seed": default("seed")}
    values |= {name: changes[name] for name in OF_FIT if name in changes}
    try:
        return FitSettings.model_validate(
            {"model": model, "sampler": sampler, "priors": dict(priors or {}), **values}
        )
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise _refuse("settings in their range", "; ".join(faults), "change them") from None


class Fit:
    """A fitted model.

    Attributes
    ----------
    settings
        The model, its priors, the sampler and the seed.
    table
        The modelling table.
    quality
        Counts of what was read, left out and kept of the input table.
    posterior
        Draws (``arviz.InferenceData``).
    convergence
        Table with one row per parameter: mean, sd, interval, R-hat, effective sample sizes.
    verdict
        Whether the fit can be used, and if not, why.
    effects
        A row per gene, guide or cell line, with its interval and whether measurements inform it.
    """

    def __init__(
        self,
        settings: FitSettings,
        table: pd.DataFrame,
        quality: pd.DataFrame,
        fitted: FittedModel,
        thresholds: ConvergenceSettings,
    ) -> None:
        self.settings, self.table, self.quality = settings, table, quality
        self.posterior: az.InferenceData = fitted.posterior
        self.convergence, self.verdict, self.effects = fitted[1:]
        self._thresholds = thresholds

    @property
    def passed(self) -> bool:
        """Whether the sampler converged."""
        return bool(self.verdict["passed"])

    @cached_property
    def predictions(self) -> pd.DataFrame:
        """Table with one row per measurement: LFC, prediction, interval and error."""
        from partialpool.inference.prediction import prediction_table

        spec = self.settings.spec
        keep = default("prediction") | {
            "seed": self.settings.seed,
            "hdi_prob": self._thresholds.hdi_prob,
        }
        return prediction_table(
            spec.view(self.table),
            self.posterior["posterior"],
            spec.terms,
            PredictionSettings.model_validate(keep),
            self.settings.noise,
        )

    def __repr__(self) -> str:
        """The verdict in one line."""
        from partialpool.inference.convergence import describe

        return textwrap.shorten(f"<Fit {describe(self.verdict)}>", 300)


def _refuse(expected: str, got: str, fix: str) -> ScreenError:
    return ScreenError.of(Problem(expected=expected, got=got, fix=fix))
