"""A worker: from a file of counts to the modelling table: python counts.py FOLDER [--tiny].

71,000 guides x 2,000 sequences, the size of a DepMap library. Each row is a step.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from processes import report
from pyarrow import csv

from partialpool.interface_counts import count_settings
from partialpool.models.guide_matrix import GuideMatrix
from partialpool.preparation.counts import LineData, join_counts, read_matrix, screen_of_counts

GUIDES_OF_A_GENE, REPLICATES_OF_A_LINE, BATCHES = 4, 2, 4
READS_PER_GUIDE = 400
#: Rows that are drawn and written at once.
CHUNK = 2_000


def write_counts(
    path: Path, n_guides: int, n_sequences: int
) -> tuple[pd.DataFrame, pd.DataFrame, LineData]:
    """Write generated counts; give the guide map, the sample sheet, and data of the lines."""
    rng = np.random.default_rng(824)
    genes = np.arange(n_guides) // GUIDES_OF_A_GENE
    guides = pd.DataFrame(
        {
            "sgrna": [f"GUIDE{i:06d}ACGTACGT" for i in range(n_guides)],
            "gene": [f"GENE{g:05d} ({g + 1})" for g in genes],
        }
    )
    lines = np.arange(n_sequences - BATCHES) // REPLICATES_OF_A_LINE
    samples = pd.DataFrame(
        {
            "SequenceID": [f"SEQ-{i:06d}" for i in range(n_sequences)],
            "ModelID": [*(f"ACH-{line:06d}" for line in lines), *["pDNA"] * BATCHES],
            "pDNABatch": [f"batch{i % BATCHES}" for i in range(n_sequences)],
        }
    )
    schema = pa.schema([("sgRNA", pa.string()), *((s, pa.int32()) for s in samples["SequenceID"])])
    abundance = rng.lognormal(np.log(READS_PER_GUIDE), 0.5, n_guides)
    with csv.CSVWriter(path, schema) as writer:
        for first in range(0, n_guides, CHUNK):
            rows = slice(first, first + CHUNK)
            drawn = rng.poisson(abundance[rows, None], (len(abundance[rows]), n_sequences))
            labels = pa.array(guides["sgrna"][rows])
            columns = [pa.array(column) for column in drawn.astype(np.int32).T]
            writer.write_batch(pa.record_batch([labels, *columns], schema=schema))
    models = pd.Index(samples["ModelID"].unique()[:-1], name="depmap_id")
    symbols = [f"GENE{g:05d}" for g in range(genes[-1] + 1)]
    copies = rng.lognormal(np.log(2), 0.2, (len(models), len(symbols)))
    return guides, samples, LineData(of_gene={"gene_cn": pd.DataFrame(copies, models, symbols)})


def main(folder: Path, tiny: bool) -> None:
    """Time the steps."""
    size = (400, 24) if tiny else (71_000, 2_000)
    path = folder / "counts.csv"
    steps: list[dict[str, Any]] = []

    def timed(step: str, work: Callable[[], Any]) -> Any:
        start, cpu = perf_counter(), process_time()
        found = work()
        used = {"seconds": perf_counter() - start, "cpu_seconds": process_time() - cpu}
        steps.append({"step": step, **used})
        return found

    guides, samples, lines = timed("write counts", lambda: write_counts(path, *size))
    how = count_settings({})
    matrices = [timed("read counts", lambda: read_matrix(path))]
    # Popped, so that it is gone afterwards.
    joined = timed("join labels", lambda: join_counts(matrices.pop(), samples, how, guides))
    screen = timed("QC of sequences", lambda: screen_of_counts(joined, how, lines=lines))
    table = folder / "screen.parquet"
    rows = timed("write modelling table", lambda: screen.write(table))
    made = timed(
        "matrix for the model",
        lambda: GuideMatrix.of(screen.lfc, screen.guides, screen.replicates),
    )
    report(
        {
            "n_guides": size[0],
            "n_sequences": size[1],
            "rows": rows,
            "lfc_mb": made.lfc.nbytes / 1e6,
            "counts_mb": path.stat().st_size / 1e6,
            "table_mb": table.stat().st_size / 1e6,
            "steps": steps,
        }
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--tiny" in sys.argv)
