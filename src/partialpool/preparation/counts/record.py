"""The record of how counts became log fold changes: settings, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from partialpool.errors import shorten
from partialpool.preparation.counts.fold_changes import FoldChanges
from partialpool.preparation.counts.samples import MISSPELT
from partialpool.preparation.counts.sequence_qc import VERDICTS


def make_record(changes: FoldChanges, qc: pd.DataFrame) -> dict[str, Any]:
    """Gather the settings that were used, and what was read and left out.

    Returns
    -------
    dict[str, Any]
        Values that JSON can store: ``settings`` (as given), ``normalisation`` and ``centring`` (as
        used), ``read`` (from the three inputs), ``pdna`` (by batch: sequences, number of guides
        left out), ``sequences`` (number by verdict, names of those that fail or need a look).
    """
    reference = changes.reference
    is_nonessential = changes.is_nonessential
    genes = changes.screen.guides.loc[is_nonessential, "hugo_symbol"]
    return {
        "settings": changes.settings.model_dump(mode="json"),
        "normalisation": changes.normalisation,
        "centring": changes.centring,
        "nonessential": {"guides": int(is_nonessential.sum()), "genes": int(genes.nunique())},
        "read": {
            **changes.screen.told,
            "guides": len(changes.screen.guides),
            "genes": int(changes.screen.guides["hugo_symbol"].nunique()),
            "replicates": len(changes.replicates),
            "lines": int(changes.replicates["depmap_id"].nunique()),
        },
        "pdna": {
            batch: {
                "sequences": reference.sequences[batch],
                "guides left out": int(reference.too_few[position]),
            }
            for position, batch in enumerate(reference.batches)
        },
        "sequences": {
            verdict: int((qc["verdict"] == verdict).sum()) for verdict in reversed(VERDICTS)
        },
        "reasons": {
            str(row.sequence): f"{row.verdict}: {row.reasons}"
            for row in qc[qc["reasons"] != ""].itertuples()
        },
        "replicates that pass": int(changes.replicates["passes_qc"].fillna(True).sum()),
    }


def describe(record: Mapping[str, Any]) -> Iterator[str]:
    """Describe a record in a few lines for the log."""
    read = record["read"]
    yield (
        f"Read {read['guides']} guides of {read['genes']} genes, {read['replicates']} "
        f"replicates of {read['lines']} lines ({read['orientation']})."
    )
    if left := [f"{what}: {number}" for what, number in _left_out(read)]:
        yield f"Left out or unusual: {'; '.join(left)}."
    if "release" in record:
        yield from _of_release(record["release"])
    if "settings" in record:
        yield from _of_counts(record)


def warnings_of(record: Mapping[str, Any]) -> Iterator[str]:
    """Give what the log should warn of."""
    if columns := record["read"].get(MISSPELT):
        yield f"{MISSPELT.capitalize()}, and are not read as such: {shorten(columns)}."


def _of_release(release: Mapping[str, Any]) -> Iterator[str]:
    used = {what: said for what, said in release.items() if what not in ("files", "missing")}
    yield f"Of the release: {'; '.join(f'{what} {said}' for what, said in used.items())}."
    if release["missing"]:
        yield f"Not in the folder: {'; '.join(release['missing'])}."


def _of_counts(record: Mapping[str, Any]) -> Iterator[str]:
    settings = record["settings"]
    yield (
        f"Counts normalised by {record['normalisation']} to {settings['scale']:.4g} per guide, "
        f"plus {settings['pseudocount']:g}, log2 against the pDNA of the batch, centring: "
        f"{record['centring']} ({record['nonessential']['guides']} nonessential guides)."
    )
    few = [f"{batch} {one['guides left out']}" for batch, one in record["pdna"].items()]
    yield f"Guides left out because of few reads in the pDNA, by batch: {', '.join(few)}."
    numbers = [f"{number} {verdict}" for verdict, number in record["sequences"].items()]
    odd = [f"{name} ({why})" for name, why in record["reasons"].items()]
    yield f"QC of sequences: {', '.join(numbers)}" + (f". {shorten(odd)}." if odd else ".")


#: What is not left out, but counted.
TOTALS = (
    *("orientation", "guides", "genes", "replicates", "lines", "first missing count"),
    *("guides in the guide map", "guides used", "sequences in the sample sheet"),
    "sequences of the pDNA",
)


def _left_out(read: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for what, number in read.items():
        if what in (*TOTALS, MISSPELT) or not number or what.startswith("sequences of library"):
            continue
        yield what, f"{len(number)} ({shorten(number)})" if isinstance(number, list) else number
