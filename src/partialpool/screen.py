"""The screen as the models use it: one typed, immutable view of the modelling table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from partialpool.errors import Problem, ScreenError, shorten

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Rows = slice | Ints

#: Columns of the modelling table with the labels of the dims that every screen has. The labels of
#: any other dim, such as ``lineage``, are in the column of the same name.
DIM_COLUMNS: Mapping[str, str] = MappingProxyType(
    {"gene": "hugo_symbol", "sgrna": "sgrna", "cell_line": "depmap_id"}
)
DIMS: tuple[str, ...] = tuple(DIM_COLUMNS)
#: Partial pooling estimates the spread between genes, so it needs at least two genes.
MIN_GENES = 2


@dataclass(frozen=True)
class Covariate:
    """A column that preparation adds, along which effects can be slopes.

    Attributes
    ----------
    source
        Column of the input table that it is made from.
    noun
        Its name in text.
    at_zero
        Condition under which it is 0. Gene effects are reported for this condition.
    symbol
        Symbol in equations (LaTeX).
    unit
        Unit of its values.
    per
        One unit, if an effect along it is a change per unit. Empty if the covariate is 0 or 1.
    informed
        What an element needs for its measurements to inform its slope.
    """

    source: str
    noun: str
    at_zero: str
    symbol: str
    unit: str
    per: str
    informed: str


COVARIATES: Mapping[str, Covariate] = MappingProxyType(
    {
        "gene_cn_z": Covariate(
            "gene_cn",
            "copy number",
            "with the average copy number of the gene",
            "z",
            "sd of the gene's copy number",
            "sd of the gene's copy number",
            "a copy number that varies",
        ),
        "rna_expr_z": Covariate(
            "rna_expr",
            "RNA expression",
            "with average expression of the gene",
            "R",
            "sd of the gene's RNA",
            "sd of the gene's RNA",
            "RNA expression that varies",
        ),
        "is_mutated": Covariate(
            "n_muts",
            "mutations",
            "where the gene is not mutated",
            "m",
            "0 or 1",
            "",
            "both mutated and other measurements",
        ),
    }
)
#: Covariate -> the column of the input table that it is made from.
COVARIATE_SOURCES: Mapping[str, str] = MappingProxyType(
    {name: covariate.source for name, covariate in COVARIATES.items()}
)
#: Words for an unknown lineage in tables, in lower case.
NO_LINEAGE = ("", "unknown")
#: The columns that identify a measurement in every table of results.
KEYS: tuple[str, ...] = ("hugo_symbol", "sgrna", "depmap_id", "replicate_id")


def has_no_lineage(lineages: pd.Series) -> pd.Series:
    """Whether each lineage is missing, or says that it is unknown."""
    words = lineages.astype("object").fillna("").astype(str)
    return words.str.strip().str.casefold().isin(NO_LINEAGE)


@dataclass(frozen=True, eq=False)
class Screen:
    """Log fold changes with their labels and covariates; build one with ``from_table``.

    Attributes
    ----------
    lfc
        (measurement,) float array with the log2 fold change of guide abundance.
    codes
        Dim -> (measurement,) integer array with the position of each row's label in ``labels``.
    labels
        Dim -> labels in order (genes: HUGO symbols; sgRNAs: sequences; lines: DepMap ids).
    covariates
        Name -> (measurement,) float array.
    keys
        The identifying columns (``KEYS``) of every row, for tables of results.
    n_left_out
        Number of rows of the table that are not in this view, because a label or covariate is
        missing.
    """

    lfc: Floats
    codes: Mapping[str, Ints]
    labels: Mapping[str, tuple[str, ...]]
    covariates: Mapping[str, Floats]
    keys: pd.DataFrame
    n_left_out: int = 0

    @classmethod
    def from_table(
        cls, table: pd.DataFrame, covariates: Sequence[str] = (), dims: Sequence[str] = DIMS
    ) -> Screen:
        """View a modelling table, with the dims and covariates that a model needs.

        Rows with a missing label or covariate are left out and counted in ``n_left_out``. Labels
        that lose all their rows in this way are not in the view.

        Parameters
        ----------
        table
            Modelling table with one row per sgRNA x replicate, as written by ``data_engineering``.
        covariates
            Names of covariate columns, a subset of ``COVARIATE_SOURCES``.
        dims
            Dims of the model's effects. ``DIMS`` are always included.

        Raises
        ------
        ScreenError
            If a column is missing, or if fewer than two genes are left.
        """
        columns = {dim: dim_column(dim) for dim in dict.fromkeys((*DIMS, *dims))}
        _require_columns(table, covariates, list(columns.values()))
        complete = table[[*columns.values(), *covariates]].notna().all(axis=1).to_numpy()
        rows = table if complete.all() else table[complete].reset_index(drop=True)
        _require_enough(rows, covariates)
        index = {dim: _as_categorical(rows[column]) for dim, column in columns.items()}
        codes = {dim: _frozen(values.codes, np.intp) for dim, values in index.items()}
        labels = {dim: tuple(map(str, values.categories)) for dim, values in index.items()}
        return cls(
            lfc=_frozen(rows["lfc"], np.float64),
            codes=MappingProxyType(codes),
            labels=MappingProxyType(labels),
            covariates=MappingProxyType(
                {name: _frozen(rows[name].astype("float64"), np.float64) for name in covariates}
            ),
            keys=rows[list(KEYS)],
            n_left_out=len(table) - len(rows),
        )

    @property
    def n_rows(self) -> int:
        """Number of measurements."""
        return len(self.lfc)

    @property
    def coords(self) -> dict[str, list[str]]:
        """Labels of each dim, in the form that PyMC and xarray need."""
        return {dim: list(labels) for dim, labels in self.labels.items()}

    def size(self, dims: Sequence[str]) -> int:
        """Number of elements of an effect over ``dims``."""
        return int(np.prod(self.shape(dims)))

    def shape(self, dims: Sequence[str]) -> tuple[int, ...]:
        """Shape of an effect over ``dims``."""
        return tuple(len(self.labels[dim]) for dim in dims)

    def index(self, dims: Sequence[str], rows: Rows = slice(None)) -> Ints:
        """Position of each row's element in an effect over ``dims``, flattened in C order."""
        shape = self.shape(dims)
        codes = tuple(self.codes[dim][rows] for dim in dims)
        return np.ravel_multi_index(codes, shape) if len(dims) > 1 else codes[0]

    def parents(self, fine: Sequence[str], coarse: Sequence[str]) -> Ints:
        """Position in ``coarse`` of the element that each element of ``fine`` belongs to.

        A guide belongs to the gene that it targets, a line to its lineage, a gene in a line to
        the gene.

        Raises
        ------
        ScreenError
            If an element belongs to several, for instance a guide to two genes.
        """
        position = np.unravel_index(np.arange(self.size(fine)), self.shape(fine))
        at = dict(zip(fine, position, strict=True))
        parts = [at[dim] if dim in at else self._nested(dim, at) for dim in coarse]
        return np.ravel_multi_index(parts, self.shape(coarse))

    def _nested(self, coarse: str, at: Mapping[str, Ints]) -> Ints:
        """Label of ``coarse`` of each element, from whichever of its dims determines it."""
        owners = {}
        for fine, position in at.items():
            owner = np.zeros(len(self.labels[fine]), dtype=np.intp)
            owner[self.codes[fine]] = self.codes[coarse]
            astray = self.codes[fine][owner[self.codes[fine]] != self.codes[coarse]]
            if len(astray) == 0:
                return owner[position]
            owners[fine] = [self.labels[fine][code] for code in np.unique(astray)]
        fine, labels = min(owners.items(), key=lambda item: len(item[1]))
        raise ScreenError.of(
            Problem(
                expected=f"one {coarse} for each {fine}",
                got=f"{len(labels)} with several: {shorten(labels)}",
                fix=f"give each {fine} one label in column {dim_column(coarse)}",
            )
        )

    def chunks(self, size: int) -> Iterator[slice]:
        """Slices of at most ``size`` rows that together cover the screen, in order."""
        return (slice(start, start + size) for start in range(0, self.n_rows, size))

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of all data that a fit can depend on, in hexadecimal."""
        digest = hashlib.sha256(self.lfc.tobytes())
        for dim in self.labels:
            digest.update("\0".join((dim, *self.labels[dim])).encode())
            digest.update(self.codes[dim].tobytes())
        for name in sorted(self.covariates):
            digest.update(name.encode())
            digest.update(self.covariates[name].tobytes())
        return digest.hexdigest()


def dim_column(dim: str) -> str:
    """Name the column of the modelling table with the labels of a dim."""
    return DIM_COLUMNS.get(dim, dim)


def _frozen(values: Any, dtype: Any) -> npt.NDArray[Any]:
    array = np.array(values, dtype=dtype)
    array.flags.writeable = False
    return array


def _as_categorical(labels: pd.Series) -> pd.Categorical:
    """Labels that occur, in their declared order (or else in order of appearance)."""
    if isinstance(labels.dtype, pd.CategoricalDtype):
        return pd.Categorical(labels.cat.remove_unused_categories())
    return pd.Categorical(labels, categories=labels.unique(), ordered=True)


def _require_columns(table: pd.DataFrame, covariates: Sequence[str], labels: Sequence[str]) -> None:
    needed = tuple(dict.fromkeys(("lfc", *KEYS, *labels)))
    absent = [name for name in needed if name not in table.columns]
    if absent:
        raise ScreenError.of(
            Problem(
                expected="a modelling table with columns " + ", ".join(needed),
                got="a table without " + ", ".join(absent),
                fix="make the table with the data_engineering pipeline",
            )
        )
    lacking = [name for name in covariates if name not in table.columns]
    if lacking:
        sources = ", ".join(COVARIATE_SOURCES[name] for name in lacking)
        raise ScreenError.of(
            Problem(
                expected=f"column {sources} in the input table (it gives {', '.join(lacking)})",
                got="a table without it",
                fix=f"add {sources}, or leave the models that need it out of parameter models "
                '(--params "models=NAME NAME")',
            )
        )


def _require_enough(rows: pd.DataFrame, covariates: Sequence[str]) -> None:
    genes = rows["hugo_symbol"].unique()
    if len(genes) < MIN_GENES:
        where = f" with {', '.join(covariates)}" if covariates else ""
        raise ScreenError.of(
            Problem(
                expected=f"rows{where} of at least {MIN_GENES} genes, because partial pooling "
                "shares information between genes",
                got=f"{len(rows)} rows of {len(genes)} genes ({shorten(genes)})",
                fix="give a table with more genes"
                + (f", or run models without {', '.join(covariates)}" if covariates else ""),
            )
        )
