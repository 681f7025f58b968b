"""The data-quality table: counts of what was read, left out, missing or constant."""

import math
from collections.abc import Hashable, Iterable, Sequence

import pandas as pd

from partialpool.errors import shorten
from partialpool.preparation.columns import KNOWN
from partialpool.preparation.covariates import clipped_copy_number, groups_without_variation
from partialpool.preparation.data_settings import DataSettings
from partialpool.preparation.exclusions import Exclusions
from partialpool.preparation.remarks import Remark
from partialpool.screen import COVARIATE_SOURCES, has_no_lineage

CONSTANT_CN = "genes with constant gene_cn"
"""Name of the item that lists genes whose copy number does not vary."""

_NOTED = 20
_LEVELS = {
    "genes": "hugo_symbol",
    "sgrnas": "sgrna",
    "cell lines": "depmap_id",
    "replicates": "replicate_id",
}
_MAY_LACK = ("gene_cn", "rna_expr", "n_muts", "lineage")

Row = tuple[str, int, float, str]


def data_quality(
    read: pd.DataFrame,
    kept: pd.DataFrame,
    counts: Exclusions,
    settings: DataSettings,
    remarks: Iterable[Remark] = (),
) -> pd.DataFrame:
    """Tabulate the quality of a screen.

    Parameters
    ----------
    read
        The validated screen.
    kept
        The modelling table that was made from it.
    counts
        How many rows were left out.
    settings
        The settings with which it was made.
    remarks
        What was noticed or changed before; see `read_columns` and `long_upper_tail`.

    Returns
    -------
    pandas.DataFrame
        Columns ``item``, ``count``, ``share`` (the count divided by the total that it is a part
        of, 0 to 1; missing if there is no total) and ``note`` (labels, at most 20).
    """
    rows = [
        *_row_items(counts, settings, has_flag="passes_qc" in read),
        *_level_items(read, kept),
        _missing_pairs(kept),
        *(_lacking(kept, name) for name in _MAY_LACK),
        _clipped(kept, settings),
        *_constant_items(kept, settings),
        _unknown_columns(read),
        *((remark.item, remark.count, math.nan, remark.note) for remark in remarks),
    ]
    return pd.DataFrame(rows, columns=["item", "count", "share", "note"])


def _row_items(counts: Exclusions, settings: DataSettings, *, has_flag: bool) -> list[Row]:
    failed = "left out" if settings.drop_failed_qc else "kept, because drop_failed_qc is false"
    unknown = "count as passing" if has_flag else "no column passes_qc; count as passing"
    among = " among the rows that QC did not leave out" if settings.drop_failed_qc else ""

    def row(item: str, count: int, note: str = "") -> Row:
        return item, count, count / counts.read, note

    return [
        row("rows read", counts.read),
        row("rows failing QC", counts.failed_qc, failed),
        row("rows without a QC flag", counts.unknown_qc, unknown),
        row("rows without lfc", counts.missing_lfc, f"left out{among}"),
        row("rows kept", counts.kept),
    ]


def _level_items(read: pd.DataFrame, kept: pd.DataFrame) -> list[Row]:
    rows: list[Row] = []
    for level, column in _LEVELS.items():
        before, after = read[column].unique(), set(kept[column].unique())
        lost = sorted(label for label in before if label not in after)
        total = len(before)
        rows += [
            (f"{level} read", total, 1.0, ""),
            (f"{level} kept", len(after), len(after) / total, ""),
            (f"{level} left with no rows", len(lost), len(lost) / total, _labels(lost)),
        ]
    return rows


def _missing_pairs(kept: pd.DataFrame) -> Row:
    sgrnas, replicates = kept["sgrna"].nunique(), kept["replicate_id"].nunique()
    pairs = sgrnas * replicates
    missing = pairs - len(kept)
    note = f"of {sgrnas} sgrnas x {replicates} replicates" + ("" if missing else "; balanced")
    return "missing sgrna x replicate pairs", missing, missing / pairs, note


def _lacking(kept: pd.DataFrame, name: str) -> Row:
    present = name in kept
    is_missing = has_no_lineage if name == "lineage" else pd.isna
    count = int(is_missing(kept[name]).sum()) if present else len(kept)
    note = "" if present else "no such column"
    return f"rows without {name}", count, count / len(kept), note


def _clipped(kept: pd.DataFrame, settings: DataSettings) -> Row:
    count = int((kept["gene_cn"] > settings.cn_max).sum()) if "gene_cn" in kept else 0
    note = f"clipped at {settings.cn_max:g}"
    return "rows with gene_cn above cn_max", count, count / len(kept), note


def _constant_items(kept: pd.DataFrame, settings: DataSettings) -> list[Row]:
    genes = kept["hugo_symbol"]
    cn = (
        groups_without_variation(clipped_copy_number(kept, settings), genes)
        if "gene_cn" in kept
        else []
    )
    rna = groups_without_variation(kept["rna_expr"], genes) if "rna_expr" in kept else []
    total = genes.nunique()
    return [
        (CONSTANT_CN, len(cn), len(cn) / total, _labels(cn)),
        ("genes with constant rna_expr", len(rna), len(rna) / total, _labels(rna)),
    ]


def _unknown_columns(read: pd.DataFrame) -> Row:
    unknown = [name for name in read.columns if name not in KNOWN]
    return "unknown columns", len(unknown), math.nan, _labels(_remark(read, unknown))


def _remark(read: pd.DataFrame, unknown: Iterable[Hashable]) -> list[str]:
    return [
        f"{name or '(no name)'}{' (replaced)' if COVARIATE_SOURCES.get(str(name)) in read else ''}"
        for name in unknown
    ]


def _labels(labels: Sequence[object]) -> str:
    return shorten(labels, shown=_NOTED) if labels else ""
