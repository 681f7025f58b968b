"""Figures of the quality of sequences: which are drawn, and which are named."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from partialpool.figures.screen import sequence_evenness, sequence_reads
from screen_figures import draw, layer


@pytest.fixture
def qc() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "sequence": ["a1", "b$1", "c1", "plasmid"],
            "is_pdna": [False, False, False, True],
            "verdict": ["pass", "fail", "check", "pass"],
            "reads_per_guide": [300.0, 20.0, 100.0, 0.0],
            "zero_share": [0.0, 0.3, 0.1, 0.0],
            "gini": [0.3, 0.8, 0.5, 0.2],
            "pdna_correlation": [0.9, 0.1, 0.5, np.nan],
        }
    )


def test_depth_is_drawn_of_sequences_with_reads_and_the_bad_ones_are_named(qc) -> None:
    made = sequence_reads.FIGURE.made_of(SimpleNamespace(sequence_qc=qc))
    plot = sequence_reads.FIGURE.draw(**made)
    draw(plot)
    points = layer(plot, "geom_point").set_index("name")
    assert points["x"].to_dict() == {"a1": 300.0, "c1": 100.0, "b$1": 20.0}
    assert points.loc["b$1", "y"] == 0.3
    caption = " ".join(plot.labels.caption.split())
    assert "1 pass, 1 check, 1 fail" in caption
    assert r"Not pass: b\$1, c1." in caption


def test_the_only_pdna_of_a_batch_has_no_correlation(qc) -> None:
    made = sequence_evenness.FIGURE.made_of(SimpleNamespace(sequence_qc=qc))
    plot = sequence_evenness.FIGURE.draw(**made)
    draw(plot)
    points = layer(plot, "geom_point").set_index("name")
    assert "plasmid" not in points.index
    assert points.loc["c1", ["x", "y"]].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("module", [sequence_reads, sequence_evenness])
def test_without_counts_the_reason_is_given(qc, module) -> None:
    said = module.FIGURE.made_of(SimpleNamespace(sequence_qc=qc[:0]))
    assert "no counts" in said
