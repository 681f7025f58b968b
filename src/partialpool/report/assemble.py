"""From the results of a run to what the report shows."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import pandas as pd

from partialpool.models import MODELS, Model
from partialpool.report.content import MAIN_SCREEN, ModelContent, ReportContent, Section
from partialpool.screen import Screen
from partialpool.tidy.handon import FittedEffects, measurements

#: Between the parts of a result's name, such as ``cell_line__figures__trace``.
SEPARATOR = "__"
FIGURES, TABLES = "figures", "tables"
#: What a fit gives, besides figures, and what a fit to a simulated screen may add.
RESULTS = ("verdict", "convergence", "effects", "scores", "graph")
TRUTH_RESULTS = ("recovery", "coverage")
#: Packages whose versions can change numbers.
PACKAGES = ("partialpool", "pymc", "nutpie", "arviz", "numpy", "pandas", "kedro")


def local_name(dataset: str) -> str:
    """A catalog name, such as ``cell_line.figures.trace``, as the name of a result."""
    return dataset.replace(".", SEPARATOR)


def fits_of(results: Mapping[str, Any]) -> list[str]:
    """Names of the fits that gave results, in order."""
    suffix = f"{SEPARATOR}verdict"
    return [name.removesuffix(suffix) for name in results if name.endswith(suffix)]


def report_content(
    results: Mapping[str, Any],
    modeling: Mapping[str, Any],
    screen: pd.DataFrame,
    data_quality: pd.DataFrame,
    hdi_prob: float,
) -> ReportContent:
    """Gather what the report shows.

    Parameters
    ----------
    results : such as ``cell_line__verdict`` and ``cell_line__figures__trace``
    modeling : settings of every fit, as in ``parameters_modeling.yml``
    """
    fits = fits_of(results)
    return ReportContent(
        data_quality=data_quality,
        sections=_sections(results, fits),
        models=[_model(name, results, modeling[name], screen) for name in fits],
        provenance=provenance(screen, [modeling[name]["seed"] for name in fits]),
        hdi_prob=hdi_prob,
    )


def fitted_effects(results: Mapping[str, Any], modeling: Mapping[str, Any]) -> list[FittedEffects]:
    """What each fit found, for the tables to hand on."""
    return [
        FittedEffects(
            model=name,
            passed=bool(results[f"{name}__verdict"]["passed"]),
            effects=results[f"{name}__effects"],
            measurements=measurements(
                results[f"{name}__screen"], MODELS[modeling[name]["model"]].covariates
            ),
        )
        for name in fits_of(results)
    ]


def provenance(screen: pd.DataFrame, seeds: Sequence[int]) -> dict[str, str]:
    """What made the results: the screen, the seeds, and the versions of what computed them."""
    return {
        "screen (SHA-256 of its measurements)": Screen.from_table(screen).content_hash,
        "seed" if len(set(seeds)) == 1 else "seeds": ", ".join(map(str, dict.fromkeys(seeds))),
        "Python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        **{package: version(package) for package in PACKAGES},
    }


def _model(
    name: str, results: Mapping[str, Any], settings: Mapping[str, Any], screen: pd.DataFrame
) -> ModelContent:
    spec = MODELS[settings["model"]]
    given: dict[str, Any] = {
        key: results.get(f"{name}__{key}") for key in (*RESULTS, *TRUTH_RESULTS)
    }
    own_screen = results.get(f"{name}__screen", screen)
    return ModelContent(
        name=name,
        about=sys.modules[spec.build.__module__].__doc__ or "",
        settings=settings,
        priors=_priors(spec, settings["priors"]),
        figures=_parts(results, name, FIGURES),
        screen=MAIN_SCREEN if own_screen is screen or own_screen.equals(screen) else "another",
        **given,
    )


def _priors(spec: Model, priors: Mapping[str, Mapping[str, float]]) -> dict[str, str]:
    """Each prior as its family and numbers, such as ``Normal, mu 0, sigma 5``."""
    families = {name: field.annotation for name, field in spec.Priors.model_fields.items()}
    return {
        name: ", ".join(
            [
                getattr(families[name], "__name__", ""),
                *(f"{number} {value:g}" for number, value in prior.items()),
            ]
        )
        for name, prior in priors.items()
    }


def _sections(results: Mapping[str, Any], fits: Sequence[str]) -> dict[str, Section]:
    """Figures and tables that belong to no fit, by what they are about."""
    kinds = [name.split(SEPARATOR) for name in results]
    names = dict.fromkeys(parts[0] for parts in kinds if len(parts) == 3 and parts[0] not in fits)
    return {
        name: Section(_parts(results, name, FIGURES), _parts(results, name, TABLES))
        for name in names
    }


def _parts(results: Mapping[str, Any], owner: str, kind: str) -> dict[str, Any]:
    """All ``<owner>__<kind>__<name>`` by name."""
    start = f"{owner}{SEPARATOR}{kind}{SEPARATOR}"
    return {
        name.removeprefix(start): value for name, value in results.items() if name.startswith(start)
    }
