"""The Python interface of model dependency: the effect of each gene in each line.

>>> import partialpool as pp
>>> fit = pp.fit_dependency(table, nonessential=genes)
>>> fit.passed, fit.hits, fit.gene("KRAS"), fit.line("ACH-000007")
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from partialpool.calls import qc
from partialpool.calls.call_settings import CallSettings, QcSettings, TrustSettings
from partialpool.calls.contrasts import Values, contrast_weights, lines_weights, listed
from partialpool.calls.controls import Controls
from partialpool.calls.differential import differential
from partialpool.calls.genes import call_genes
from partialpool.calls.hits import call_effects, hits
from partialpool.calls.inputs import DependencyInputs
from partialpool.defaults import default
from partialpool.errors import Problem, ScreenError, shorten
from partialpool.inference.fit_settings import ConvergenceSettings
from partialpool.inference.gibbs.settings import DependencySettings
from partialpool.models import DEPENDENCY
from partialpool.models.guide_matrix import GuideMatrix
from partialpool.models.requirements import require_inputs
from partialpool.parameters import words
from partialpool.plotted_table import PlottedTable
from partialpool.preparation import DataSettings, prepare, require_depletion
from partialpool.preparation.counts import ScreenMatrix
from partialpool.screen import Floats

if TYPE_CHECKING:
    import arviz as az
    import xarray as xr
    from plotnine import ggplot

    from partialpool.inference.gibbs.fitting import FittedDependency

#: Keywords of ``fit_dependency`` that belong to the fit, and to what is called from it.
OF_FIT = (
    *("seed", "chains", "tune", "draws", "max_draws", "target_ess", "cores"),
    *("probability", "thresholds", "own_quantile", "folds"),
)
OF_CALLS = ("delta", "fdr", "common_share", "class_probability", "probability")


def fit_dependency(
    table: pd.DataFrame | ScreenMatrix | GuideMatrix,
    *,
    nonessential: Sequence[str] = (),
    common_essential: Sequence[str] = (),
    contrasts: Mapping[str, Mapping[str, Any]] | None = None,
    compare: str | Sequence[str] = (),
    compare_pairs: str | Sequence[str] = (),
    draws_of: Sequence[str] = (),
    copy_number: bool | None = None,
    priors: Mapping[str, Any] | None = None,
    **settings: Any,
) -> DependencyResult:
    """Estimate the effect of each gene in each line, and call dependencies.

    Parameters
    ----------
    table
        Table with one row per sgRNA x replicate and columns ``sgrna, replicate_id, lfc, depmap_id,
        hugo_symbol``. ``gene_cn`` is used if it exists. A copy of it is checked and prepared in the
        same way as by ``kedro run``. Or, for a large screen, a matrix: ``pp.read_counts(...)``, of
        which replicates that fail QC are left out, or ``GuideMatrix.of(...)``.
    nonessential
        Genes whose median effect is 0, all genes by default.
    common_essential
        Genes whose median effect is -1. By default, the unit is the log fold change.
    contrasts
        Name -> groups of lines to compare, such as ``{"column": "lineage", "group": "Skin"}``,
        ``{"mutated": "TP53"}``, ``{"lines": ["ACH-000001", "ACH-000002"]}`` or
        ``{"file": "lines.csv"}``.
    compare
        Columns of which each value is compared with the others: a list, or names in one text.
    compare_pairs
        Columns of which each value is compared with each other value.
    draws_of
        Genes whose draws are stored.
    copy_number
        Whether the effect of copy number is estimated and removed. By default it is, if the table
        has ``gene_cn``.
    priors
        Numbers that differ from the defaults, such as ``{"level": {"sigma": 0.5}}``.
    **settings
        Settings that differ from the defaults: ``seed``, ``chains``, ``tune``, ``draws``,
        ``cores``, ``probability`` (of intervals), ``thresholds``, ``own_quantile``,
        ``folds``, and for the calls ``delta``, ``fdr``, ``common_share``.

    Returns
    -------
    DependencyResult
        Effects, calls and verdict.

    Raises
    ------
    ScreenError
        If the table can't be used, or if a setting is unknown or out of range. The message says
        how to fix it.
    """
    if unknown := set(settings) - {*OF_FIT, *OF_CALLS}:
        known = ", ".join(dict.fromkeys((*OF_FIT, *OF_CALLS)))
        raise _refuse(f"settings among {known}", shorten(sorted(unknown)), "leave them out")
    lists = {"nonessential": nonessential, "common_essential": common_essential}
    for name, genes in (lists | {"draws_of": draws_of}).items():
        if isinstance(genes, str):
            raise _refuse(f"a list of genes as {name}", repr(genes), f"give [{genes!r}]")
    inputs: dict[str, Any] = {"contrasts": dict(contrasts or {})}
    inputs |= {"compare": words(compare), "compare_pairs": words(compare_pairs)}
    inputs |= {} if copy_number is None else {"copy_number": copy_number}
    try:
        how, calls = dependency_settings(priors, settings)
        uses = DependencyInputs.model_validate(_defaults(DependencyInputs) | inputs)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise _refuse("settings in their range", "; ".join(faults), "change them") from None
    controls = Controls(tuple(nonessential), tuple(common_essential))
    given = how, calls, uses, controls, tuple(draws_of)
    if not isinstance(table, pd.DataFrame):
        return DependencyResult(*given, *_matrix_and_lines(table, uses))
    screen, quality = prepare(table, DataSettings.model_validate(default("data_engineering")))
    require_inputs(screen, [DEPENDENCY])
    require_depletion(screen, controls.nonessential, controls.common_essential)
    matrix = GuideMatrix.from_table(
        screen,
        uses.copy_number and "gene_cn" in screen,
        uses.count_noise and "lfc_count_sd" in screen,
    )
    return DependencyResult(*given, matrix, screen, quality)


def _matrix_and_lines(
    screen: ScreenMatrix | GuideMatrix, inputs: DependencyInputs
) -> tuple[GuideMatrix, pd.DataFrame]:
    """The matrix without replicates that fail QC, and what contrasts need to know about lines."""
    if isinstance(screen, GuideMatrix):
        return screen, pd.DataFrame({"depmap_id": screen.cell_lines})
    kept = screen.passing
    replicates = screen.replicates[kept]
    gene_cn = screen.lines.of_gene.get("gene_cn") if inputs.copy_number else None
    lfc, count_sd = (values[:, kept] for values in screen.lfc_and_count_sd())
    noise = count_sd if inputs.count_noise and not np.isnan(count_sd).all() else None
    matrix = GuideMatrix.of(lfc, screen.guides, replicates, gene_cn, noise)
    of_line = screen.lines.of_line
    own = replicates.drop(columns=[*of_line.columns], errors="ignore")
    lines = own.join(of_line, on="depmap_id")
    genes = [c.mutated for c in inputs.contrasts.values() if c.mutated is not None]
    return matrix, lines if not genes else _with_mutations(lines, screen, genes)


def _with_mutations(
    lines: pd.DataFrame, screen: ScreenMatrix, genes: Sequence[str]
) -> pd.DataFrame:
    """A row for each replicate and gene that says whether the gene is mutated, if known."""
    n_muts = screen.lines.of_gene.get("n_muts", pd.DataFrame())
    rows = [
        lines.assign(
            hugo_symbol=gene, is_mutated=lines["depmap_id"].map(n_muts[gene]).astype("Int64") > 0
        )
        for gene in genes
        if gene in n_muts
    ]
    return pd.concat(rows, ignore_index=True) if rows else lines


def dependency_settings(
    priors: Mapping[str, Any] | None = None, changes: Mapping[str, Any] | None = None
) -> tuple[DependencySettings, CallSettings]:
    """Make the settings of the fit and of the calls, from the defaults and given keywords."""
    changes = dict(changes or {})
    given = {name: changes[name] for name in OF_CALLS if name in changes}
    calls = CallSettings.model_validate(default("calls") | given)
    values = {"seed": default("seed"), "cores": default("sampler.cores")}
    values |= _defaults(DependencySettings) | {"priors": dict(priors or {})}
    values |= {name: changes[name] for name in OF_FIT if name in changes}
    values["thresholds"] = tuple(dict.fromkeys([*values["thresholds"], *calls.thresholds]))
    return DependencySettings.model_validate(values), calls


class DependencyResult:
    """A fit of model dependency, and what is called from it.

    Attributes
    ----------
    settings, call_settings
        How the model was fitted, and what counts as a dependency.
    matrix
        The log fold changes that were fitted.
    table
        The modelling table. If a matrix was given: a row per replicate, with what is known about
        its line.
    quality
        Counts of what was read, left out and kept of the input table. None if a matrix was given.
    posterior
        Draws of the parameters of lines, replicates and populations (``arviz.InferenceData``).
    verdict
        Whether the fit can be used, and if not, why.
    effects
        A row per gene x line: effect, sd, interval, probabilities, call.
    genes
        A row per gene: its class, the number of lines that depend on it, its mean and spread.
    hits
        The rows of ``effects`` that are called dependencies.
    lines, replicates
        Strength of depletion and noise.
    differential
        Differences between groups of lines: a row per contrast x gene.
    left_out
        Contrasts that can't be made -> why, such as a value that only one line has.
    draws
        (chain, draw, gene, cell_line) effects of the genes in ``draws_of``.
    """

    def __init__(
        self,
        settings: DependencySettings,
        call_settings: CallSettings,
        inputs: DependencyInputs,
        controls: Controls,
        draws_of: tuple[str, ...],
        matrix: GuideMatrix,
        table: pd.DataFrame,
        quality: pd.DataFrame | None = None,
    ) -> None:
        self.settings, self.call_settings = settings, call_settings
        self.matrix, self.table, self.quality = matrix, table, quality
        self._controls, self._draws_of = controls, draws_of
        self._weights, self.left_out = inputs.groups(table)
        fitted = self._fit(self._weights)
        found = fitted.fit
        self.posterior: az.InferenceData = fitted.posterior
        self.verdict: dict[str, Any] = fitted.verdict
        self.lines, self.replicates = found.lines, found.replicates
        self.draws: xr.DataArray = found.draws
        self.effects = call_effects(found.effects, found.genes, call_settings, controls)
        self.genes = call_genes(found.effects, found.genes, found.counts, call_settings, controls)
        self.hits = hits(self.effects)
        self.differential = differential(
            found.contrasts, found.effects, self._weights, call_settings
        )

    @property
    def passed(self) -> bool:
        """Whether the sampler converged."""
        return bool(self.verdict["passed"])

    @cached_property
    def qc(self) -> pd.DataFrame:
        """Table with one row per replicate, with a verdict on its quality."""
        settings = QcSettings.model_validate(default("qc"))
        if self.quality is None:
            raise _refuse(
                "a table with one row per sgRNA x replicate",
                "a fit to a matrix",
                "partialpool.calls.qc.replicate_qc judges the replicates of screen.table()",
            )
        measured = qc.replicate_qc(self.table, settings, self._controls)
        return qc.with_fit(measured, self.lines, self.replicates, settings)

    @cached_property
    def trust(self) -> pd.DataFrame:
        """Table with one row per gene: what speaks against its results."""
        from partialpool.calls.trust import gene_trust

        settings = TrustSettings.model_validate(default("trust"))
        tables = self.effects, self.lines, self.replicates
        return gene_trust(self.matrix, *tables, settings, self.table)

    def gene(self, name: str) -> PlottedTable:
        """Effects of one gene in all lines, the strongest dependency first.

        ``plot()`` draws them with their intervals, and what each guide measured.
        """
        return PlottedTable.of(self._of("hugo_symbol", name), partial(self._draw_gene, name))

    def line(self, name: str) -> PlottedTable:
        """Effects of all genes in one line, the strongest dependency first.

        ``plot()`` draws the strongest ones, without common-essential genes.
        """
        return PlottedTable.of(self._of("depmap_id", name), partial(self._draw_line, name))

    def compare(
        self,
        group: Values,
        against: Values | None = None,
        *,
        column: str | None = None,
    ) -> PlottedTable:
        """Compare two groups of lines: difference of the mean effect of every gene.

        A comparison that was not asked for in ``fit_dependency`` needs joint draws of all lines, so
        the sampler runs again, with the same seed and for as long.

        Parameters
        ----------
        group
            Names of lines, or values of ``column``, or the name of a contrast of the fit.
        against
            The lines to compare them with, in the same form. By default, all others.
        column
            Column with one value per line.

        Returns
        -------
        PlottedTable
            One row per gene; see ``partialpool.calls.differential.differential``. ``plot()`` draws
            the difference of each gene, and how certain its sign is.
        """
        if column is None and pd.api.types.is_scalar(group):
            if against is not None and group in self._weights:
                raise _refuse(
                    "only the name of a contrast, which has both groups",
                    f"contrast {group!r} and against",
                    "leave out against, or give column and the values of both groups",
                )
            if group not in self._weights:
                raise _refuse(
                    "names of lines in a list, values of a column, or the name of a contrast",
                    f"{group!r}; contrasts of this fit: {shorten([*self._weights])}",
                    'give lines as ["A", "B"], or values with column="lineage"',
                )
            rows = self.differential["contrast"] == group
            return self._compared(self.differential[rows].reset_index(drop=True))
        if column is not None:
            weights = contrast_weights(self.table, column, group, against)
        else:
            others = None if against is None else listed(against)
            weights = lines_weights(self.table, listed(group), others)
        found = self._fit({"comparison": weights}).fit
        return self._compared(
            differential(
                found.contrasts, found.effects, {"comparison": weights}, self.call_settings
            )
        )

    def _compared(self, table: pd.DataFrame) -> PlottedTable:
        return PlottedTable.of(table, partial(self._draw_comparison, table))

    def _draw_gene(self, name: str) -> ggplot:
        from partialpool.figures.dependency import gene_in_lines

        of_fit = self.lines, self.replicates
        rows = _guide_rows(self.matrix, name, *of_fit) if self.quality is None else self.table
        tables = rows, self.effects, *of_fit
        how = self.settings.probability, self.call_settings.delta
        return gene_in_lines.draw(**gene_in_lines.of_genes([name], *tables, *how))

    def _draw_line(self, name: str) -> ggplot:
        from partialpool.figures.dependency import line_effects

        tables = self.table, self.effects, self.genes
        made = line_effects.of_lines([name], *tables, self.settings.probability)
        return line_effects.draw(**_required(made))

    def _draw_comparison(self, table: pd.DataFrame) -> ggplot:
        from partialpool.figures.dependency import differences

        (name,) = table["contrast"].unique()
        how = self.effects, self.verdict, self.call_settings.fdr
        return differences.draw(**_required(differences.tables({name: table}, *how)))

    def _fit(self, weights: Mapping[str, Mapping[str, float]]) -> FittedDependency:
        from partialpool.inference.gibbs.fitting import fit_matrix

        return fit_matrix(
            self.matrix,
            self.settings,
            ConvergenceSettings.model_validate(default("convergence")),
            nonessential=self._controls.nonessential,
            common_essential=self._controls.common_essential,
            draws_of=self._draws_of,
            contrasts=weights,
        )

    def _of(self, column: str, name: str) -> pd.DataFrame:
        rows = self.effects[self.effects[column] == name]
        if rows.empty:
            known = self.effects[column].unique().tolist()
            same = [one for one in known if one.casefold() == str(name).casefold()]
            near = same or get_close_matches(str(name), known, n=5) or known
            raise _refuse(
                f"a name in column {column}",
                f"{name!r}, which is not in the screen",
                f"choose one of {len(known)}, such as {shorten(near)}",
            )
        return rows.sort_values("mean", ignore_index=True)

    def __repr__(self) -> str:
        """The verdict in one line."""
        from partialpool.inference.gibbs.verdict import describe

        said = f"{describe(self.verdict)}; {len(self.hits)} dependencies"
        return textwrap.shorten(f"<DependencyResult {said}>", 300)


def _guide_rows(
    matrix: GuideMatrix, gene: str, lines: pd.DataFrame, replicates: pd.DataFrame
) -> pd.DataFrame:
    """Make the rows of a gene, and one row for each other gene, which has its mean.

    The others set the zero of the drawn measurements; all their rows would be too many.
    """
    line = np.asarray(matrix.cell_lines)[matrix.cell_line_of_replicate]
    level = replicates.set_index("replicate_id")["level"].loc[[*matrix.replicates]].to_numpy()
    strength = lines.set_index("depmap_id")["lambda"].loc[line].to_numpy()
    at = matrix.genes.index(gene)
    guides = np.flatnonzero(matrix.gene_of_sgrna == at)
    n = len(matrix.replicates)
    own = pd.DataFrame(
        {
            "hugo_symbol": gene,
            "sgrna": np.repeat(np.asarray(matrix.sgrnas)[guides], n),
            "depmap_id": np.tile(line, len(guides)),
            "replicate_id": np.tile(matrix.replicates, len(guides)),
            "lfc": matrix.lfc[guides].ravel(),
        }
    )
    means = _gene_means(matrix, (matrix.lfc - level) / strength)
    others = pd.DataFrame(
        {
            "hugo_symbol": matrix.genes,
            "sgrna": "all",
            "depmap_id": line[0],
            "replicate_id": matrix.replicates[0],
            "lfc": level[0] + strength[0] * means,
        }
    )
    return pd.concat([own, others.drop(index=at)], ignore_index=True)


def _gene_means(matrix: GuideMatrix, values: Floats) -> Floats:
    """Mean of (S, R) values of each gene: over replicates, then over guides and lines; (G,)."""
    first_of_line = np.unique(matrix.cell_line_of_replicate, return_index=True)[1]
    first_of_gene = np.unique(matrix.gene_of_sgrna, return_index=True)[1]
    measured = ~np.isnan(values)
    n = np.add.reduceat(measured, first_of_line, axis=1, dtype=float)
    in_line = np.add.reduceat(np.where(measured, values, 0.0), first_of_line, axis=1)
    in_line /= np.maximum(n, 1.0)
    total = np.add.reduceat(in_line.sum(axis=1), first_of_gene)
    count = np.add.reduceat((n > 0).sum(axis=1), first_of_gene)
    means: Floats = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return means


def _required(made: Mapping[str, Any] | str) -> Mapping[str, Any]:
    """Refuse to draw if there is nothing to draw; ``made`` says why."""
    if isinstance(made, str):
        raise _refuse("effects that are scored", made, "look at the table instead")
    return made


def _defaults(settings: type[DependencySettings | DependencyInputs]) -> dict[str, Any]:
    values = default(DEPENDENCY)
    return {name: values[name] for name in settings.model_fields if name in values}


def _refuse(expected: str, got: str, fix: str) -> ScreenError:
    return ScreenError.of(Problem(expected=expected, got=got, fix=fix))
