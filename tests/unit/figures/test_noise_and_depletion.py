"""Depletion and noise of replicates."""

from dataclasses import replace

from partialpool.figures.dependency.noise_and_depletion import FIGURE, draw


def test_weak_lines_and_noisy_replicates_are_named(calls) -> None:
    """The limit of lambda is 0.5, that of noise 1.5 times the median, 0.45."""
    qc = calls.qc.assign(sigma=[0.3] * 7 + [0.5])
    qc.loc[qc["depmap_id"] == "c1", "lambda_upper"] = 0.4
    points = FIGURE.made_of(replace(calls, qc=qc))["points"].set_index("replicate_id")
    assert set(points.index[points["label"] != ""]) <= {"c1a", "c1b", "c4b"}
    assert points.loc["c4b", "label"] == "c4b"
    assert (points["label"] != "").sum() >= 2


def test_where_all_is_well_nothing_is_named(calls, words_of) -> None:
    made = FIGURE.made_of(calls)
    assert set(made["points"]["label"]) == {""}
    words = words_of(draw(**made))
    assert "Depletion and noise of 8 replicates" in words
    assert {"pass", "fail"} <= words


def test_replicates_outside_the_fit_are_left_out(calls) -> None:
    qc = calls.qc.assign(sigma=[float("nan")] + [0.3] * 7)
    assert len(FIGURE.made_of(replace(calls, qc=qc))["points"]) == 7
    none = calls.qc.assign(sigma=float("nan"))
    assert "none of these" in FIGURE.made_of(replace(calls, qc=none))
