"""Which lines depend on which genes: what the page shows of model ``dependency``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from partialpool.calls.controls import NOT_MEASURED
from partialpool.calls.differential import NO_CALL, STRONGER
from partialpool.calls.genes import COMMON, SELECTIVE
from partialpool.calls.hits import DEPENDENT
from partialpool.calls.qc import FAIL, NO_CONTROL_GENES
from partialpool.figures.parts.dependencies import selectivity, unit, varying
from partialpool.models import DEPENDENCY
from partialpool.report import verdicts
from partialpool.report.content import DependencyContent
from partialpool.report.equations import ModelText, read_docstring
from partialpool.report.lookup import as_json, lookup
from partialpool.report.tables import COLUMNS, Column, Table, table_of
from partialpool.report.views import FigureGroup, figure_groups

#: The page names so many selective genes, contrasts, and genes of each contrast and direction.
GENES, CONTRASTS, DIFFERING = 10, 6, 3
#: The folder of the tables.
FOLDER = "08_reporting/dependency"


@dataclass(frozen=True)
class LineEffect:
    """The effect of a gene in a line."""

    line: str
    lineage: str
    mean: float
    lower: float
    upper: float


@dataclass(frozen=True)
class SelectiveGene:
    """A gene that some lines depend on.

    Attributes
    ----------
    gene
        The gene.
    n_called, n_lines
        The numbers of lines that are called, and where it was measured.
    expected, lower, upper
        The number of lines that depend on it: mean and interval.
    strongest
        The strongest called effect.
    """

    gene: str
    n_called: int
    n_lines: int
    expected: float
    lower: int
    upper: int
    strongest: LineEffect


@dataclass(frozen=True)
class Contrast:
    """What two groups of lines differ in.

    Attributes
    ----------
    name
        The name of the contrast.
    n_group, n_against
        The numbers of lines.
    n_called
        The number of called genes.
    stronger, weaker
        Gene -> difference, for the largest called differences in each direction.
    """

    name: str
    n_group: int
    n_against: int
    n_called: int
    stronger: Mapping[str, float]
    weaker: Mapping[str, float]


@dataclass(frozen=True)
class DependencyView:
    """Model ``dependency`` and its calls, prepared for the page.

    Attributes
    ----------
    content
        Everything that was found.
    light, checks, text
        The mark of its verdict, its checks, and its description.
    n_hits, n_genes, n_lines
        The numbers of called dependencies, and of the genes and lines that have one.
    n_scored, n_all_lines
        The numbers of genes that are scored, and of lines.
    selective, n_selective
        The most selective genes with a call, and the number of all selective genes.
    common
        Genes that are common essential, the strongest first.
    contrasts, n_contrasts
        Differences between groups of lines, and the number of all contrasts.
    failing
        Replicate that fails -> why.
    n_replicates
        The number of replicates.
    has_controls
        Whether replicates were judged with control genes.
    n_doubtful
        The number of genes with a reason for a second look.
    first
        The gene that the search box starts with.
    lookup
        The numbers of the search box, as JSON.
    n_packed, n_all_genes
        The numbers of genes of the search box, and of the screen.
    reference
        What the grey band of a line is.
    unit
        The unit of the effects.
    groups, tables
        Figures and tables.
    """

    content: DependencyContent
    light: verdicts.Light
    checks: list[verdicts.Check]
    text: ModelText
    n_hits: int
    n_genes: int
    n_lines: int
    n_scored: int
    n_all_lines: int
    selective: list[SelectiveGene]
    n_selective: int
    common: list[str]
    contrasts: list[Contrast]
    n_contrasts: int
    failing: Mapping[str, str]
    n_replicates: int
    has_controls: bool
    n_doubtful: int
    first: str
    lookup: str
    n_packed: int
    n_all_genes: int
    reference: str
    unit: str
    groups: list[FigureGroup]
    tables: list[Table]

    @property
    def failed(self) -> bool:
        """Whether the fit failed its convergence check."""
        return self.light == "failed"

    @property
    def verdict(self) -> Mapping[str, Any]:
        """The verdict of the fit."""
        return self.content.verdict

    @property
    def percent(self) -> str:
        """The probability of the intervals, in per cent."""
        return _percent(self.content.probability)


def dependency_view(content: DependencyContent) -> DependencyView:
    """Prepare model ``dependency`` and its calls for the page."""
    effects, genes, qc = content.effects, content.genes, content.qc
    called = effects[effects["call"] == DEPENDENT].sort_values("mean", kind="stable")
    order = selectivity(effects, genes)
    selective = [gene for gene in order.index if gene in set(called["hugo_symbol"])]
    common = genes[genes["class"] == COMMON].sort_values("mean", kind="stable")
    failing = qc[qc["verdict"] == FAIL]
    packed = lookup(content, _percent(content.probability))
    start = [*selective, *varying(effects, genes), *genes["hugo_symbol"]]
    contrasts = [_contrast(name, table) for name, table in content.differential.items()]
    largest = sorted(contrasts, key=lambda one: -one.n_called)[:CONTRASTS]
    return DependencyView(
        content=content,
        light=verdicts.light(content.verdict),
        checks=verdicts.checks(content.verdict),
        text=read_docstring(content.about),
        n_hits=len(called),
        n_genes=called["hugo_symbol"].nunique(),
        n_lines=called["depmap_id"].nunique(),
        n_scored=int((effects["fdr"].notna()).groupby(effects["hugo_symbol"]).any().sum()),
        n_all_lines=effects["depmap_id"].nunique(),
        selective=[_selective(gene, called, genes, content.lineages) for gene in selective[:GENES]],
        n_selective=int((genes["class"] == SELECTIVE).sum()),
        common=common["hugo_symbol"].astype(str).tolist(),
        contrasts=[one for one in contrasts if one in largest],
        n_contrasts=len(contrasts),
        failing=dict(zip(failing["replicate_id"].astype(str), failing["reasons"], strict=True)),
        n_replicates=len(qc),
        has_controls=bool((qc["verdict"] != NO_CONTROL_GENES).any() and qc["nnmd"].notna().any()),
        n_doubtful=int((content.trust["trust"] == "check").sum()),
        first=str(next(gene for gene in start if gene in set(packed["genes"]))),
        lookup=as_json(packed),
        n_packed=len(packed["genes"]),
        n_all_genes=packed["n_genes"],
        reference=packed["reference"],
        unit=unit(effects),
        groups=figure_groups(content.figures),
        tables=_tables(content),
    )


def _selective(
    gene: str, called: pd.DataFrame, genes: pd.DataFrame, lineages: Mapping[str, str]
) -> SelectiveGene:
    rows = called[called["hugo_symbol"] == gene]
    (about,) = genes[genes["hugo_symbol"] == gene].to_dict("records")
    first = rows.iloc[0]
    line = str(first["depmap_id"])
    strongest = LineEffect(
        line=line,
        lineage=lineages.get(line, "").replace("_", " "),
        mean=first["mean"],
        lower=first["lower"],
        upper=first["upper"],
    )
    return SelectiveGene(
        gene=gene,
        n_called=len(rows),
        n_lines=int(about["n_lines"]),
        expected=float(about["n_dependent"]),
        lower=int(about["n_dependent_lower"]),
        upper=int(about["n_dependent_upper"]),
        strongest=strongest,
    )


def _contrast(name: str, table: pd.DataFrame) -> Contrast:
    called = table[~table["call"].isin([NO_CALL, NOT_MEASURED])]
    called = called.reindex(called["difference"].abs().sort_values(ascending=False).index)
    is_stronger = called["call"] == STRONGER
    return Contrast(
        name=name.replace("_", " "),
        n_group=int(table["n_group"].max()),
        n_against=int(table["n_against"].max()),
        n_called=len(called),
        stronger=_differences(called[is_stronger]),
        weaker=_differences(called[~is_stronger]),
    )


def _differences(rows: pd.DataFrame) -> dict[str, float]:
    first = rows.head(DIFFERING)
    return dict(zip(first["hugo_symbol"].astype(str), first["difference"], strict=True))


def _tables(content: DependencyContent) -> list[Table]:
    """Make the tables of hits, genes, differences, replicates and doubtful genes."""
    columns = _columns(_percent(content.probability))
    hits = content.effects[content.effects["call"] == DEPENDENT].sort_values(["fdr", "mean"])
    hits = hits.assign(lineage=hits["depmap_id"].astype(str).map(content.lineages))
    called = [
        table[~table["call"].isin([NO_CALL, NOT_MEASURED])]
        for table in content.differential.values()
    ]
    doubtful = content.trust[content.trust["trust"] == "check"]
    found = (
        ("hits", hits, HITS, "Called dependencies", ""),
        ("genes", content.genes, GENE_COLUMNS, "All genes", "A row per gene, with its class."),
        (
            "differences",
            pd.concat(called) if called else pd.DataFrame(columns=list(DIFFERENCES)),
            DIFFERENCES,
            "Called differences between groups of lines",
            "Negative: the group depends on the gene more than the other lines.",
        ),
        ("qc", content.qc, QC_COLUMNS, "Quality of replicates", ""),
        ("trust", doubtful, TRUST_COLUMNS, "Genes to check", ""),
    )
    files = {"differences": "differential_<contrast>"}
    return [
        table_of(
            table[[name for name in names if name in table and not table[name].isna().all()]],
            title,
            how_to_read,
            f"{DEPENDENCY}_{kind}",
            f"{FOLDER}/{files.get(kind, kind)}.csv",
            columns=columns,
        )
        for kind, table, names, title, how_to_read in found
        if len(table)
    ]


HITS = (
    *("hugo_symbol", "depmap_id", "lineage", "mean", "lower", "upper", "p_dependent", "fdr"),
    *("rank_in_line", "n_measured"),
)
GENE_COLUMNS = (
    *("hugo_symbol", "class", "n_dependent", "n_dependent_lower", "n_dependent_upper"),
    *("n_lines", "mean", "lower", "upper", "tau", "n_sgrna"),
)
DIFFERENCES = (
    *("contrast", "hugo_symbol", "difference", "lower", "upper", "fdr", "call"),
    *("group_mean", "against_mean", "n_group", "n_against"),
)
QC_COLUMNS = (
    *("replicate_id", "depmap_id", "verdict", "reasons", "not_judged", "nnmd", "fpr"),
    *("correlation", "missing", "lambda", "sigma"),
)
TRUST_COLUMNS = (
    *("hugo_symbol", "reasons", "n_sgrna", "replicates_per_line", "missing"),
    *("guide_sd", "guide_sd_expected", "odd_sgrna", "copies_upper", "coverage"),
)


def _columns(percent: str) -> dict[str, Column]:
    """Say how the columns of these tables are shown."""
    shown = {
        "mean": Column("effect", "number", 2),
        "lower": Column(f"{percent} from", "number", 2),
        "upper": Column("to", "number", 2),
        "p_dependent": Column("P(dependent)", "number", 3),
        "fdr": Column("FDR", "number", 4, "Expected share of false calls up to this row"),
        "rank_in_line": Column("rank in line", "count"),
        "n_measured": Column("measurements", "count"),
        "n_dependent": Column("dependent lines", "number", 1, "Expected number"),
        "n_dependent_lower": Column("at least", "count"),
        "n_dependent_upper": Column("at most", "count"),
        "n_lines": Column("of lines", "count"),
        "tau": Column("spread", "number", 2, "Standard deviation between lines"),
        "n_sgrna": Column("guides", "count"),
        "difference": Column("difference", "number", 2),
        "group_mean": Column("mean in group", "number", 2),
        "against_mean": Column("mean in others", "number", 2),
        "n_group": Column("lines in group", "count"),
        "n_against": Column("other lines", "count"),
        "replicate_id": Column("replicate", "text"),
        "verdict": Column("verdict", "text"),
        "nnmd": Column("NNMD", "number", 2),
        "fpr": Column("false positive rate", "number", 3),
        "correlation": Column("correlation", "number", 2),
        "missing": Column("missing", "share"),
        "lambda": Column("lambda", "number", 2, "Strength of depletion in the line"),
        "sigma": Column("sigma", "number", 2, "Noise of the replicate"),
        "replicates_per_line": Column("replicates per line", "number", 1),
        "guide_sd": Column("sd of guides", "number", 2),
        "guide_sd_expected": Column("expected sd", "number", 2),
        "odd_sgrna": Column("odd guide", "text"),
        "copies_upper": Column("copies", "number", 1, "In the line with the most"),
        "coverage": Column("near the fit", "share"),
    }
    return {**COLUMNS, **shown}


def _percent(share: float) -> str:
    return f"{100 * share:g}\u00a0%"
