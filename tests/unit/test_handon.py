"""The export tables: every effect once, with its verdict, its labels and its measurements."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from partialpool.tidy import handon
from partialpool.tidy.handon import DICTIONARY, FittedEffects
from partialpool.tidy.rows import Rows, guide_rows

ESTIMATES = ["mean", "sd", "hdi_lower", "hdi_upper", "ess_bulk", "ess_tail", "r_hat"]


def _effects(rows):
    columns = ["effect", "hugo_symbol", "sgrna", "depmap_id", *ESTIMATES]
    return pd.DataFrame(
        [[*labels, mean, 0.1, mean - 0.2, mean + 0.2, 900.0, 800.0, 1.0] for *labels, mean in rows],
        columns=columns,
    )


@pytest.fixture
def screen():
    """Three measurements of gene A by two guides, two of gene B; B is mutated in line 2."""
    return pd.DataFrame(
        {
            "hugo_symbol": ["A", "A", "A", "B", "B"],
            "sgrna": ["a1", "a1", "a2", "b1", "b1"],
            "depmap_id": ["L1", "L2", "L1", "L1", "L2"],
            "lineage": ["lung", None, "lung", "lung", None],
            "is_mutated": [0.0, 0.0, 0.0, 0.0, 1.0],
            "rna_expr_z": [0.1, None, 0.2, 0.3, 0.4],
        }
    ).astype({"hugo_symbol": "category", "depmap_id": "category", "lineage": "category"})


@pytest.fixture
def fits(screen):
    genes = [("gene_effect", "A", None, None, 0.5), ("gene_effect", "B", None, None, -0.5)]
    guides = [("sgrna_effect", "A", "a2", None, 0.1), ("sgrna_effect", "A", "a1", None, -0.9)]
    lines = [("cell_line_effect", None, None, "L2", 0.3)]
    mutations = [("mutation_effect", gene, None, None, 0.0) for gene in "AB"]
    slopes = [("rna_effect", "A", None, None, -0.1)]
    return [
        FittedEffects(
            "good", True, _effects(genes + guides + lines), handon.measurements(screen, ())
        ),
        FittedEffects(
            "bad",
            False,
            _effects(genes + mutations + slopes),
            handon.measurements(screen, ("is_mutated", "rna_expr_z")),
        ),
    ]


@pytest.mark.parametrize("name", DICTIONARY)
def test_columns_are_those_of_the_dictionary_with_and_without_rows(fits, name):
    make = getattr(handon, name)
    assert list(make(fits).columns) == list(make([]).columns) == list(DICTIONARY[name])


def test_genes_have_every_effect_of_theirs_and_no_others(fits):
    table = handon.gene_effects(fits)
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
    table = handon.gene_effects(fits[1:]).set_index(["effect", "hugo_symbol"])["direction"]
    assert table["gene_effect", "A"] == "positive"
    assert table["gene_effect", "B"] == "negative"
    assert table["mutation_effect", "A"] == "unclear"


def test_measurements_are_those_that_the_fit_saw(fits):
    good = handon.gene_effects(fits[:1]).set_index("hugo_symbol")["n_measurements"]
    assert good.to_dict() == {"A": 3, "B": 2}
    bad = handon.gene_effects(fits[1:]).set_index(["effect", "hugo_symbol"])["n_measurements"]
    assert bad["gene_effect", "A"] == 2, "one row has no RNA"
    assert bad["mutation_effect"].to_dict() == {"A": 0, "B": 1}, "mutated measurements only"


def test_slopes_have_their_own_unit(fits):
    units = handon.gene_effects(fits).set_index("effect")["unit"]
    assert set(units["rna_effect":"rna_effect"]) == {"log2 fold change per sd of the gene's RNA"}
    assert set(units.drop("rna_effect")) == {"log2 fold change"}


def test_guides_and_lines_have_their_labels(fits):
    guides = handon.sgrna_effects(fits)
    assert guides[["sgrna", "hugo_symbol", "n_measurements"]].to_numpy().tolist() == [
        ["a1", "A", 2],
        ["a2", "A", 1],
    ]
    lines = handon.cell_line_effects(fits)
    assert list(lines["depmap_id"]) == ["L2"]
    assert lines["lineage"].isna().all()
    assert list(lines["n_measurements"]) == [2]


def test_a_line_has_the_first_lineage_that_is_known_whatever_the_order_of_rows(fits, screen):
    known = screen.assign(lineage=["lung", "skin", "lung", "lung", None])
    for rows in (known, known[::-1]):
        lines = handon.cell_line_effects([replace(fits[0], measurements=rows)])
        assert list(lines["lineage"]) == ["skin"]


def test_guides_are_numbered_as_in_figures(fits):
    guides = handon.sgrna_effects(fits)
    assert dict(zip(guides["sgrna"], guides["guide"], strict=True)) == {"a1": 1, "a2": 2}
    rows = guide_rows(guides.drop(columns="guide"), Rows(("A",), 1, 1))
    assert dict(zip(rows["sgrna"], rows["guide"], strict=True)) == {"a1": 1, "a2": 2}


def test_guides_of_each_fit_are_numbered_by_themselves(fits):
    """A fit that saw fewer guides has figures of its own."""
    fewer = fits[0].effects[lambda rows: rows["sgrna"] != "a1"]
    guides = handon.sgrna_effects([fits[0], replace(fits[0], model="fewer", effects=fewer)])
    numbers = guides.set_index(["model", "sgrna"])["guide"]
    assert numbers.to_dict() == {("good", "a1"): 1, ("good", "a2"): 2, ("fewer", "a2"): 1}


def test_a_screen_without_lineages_gives_lines_without_them(fits):
    bare = fits[0].measurements.drop(columns="lineage")
    table = handon.cell_line_effects([FittedEffects("m", True, fits[0].effects, bare)])
    assert table["lineage"].isna().all()


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
    found = handon.gene_effects([more])["effect"]
    assert found.tolist() == handon.gene_effects(fits[:1])["effect"].tolist()
    assert "gene_in_lineage_effect" not in set(found)
