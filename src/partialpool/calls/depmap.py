"""Tables in the layout of DepMap: one row per line, one column per gene."""

from __future__ import annotations

import pandas as pd

#: Name of the first column, and columns that may contain Entrez ids.
MODEL_ID = "ModelID"
ENTREZ = ("entrez_id", "entrez", "Entrez", "EntrezID", "entrez_gene_id")


def gene_headers(screen: pd.DataFrame) -> dict[str, str]:
    """Gene -> the header of its column, ``KRAS (3845)`` if the screen has Entrez ids, else KRAS."""
    genes = screen["hugo_symbol"].astype(str)
    column = next((name for name in ENTREZ if name in screen), None)
    headers = {gene: gene for gene in genes.unique()}
    if column is None:
        return headers
    ids = pd.to_numeric(screen[column], errors="coerce")
    known = pd.DataFrame({"gene": genes, "id": ids}).dropna().drop_duplicates("gene")
    return headers | {
        gene: f"{gene} ({int(number)})"
        for gene, number in zip(known["gene"], known["id"], strict=True)
    }


def wide(effects: pd.DataFrame, column: str, headers: dict[str, str]) -> pd.DataFrame:
    """Spread a column of the effects over lines and genes.

    Parameters
    ----------
    effects
        Table with one row per gene x line.
    column
        Column with the values.
    headers
        Gene -> header, from ``gene_headers``.

    Returns
    -------
    pandas.DataFrame
        One row per line, sorted, with its name in ``ModelID``, and one column per gene.
    """
    table = effects.pivot_table(column, "depmap_id", "hugo_symbol", "first", observed=True)
    table.columns = pd.Index([headers[str(gene)] for gene in table.columns])
    return table.rename_axis(index=MODEL_ID).reset_index()
