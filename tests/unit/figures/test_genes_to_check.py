"""Genes that need a second look."""

from dataclasses import replace

from partialpool.figures.dependency.genes_to_check import FIGURE, draw
from partialpool.figures.parts import style

DISAGREE = "sd of guides\n/ expected"


def test_each_check_has_its_number_and_is_coloured_beyond_its_limit(calls) -> None:
    """KRAS: guides disagree. RPS19: one guide, half of its measurements near the fit."""
    made = FIGURE.made_of(calls)
    assert list(made["rows"].labels) == ["KRAS", "RPS19"]
    cells = made["cells"].set_index(["gene", "check"])
    assert cells.loc[("KRAS", DISAGREE), "text"] == "0.90 / 0.30"
    assert cells.loc[("RPS19", DISAGREE), "text"] == ""
    off = {key for key, is_off in cells["is_off"].items() if is_off}
    assert off == {
        ("KRAS", DISAGREE),
        ("RPS19", "guides\n(at least 2)"),
        ("RPS19", "near the fit\n(at least 79 %)"),
    }


def test_a_check_without_any_number_has_no_column(calls) -> None:
    checks = set(FIGURE.made_of(calls)["cells"]["check"])
    assert not [name for name in checks if name.startswith("copies")]
    known = calls.trust.assign(copies_upper=[8.0, 2.0, 2.0, 2.0])
    cells = FIGURE.made_of(replace(calls, trust=known))["cells"].set_index(["gene", "check"])
    assert cells.loc[("KRAS", "copies\n(at most 6)")].tolist()[:2] == ["8.0", True]


def test_of_many_genes_the_selective_ones_are_kept(calls, monkeypatch) -> None:
    monkeypatch.setattr(style, "MANY_GENES", 1)
    made = FIGURE.made_of(calls)
    assert list(made["rows"].labels) == ["KRAS"]
    assert draw(**made).labels.title == "Genes to check: 2 of 4, 1 shown"


def test_genes_and_numbers_are_written(calls, words_of) -> None:
    assert {"KRAS", "RPS19", "0.90 / 0.30", "50 %"} <= words_of(draw(**FIGURE.made_of(calls)))


def test_if_nothing_is_wrong_this_is_said(calls) -> None:
    found = FIGURE.made_of(replace(calls, trust=calls.trust.assign(trust="yes")))
    assert found == "Nothing speaks against any of the 4 genes."
