"""Which cell lines a slope depends on, against tables worked out by hand."""

import pandas as pd

from partialpool.report.lines import lines_behind


def table(values: dict[str, list[float | None]], covariate: str) -> pd.DataFrame:
    rows = [
        (gene, f"c{line}", value)
        for gene, of_lines in values.items()
        for line, value in enumerate(of_lines)
        for _ in range(2)  # guides
    ]
    return pd.DataFrame(rows, columns=["hugo_symbol", "depmap_id", covariate])


def test_mutated_lines_are_named_if_they_are_few() -> None:
    values = {"A": [0, 1, 0, 0, 0], "B": [1, 1, 1, 1, 0], "C": [0, 0, 0, 0, 0], "D": [1, None, 1]}
    assert lines_behind(table(values, "is_mutated"), "is_mutated") == {
        "A": "in 1 line: c1",
        "B": "in 4 lines",
        "D": "in 2 lines: c0, c2",
    }


def test_a_slope_that_depends_on_one_line_names_it() -> None:
    """Without c2, 0.02 of 75.01 of the squares of A are left; all of B's lines differ."""
    values = {"A": [0.0, 0.1, 10.0, -0.1], "B": [0.0, 1.0, 2.0, 3.0], "C": [0.5, 0.5]}
    assert lines_behind(table(values, "rna_expr_z"), "rna_expr_z") == {"A": "depends on c2 alone"}
