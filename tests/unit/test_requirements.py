"""What a table must hold for each model to be fitted to it."""

import pandas as pd
import pytest

from partialpool.errors import ScreenError
from partialpool.models import MODELS
from partialpool.models.requirements import require_inputs

#: Models with an effect per cell line, and models with guides around their gene.
WITH_LINES = ["cell_line", "expression", "copy_number", "full"]
WITH_GUIDES = ["sgrna_in_gene", "cell_line", "mutation", "copy_number", "full"]


def said(table: pd.DataFrame, *models: str) -> str:
    with pytest.raises(ScreenError) as caught:
        require_inputs(table, models)
    return str(caught.value)


def test_a_whole_table_will_do_for_every_model(balanced_table) -> None:
    require_inputs(balanced_table, list(MODELS))


def test_two_lines_and_one_gene_of_two_guides_will_do(balanced_table) -> None:
    lines = balanced_table["depmap_id"].unique()[:2]
    guides = balanced_table.drop_duplicates("sgrna")
    one_each = guides.drop_duplicates("hugo_symbol")
    assert guides["hugo_symbol"].iloc[0] == guides["hugo_symbol"].iloc[1]
    kept = {*one_each["sgrna"], guides["sgrna"].iloc[1]}
    rows = balanced_table["depmap_id"].isin(lines) & balanced_table["sgrna"].isin(kept)
    require_inputs(balanced_table[rows], list(MODELS))


@pytest.mark.parametrize("model", WITH_LINES)
def test_one_cell_line_is_too_few_for_an_effect_per_line(balanced_table, model: str) -> None:
    line = balanced_table["depmap_id"].iloc[0]
    one = balanced_table[balanced_table["depmap_id"] == line]

    text = said(one, model)
    assert "Expected: 2 cell lines" in text
    assert f" for {model}\n" in text
    assert "1 cell lines" in text
    assert f"({line})" in text
    assert "--params models=gene,sgrna_in_gene,mutation" in text
    require_inputs(one, [name for name in MODELS if name not in WITH_LINES])


@pytest.mark.parametrize("model", WITH_GUIDES)
def test_one_guide_for_every_gene_is_too_few_for_guides_around_genes(
    balanced_table, model: str
) -> None:
    first = balanced_table.drop_duplicates("hugo_symbol")["sgrna"]
    one = balanced_table[balanced_table["sgrna"].isin(first)]

    text = said(one, model)
    assert "Expected: a gene of 2 sgrnas" in text
    assert "one sgrna for each gene" in text
    assert "--params models=gene,expression" in text
    require_inputs(one, ["gene", "expression"])


def test_what_counts_are_the_rows_that_have_the_covariate(balanced_table) -> None:
    line = balanced_table["depmap_id"].iloc[0]
    known = balanced_table["rna_expr_z"].where(balanced_table["depmap_id"] == line)
    sparse = balanced_table.assign(rna_expr_z=known)

    text = said(sparse, "gene", "cell_line", "expression")
    assert "Expected: 2 cell lines with rna_expr for expression\n" in text
    assert f"1 cell lines with rna_expr ({line})" in text
    assert "--params models=gene,cell_line" in text


def test_rna_of_one_gene_is_too_little_to_pool(balanced_table) -> None:
    gene = balanced_table["hugo_symbol"].iloc[0]
    known = balanced_table["rna_expr_z"].where(balanced_table["hugo_symbol"] == gene)
    text = said(balanced_table.assign(rna_expr_z=known), "expression")
    assert "Expected: 2 genes with rna_expr for expression" in text
    assert f"1 genes with rna_expr ({gene})" in text


def test_a_column_that_lacks_is_named(balanced_table) -> None:
    text = said(balanced_table.drop(columns=["is_mutated", "rna_expr_z"]), "full", "gene")
    assert "Expected: n_muts, rna_expr for full" in text
    assert "Got: a table with no n_muts, no rna_expr" in text
    assert "--params models=gene" in text
