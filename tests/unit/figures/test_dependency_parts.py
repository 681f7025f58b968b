"""What figures of dependencies share: choices, measurements of guides, labels."""

import pandas as pd
import pytest

from made_calls import made_calls, with_lists
from partialpool.figures.dependency._guides import guide_data
from partialpool.figures.parts.dependencies import line_names, reference, selectivity, unit, varying
from partialpool.figures.parts.labels import labelled

PANEL = (-1.0, 1.0, 0.0, 1.0), (4.0, 2.0)


def test_a_gene_is_selective_if_its_strongest_line_is_far_from_the_mean_of_its_lines() -> None:
    """KRAS: mean -0.375, lowest -1.5. NRAS: mean -0.25, lowest -1.0."""
    calls = made_calls()
    found = selectivity(calls["effects"], calls["genes"])
    assert found.to_dict() == pytest.approx({"KRAS": 1.125, "NRAS": 0.75})
    assert list(found.index) == ["KRAS", "NRAS"]


def test_a_line_without_measurements_makes_no_gene_selective() -> None:
    calls = made_calls()
    unmeasured = calls["effects"]["depmap_id"] == "c1"
    effects = calls["effects"].assign(n_measured=(~unmeasured).astype(int))
    assert selectivity(effects, calls["genes"])["KRAS"] == pytest.approx(-0.375 + 0.1)


def test_without_selective_genes_those_with_the_largest_spread_are_shown() -> None:
    calls = with_lists(made_calls())
    genes = calls["genes"].replace({"class": {"selective": "no effect"}})
    assert varying(calls["effects"], genes) == ["KRAS", "NRAS"]


def test_a_short_list_is_no_reference() -> None:
    table = pd.DataFrame({"hugo_symbol": list("ABCDEF")})
    few = pd.Series(["nonessential"] * 4 + ["", ""])
    many = pd.Series(["nonessential"] * 5 + [""])
    assert reference(table, few)[0].tolist() == [True] * 6
    assert reference(table, few)[1] == "genes"
    assert reference(table, many)[0].tolist() == [True] * 5 + [False]


def test_guides_are_on_the_scale_of_the_effects() -> None:
    """Genes have means -0.375, -0.25, -1 and 0.1, so 0 is at -0.3125; KRAS1 is 0.1 above -1.5."""
    calls = made_calls()
    parts = (calls[name] for name in ("screen", "effects", "lines", "replicates"))
    found = guide_data(*parts).set_index(["sgrna", "depmap_id"])["value"]
    assert found["KRAS1", "c1"] == pytest.approx(-1.4 + 0.3125)
    assert found["KRAS2", "c2"] == pytest.approx(-0.2 + 0.3125)
    assert len(found) == 8 * 4


def test_control_genes_set_the_scale_of_guides_too() -> None:
    """TP53 is at 0.1, RPS19 at -1, so the unit is 1.1."""
    calls = with_lists(made_calls())
    parts = (calls[name] for name in ("screen", "effects", "lines", "replicates"))
    found = guide_data(*parts).set_index(["sgrna", "depmap_id"])["value"]
    assert found["KRAS1", "c1"] == pytest.approx((-1.4 - 0.1) / 1.1)
    assert unit(calls["effects"]) == "0: nonessential, -1: common essential"


def test_replicates_that_were_left_out_do_not_count() -> None:
    calls = made_calls()
    kept = calls["replicates"].query("replicate_id != 'c1a'")
    screen = calls["screen"].assign(
        lfc=calls["screen"]["lfc"].mask(calls["screen"]["replicate_id"] == "c1a", 99.0)
    )
    found = guide_data(screen, calls["effects"], calls["lines"], kept)
    assert found["value"].max() < 2


def test_long_lineages_are_shortened() -> None:
    screen = pd.DataFrame({"depmap_id": ["a", "b"], "lineage": ["soft_tissue", "Very long " * 5]})
    assert line_names(screen) == {"a": "a (soft tissue)", "b": "b (Very long Very long…)"}


def test_labels_do_not_cover_each_other() -> None:
    labels, sides = labelled(
        [0.0, 0.01, 0.9], [0.5, 0.51, 0.5], ["A" * 8, "B" * 8, "C" * 8], *PANEL, 9
    )
    assert labels == ["A" * 8, "B" * 8, "C" * 8]
    assert sides[0] != sides[1]
    assert sides[2] == "right", "there is no room to the right of the point"


def test_labels_are_limited_and_the_first_are_kept() -> None:
    x = [-0.9, -0.3, 0.3, 0.5]
    assert labelled(x, [0.1, 0.4, 0.7, 0.9], list("ABCD"), *PANEL, 2)[0] == ["A", "B", "", ""]
    assert labelled([0.0] * 4, [0.5] * 4, list("ABCD"), *PANEL, 9)[0] == ["A", "B", "", ""]
