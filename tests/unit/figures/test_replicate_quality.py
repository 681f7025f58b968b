"""Quality of replicates."""

from dataclasses import replace

from partialpool.figures.dependency.replicate_quality import FIGURE, MEASURES, draw
from partialpool.figures.parts import style


def test_failing_replicates_come_first_then_the_worst(calls) -> None:
    made = FIGURE.made_of(calls)
    assert list(made["rows"].labels) == ["c1a", "c1b", "c2a", "c2b", "c3a", "c3b", "c4a", "c4b"]
    assert made["n_failing"] == 1
    points = made["points"]
    assert (points["measure"] == MEASURES["nnmd"]).sum() == 8
    assert (points["measure"] == MEASURES["correlation"]).sum() == 6, "c4 has none"
    limits = made["limits"].set_index("measure")["limit"].to_dict()
    assert limits == {MEASURES["nnmd"]: -1.25, MEASURES["correlation"]: 0.3}


def test_without_control_genes_the_spread_is_shown(calls, words_of) -> None:
    qc = calls.qc.assign(nnmd=float("nan"), verdict="no control genes")
    made = FIGURE.made_of(replace(calls, qc=qc))
    assert made["rows"].labels[0] == "c1a", "the smallest spread"
    words = words_of(draw(**made))
    assert {MEASURES["sd_lfc"], MEASURES["correlation"], "no control genes"} <= words
    assert "pass" not in words
    assert any("there is no NNMD" in " ".join(text.split()) for text in words)


def test_of_many_replicates_the_worst_are_shown(calls, monkeypatch) -> None:
    monkeypatch.setattr(style, "MANY_LINES", 4)
    monkeypatch.setattr(style, "MANY_GENES", 3)
    made = FIGURE.made_of(calls)
    assert list(made["rows"].labels) == ["c1a", "c1b", "c2a"]
    assert draw(**made).labels.title == "Replicates: 1 of 8 fail, 3 worst shown"


def test_single_replicates_have_no_panel_of_correlations(calls, words_of) -> None:
    made = FIGURE.made_of(replace(calls, qc=calls.qc.assign(correlation=float("nan"))))
    words = words_of(draw(**made))
    assert MEASURES["nnmd"] in words
    assert MEASURES["correlation"] not in words
