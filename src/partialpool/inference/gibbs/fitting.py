"""One fit of the dependency model: sample it, check convergence, and record how it was made."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

import pandas as pd

from partialpool.inference.fit_settings import ConvergenceSettings
from partialpool.inference.gibbs.fit import fit_dependency
from partialpool.inference.gibbs.results import DependencyFit
from partialpool.inference.gibbs.settings import DependencySettings
from partialpool.inference.gibbs.verdict import judge
from partialpool.models import DEPENDENCY
from partialpool.models.guide_matrix import GuideMatrix

if TYPE_CHECKING:
    import arviz as az

PACKAGES = ("partialpool", "numba", "arviz", "numpy", "pandas", "xarray")


class FittedDependency(NamedTuple):
    """Results of a fit.

    Attributes
    ----------
    posterior
        Draws of the parameters of lines, replicates and populations, with provenance.
    convergence
        Table with one row per parameter of a line, replicate or population.
    verdict
        Record that says whether the fit can be used.
    fit
        Tables of effects, genes, contrasts, lines and replicates, and draws of chosen genes.
    """

    posterior: az.InferenceData
    convergence: pd.DataFrame
    verdict: dict[str, Any]
    fit: DependencyFit


def fit_table(
    table: pd.DataFrame,
    settings: DependencySettings,
    thresholds: ConvergenceSettings,
    *,
    copy_number: bool = False,
    count_noise: bool = False,
    nonessential: Sequence[str] = (),
    common_essential: Sequence[str] = (),
    draws_of: Sequence[str] = (),
    contrasts: Mapping[str, Mapping[str, float]] | None = None,
    label: str = DEPENDENCY,
) -> FittedDependency:
    """Fit the dependency model to a modelling table.

    Parameters
    ----------
    table
        Modelling table, from ``prepare``.
    settings
        Priors and the settings of the sampler.
    thresholds
        Limits that the fit must reach.
    copy_number
        Whether the effect of copy number is estimated and removed, if the table has ``gene_cn``.
    count_noise
        Whether the noise that counting adds is used, if the table has ``lfc_count_sd``.
    nonessential, common_essential, draws_of, contrasts
        See ``fit_dependency``.
    label
        Name of the fit in the log.
    """
    return fit_matrix(
        GuideMatrix.from_table(
            table,
            copy_number and "gene_cn" in table,
            count_noise and "lfc_count_sd" in table,
        ),
        settings,
        thresholds,
        nonessential=nonessential,
        common_essential=common_essential,
        draws_of=draws_of,
        contrasts=contrasts,
        label=label,
    )


def fit_matrix(
    matrix: GuideMatrix,
    settings: DependencySettings,
    thresholds: ConvergenceSettings,
    *,
    nonessential: Sequence[str] = (),
    common_essential: Sequence[str] = (),
    draws_of: Sequence[str] = (),
    contrasts: Mapping[str, Mapping[str, float]] | None = None,
    label: str = DEPENDENCY,
) -> FittedDependency:
    """Fit the dependency model to a matrix. Parameters are those of ``fit_table``."""
    import arviz as az

    from partialpool.inference.summary import summarize

    fit = fit_dependency(
        matrix,
        settings,
        nonessential=nonessential,
        common_essential=common_essential,
        draws_of=draws_of,
        contrasts=contrasts,
        label=label,
    )
    about = _provenance(matrix, settings, fit) | {"label": label}
    # A copy, because InferenceData names the groups' attributes in the dataset that it is given.
    posterior = az.InferenceData(posterior=fit.posterior.copy())
    posterior.attrs.update(about)
    summary = summarize(fit.posterior, settings.probability)
    return FittedDependency(posterior, summary, judge(fit, summary, about, thresholds), fit)


def _provenance(
    matrix: GuideMatrix, settings: DependencySettings, fit: DependencyFit
) -> dict[str, Any]:
    """Settings, data and versions, as attributes that NetCDF can store."""
    sizes = zip(("gene", "sgrna", "cell_line", "replicate"), matrix.shape, strict=True)
    return {
        "model": settings.model,
        "settings": settings.model_dump_json(),
        "seed": settings.seed,
        "data_hash": _content_hash(matrix),
        "fit_id": uuid4().hex,
        "n_measurements": int(matrix.n_measured.sum()),
        **{f"n_{dim}": size for dim, size in sizes},
        "versions": json.dumps({name: version(name) for name in PACKAGES}),
        "python": platform.python_version(),
        # With microseconds, because it identifies the MLflow run that was open at this moment.
        "created_at": datetime.now(UTC).isoformat(timespec="microseconds"),
        "seconds": fit.diagnostics["seconds"],
    }


def _content_hash(matrix: GuideMatrix) -> str:
    """SHA-256 of all data that a fit can depend on, in hexadecimal."""
    digest = hashlib.sha256(matrix.lfc.tobytes())
    labels: Mapping[str, Sequence[str]] = matrix.coords
    for dim, names in labels.items():
        digest.update("\0".join((dim, *names)).encode())
    for array in (
        matrix.gene_of_sgrna,
        matrix.cell_line_of_replicate,
        matrix.copies,
        matrix.count_sd,
    ):
        digest.update(b"" if array is None else array.tobytes())
    return digest.hexdigest()
