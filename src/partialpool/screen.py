"""The screen as the models see it: one typed, immutable view of the modelling table."""

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

#: The column of the modelling table that holds the labels of each dim.
DIM_COLUMNS: Mapping[str, str] = MappingProxyType(
    {"gene": "hugo_symbol", "sgrna": "sgrna", "cell_line": "depmap_id"}
)
#: The dim whose elements group those of another: each guide targets one gene.
NESTED_IN: Mapping[str, str] = MappingProxyType({"sgrna": "gene"})
#: Partial pooling estimates the spread between genes, so it needs two of them.
MIN_GENES = 2
#: The column of the input table that each covariate, which preparation adds, is made from.
COVARIATE_SOURCES: Mapping[str, str] = MappingProxyType(
    {"gene_cn_z": "gene_cn", "rna_expr_z": "rna_expr", "is_mutated": "n_muts"}
)
#: What identifies a measurement in every table of results.
KEYS: tuple[str, ...] = ("hugo_symbol", "sgrna", "depmap_id", "replicate_id")


@dataclass(frozen=True, eq=False)
class Screen:
    """Log fold changes with what they were measured on; build one with :meth:`from_table`.

    Attributes
    ----------
    lfc : (measurement,) float array, log2 fold change of guide abundance
    codes : dim -> (measurement,) integer array, position of each row's label in ``labels``
    labels : dim -> labels in order (genes: HUGO symbols; sgRNAs: sequences; lines: DepMap ids)
    covariates : name -> (measurement,) float array
    gene_of_sgrna : (sgrna,) integer array, the gene that each guide targets
    keys : the identifying columns (``KEYS``) of every row, for tables of results
    n_left_out : rows of the table without one of the covariates, not in this view
    """

    lfc: Floats
    codes: Mapping[str, Ints]
    labels: Mapping[str, tuple[str, ...]]
    covariates: Mapping[str, Floats]
    gene_of_sgrna: Ints
    keys: pd.DataFrame
    n_left_out: int = 0

    @classmethod
    def from_table(cls, table: pd.DataFrame, covariates: Sequence[str] = ()) -> Screen:
        """View a modelling table, with the covariates that a model needs.

        Rows without one of the covariates are left out and counted in ``n_left_out``; genes,
        guides and lines that lose all their rows that way are not in the view.

        Parameters
        ----------
        table : modelling table, a row per sgRNA x replicate, as ``data_engineering`` writes it
        covariates : names of covariate columns, a subset of ``COVARIATE_SOURCES``

        Raises
        ------
        ScreenError
            If a column is absent, nothing is left, or fewer than two genes are.
        """
        _require_columns(table, covariates)
        complete = table[list(covariates)].notna().all(axis=1).to_numpy()
        rows = table if complete.all() else table[complete].reset_index(drop=True)
        _require_enough(rows, covariates)
        index = {dim: _as_categorical(rows[column]) for dim, column in DIM_COLUMNS.items()}
        codes = {dim: _frozen(values.codes, np.intp) for dim, values in index.items()}
        gene_of_sgrna = np.empty(len(index["sgrna"].categories), dtype=np.intp)
        gene_of_sgrna[codes["sgrna"]] = codes["gene"]
        return cls(
            lfc=_frozen(rows["lfc"], np.float64),
            codes=MappingProxyType(codes),
            labels=MappingProxyType(
                {dim: tuple(map(str, values.categories)) for dim, values in index.items()}
            ),
            covariates=MappingProxyType(
                {name: _frozen(rows[name].astype("float64"), np.float64) for name in covariates}
            ),
            gene_of_sgrna=_frozen(gene_of_sgrna, np.intp),
            keys=rows[list(KEYS)],
            n_left_out=len(table) - len(rows),
        )

    @property
    def n_rows(self) -> int:
        """How many measurements there are."""
        return len(self.lfc)

    @property
    def coords(self) -> dict[str, list[str]]:
        """Labels of each dim, as PyMC and xarray take them."""
        return {dim: list(labels) for dim, labels in self.labels.items()}

    def size(self, dims: Sequence[str]) -> int:
        """How many elements an effect over ``dims`` has."""
        return int(np.prod([len(self.labels[dim]) for dim in dims]))

    def index(self, dims: Sequence[str], rows: Rows = slice(None)) -> Ints:
        """Position of each row's element in an effect over ``dims``, flattened in C order."""
        shape = [len(self.labels[dim]) for dim in dims]
        codes = tuple(self.codes[dim][rows] for dim in dims)
        return np.ravel_multi_index(codes, shape) if len(dims) > 1 else codes[0]

    def groups(self, dim: str) -> Ints:
        """Position of the element of ``NESTED_IN[dim]`` that each element of ``dim`` belongs to."""
        if dim not in NESTED_IN:
            raise ValueError(
                f"Needed: a dim that is nested in another: {', '.join(NESTED_IN)}\n"
                f"Came: {dim}\n"
                "To mend: tell partialpool.screen what groups it (NESTED_IN, Screen.groups)"
            )
        return self.gene_of_sgrna

    def chunks(self, size: int) -> Iterator[slice]:
        """Slices of at most ``size`` rows that cover the screen once, in order."""
        return (slice(start, start + size) for start in range(0, self.n_rows, size))

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of all that a fit can depend on, in hexadecimal; equal data, equal hash."""
        digest = hashlib.sha256(self.lfc.tobytes())
        for dim in DIM_COLUMNS:
            digest.update("\0".join((dim, *self.labels[dim])).encode())
            digest.update(self.codes[dim].tobytes())
        for name in sorted(self.covariates):
            digest.update(name.encode())
            digest.update(self.covariates[name].tobytes())
        return digest.hexdigest()


def _frozen(values: Any, dtype: Any) -> npt.NDArray[Any]:
    array = np.array(values, dtype=dtype)
    array.flags.writeable = False
    return array


def _as_categorical(labels: pd.Series) -> pd.Categorical:
    """Labels that are in use, in their declared order (order of appearance if none is)."""
    if isinstance(labels.dtype, pd.CategoricalDtype):
        return labels.cat.remove_unused_categories().array
    return pd.Categorical(labels, categories=labels.unique(), ordered=True)


def _require_columns(table: pd.DataFrame, covariates: Sequence[str]) -> None:
    absent = [name for name in ("lfc", *KEYS) if name not in table.columns]
    if absent:
        raise ScreenError.of(
            Problem(
                needed="a modelling table with columns " + ", ".join(("lfc", *KEYS)),
                came="a table without " + ", ".join(absent),
                mend="make it with the data_engineering pipeline",
            )
        )
    lacking = [name for name in covariates if name not in table.columns]
    if lacking:
        sources = ", ".join(COVARIATE_SOURCES[name] for name in lacking)
        raise ScreenError.of(
            Problem(
                needed=f"column {sources} in the input table (it gives {', '.join(lacking)})",
                came="a table without it",
                mend=f"add {sources}, or leave the models that need it out of parameter models "
                '(--params "models=NAME NAME")',
            )
        )


def _require_enough(rows: pd.DataFrame, covariates: Sequence[str]) -> None:
    genes = rows["hugo_symbol"].unique()
    if len(genes) < MIN_GENES:
        where = f" with {', '.join(covariates)}" if covariates else ""
        raise ScreenError.of(
            Problem(
                needed=f"rows{where} of at least {MIN_GENES} genes: partial pooling shares "
                "between genes",
                came=f"{len(rows)} rows of {len(genes)} genes ({shorten(genes)})",
                mend="give a table with more genes"
                + (f", or run models without {', '.join(covariates)}" if covariates else ""),
            )
        )
