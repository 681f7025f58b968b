"""Tables of effects in DepMap's layout."""

import pandas as pd

from partialpool.calls.depmap import gene_headers, wide

EFFECTS = pd.DataFrame(
    {
        "hugo_symbol": ["KRAS", "KRAS", "NA", "NA"],
        "depmap_id": ["ACH-2", "ACH-1", "ACH-2", "ACH-1"],
        "mean": [-1.0, -2.0, 0.5, 0.25],
    }
)


def test_lines_are_rows_and_genes_are_columns() -> None:
    headers = gene_headers(EFFECTS[["hugo_symbol"]])
    expected = {"ModelID": ["ACH-1", "ACH-2"], "KRAS": [-2.0, -1.0], "NA": [0.25, 0.5]}
    pd.testing.assert_frame_equal(wide(EFFECTS, "mean", headers), pd.DataFrame(expected))


def test_entrez_ids_are_in_the_headers_where_they_are_known() -> None:
    screen = pd.DataFrame(
        {"hugo_symbol": ["KRAS", "KRAS", "NA"], "entrez_id": ["3845", None, None]}
    )
    headers = gene_headers(screen)
    assert headers == {"KRAS": "KRAS (3845)", "NA": "NA"}
    assert wide(EFFECTS, "mean", headers).columns.tolist() == ["ModelID", "KRAS (3845)", "NA"]
