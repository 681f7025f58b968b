"""The export tables: every effect once, with its verdict, its labels and its measurements."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from partialpool.figures.parts.rows import Rows, guide_rows
from partialpool.tidy import export_tables
from partialpool.tidy.export_tables import DICTIONARY, FittedEffects

ESTIMATES = ["mean", "sd", "hdi_lower", "hdi_upper", "ess_bulk", "ess_tail", "r_hat"]


def _effects(rows):
    columns = ["effect", "hugo_symbol", "sgrna", "depmap_id", *ESTIMATES]
    table = pd.DataFrame(
        [[*labels, mean, 0.1, mean - 0.2, mean + 0.2, 900.0, 800.0, 1.0] for *labels, mean in rows],
        columns=columns,
    )
    return table.assign(n_measurements=np.arange(len(table)) + 1, informed=True)


@pytest.fixture
def fits():
    genes = [("gene_effect", "A", None, None, 0.5), ("gene_effect", "B", None, None, -0.5)]
    guides = [("sgrna_effect", "A", "a2", None, 0.1), ("sgrna_effect", "A", "a1", None, -0.9)]
    lines = [("cell_line_effect", None, None, "L2", 0.3)]
    mutations = [("mutation_effect", gene, None, None, 0.0) for gene in "AB"]
    slopes = [("rna_effect", "A", None, None, -0.1)]
    return [
        FittedEffects("good", True, _effects(genes + guides + lines), {"L1": "lung"}),
        FittedEffects("bad", False, _effects(genes + mutations + slopes)),
    ]


@pytest.mark.parametrize("name", DICTIONARY)
def test_columns_are_those_of_the_dictionary_with_and_without_rows(fits, name):
    make = getattr(export_tables, name)
    assert list(make(fits).columns) == list(make([]).columns) == list(DICTIONARY[name])


def test_genes_have_every_effect_of_theirs_and_no_others(fits):
    table = export_tables.gene_effects(fits)
    assert table.groupby(["model", "effect"]).size().to_dict() == {
        ("good", "gene_effect"): 2,
        ("bad", "gene_effect"): 2,
        ("bad", "mutation_effect"): 2,
        ("bad", "rna_effect"): 1,
    }
    assert list(table["hugo_symbol"][:2]) == ["B", "A"], "lowest mean first"
    assert set(table["verdict"][table["model"] == "bad"]) == {"failed"}
    assert set(table["verdict"][table["model"] == "good"]) == {"passed"}


def test_direction_needs_the_whole_interval_on_one_side(fits):
    table = export_tables.gene_effects(fits[1:]).set_index(["effect", "hugo_symbol"])["direction"]
    assert table["gene_effect", "A"] == "positive"
    assert table["gene_effect", "B"] == "negative"
    assert table["mutation_effect", "A"] == "unclear"


@pytest.mark.parametrize("effect", ["mutation_effect", "rna_effect", "gene_effect"])
@pytest.mark.parametrize("mean", [-0.5, 0.5])
def test_an_effect_that_no_measurement_informs_is_not_called(effect, mean):
    """Its interval lies on one side of 0, as that of the population does."""
    effects = _effects([(effect, gene, None, None, mean) for gene in "AB"])
    effects = effects.assign(informed=[False, True], n_measurements=[0, 7])
    table = export_tables.gene_effects([FittedEffects("m", True, effects)])
    found = table.set_index("hugo_symbol")
    assert found.loc["A", "direction"] == "uninformed"
    assert found.loc["B", "direction"] == ("negative" if mean < 0 else "positive")
    assert found["n_measurements"].to_dict() == {"A": 0, "B": 7}


def test_slopes_have_their_own_unit(fits):
    units = export_tables.gene_effects(fits).set_index("effect")["unit"]
    assert set(units["rna_effect":"rna_effect"]) == {"log2 fold change per sd of the gene's RNA"}
    assert set(units.drop("rna_effect")) == {"log2 fold change"}


def test_guides_and_lines_have_their_labels(fits):
    guides = export_tables.sgrna_effects(fits)
    assert guides[["sgrna", "hugo_symbol", "n_measurements"]].to_numpy().tolist() == [
        ["a1", "A", 4],
        ["a2", "A", 3],
    ]
    lines = export_tables.cell_line_effects(fits)
    assert list(lines["depmap_id"]) == ["L2"]
    assert lines["lineage"].isna().all()
    assert list(lines["n_measurements"]) == [5]


def test_lines_have_their_lineage(fits):
    lines = export_tables.cell_line_effects([replace(fits[0], lineages={"L2": "skin"})])
    assert list(lines["lineage"]) == ["skin"]


def test_guides_are_numbered_as_in_figures(fits):
    guides = export_tables.sgrna_effects(fits)
    assert dict(zip(guides["sgrna"], guides["guide"], strict=True)) == {"a1": 1, "a2": 2}
    rows = guide_rows(guides.drop(columns="guide"), Rows(("A",), 1, 1))
    assert dict(zip(rows["sgrna"], rows["guide"], strict=True)) == {"a1": 1, "a2": 2}


def test_guides_of_each_fit_are_numbered_by_themselves(fits):
    """A fit that saw fewer guides has figures of its own."""
    fewer = fits[0].effects[lambda rows: rows["sgrna"] != "a1"]
    guides = export_tables.sgrna_effects([fits[0], replace(fits[0], model="fewer", effects=fewer)])
    numbers = guides.set_index(["model", "sgrna"])["guide"]
    assert numbers.to_dict() == {("good", "a1"): 1, ("good", "a2"): 2, ("fewer", "a2"): 1}


def test_the_documentation_says_what_the_dictionary_says(root):
    page = (root / "docs" / "tables.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## `(\w+)\.csv`\n(.*?)(?=^## |\Z)", page, re.S | re.M))
    documented = {
        name: dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", text, re.M))
        for name, text in sections.items()
    }
    assert documented == {name: dict(columns) for name, columns in DICTIONARY.items()}


def test_effects_of_several_labels_at_once_are_in_no_table_of_one(fits):
    """Whatever the other label is: a line, or a dim that only some models have."""
    effects = fits[0].effects.assign(parameter="x", lineage=None)
    gene = effects[effects["effect"] == "gene_effect"].iloc[[0]]
    of_both = gene.assign(effect="gene_in_lineage_effect", lineage="lung")
    more = replace(fits[0], effects=pd.concat([effects, of_both]))
    found = export_tables.gene_effects([more])["effect"]
    assert found.tolist() == export_tables.gene_effects(fits[:1])["effect"].tolist()
    assert "gene_in_lineage_effect" not in set(found)
