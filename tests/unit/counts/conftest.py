"""A tiny screen of counts that can be computed by hand, and counts drawn from known rates."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from partialpool.defaults import default
from partialpool.preparation.counts import FoldChangeSettings


@pytest.fixture(scope="session")
def settings() -> Callable[..., FoldChangeSettings]:
    """The default settings, some of them changed; ``qc`` merges into the thresholds."""

    def change(qc: dict[str, Any] | None = None, **changes: Any) -> FoldChangeSettings:
        values = default("counts") | changes
        return FoldChangeSettings.model_validate(values | {"qc": values["qc"] | (qc or {})})

    return change


@pytest.fixture
def plain(settings) -> FoldChangeSettings:
    """Mean of all guides 4, pseudocount 1, nothing left out, not centred."""
    return settings(
        {"min_reads_per_guide": 0, "pass_reads_per_guide": 0, "min_correlation": -1},
        normalisation="total",
        scale=4.0,
        centring="none",
        min_pdna=0,
    )


@pytest.fixture
def counts() -> pd.DataFrame:
    """Four guides x three sequences."""
    return pd.DataFrame(
        {"plasmid": [4, 4, 4, 4], "a1": [0, 6, 14, 20], "b1": [30, 10, 10, 30]},
        index=["g1", "g2", "g3", "g4"],
    )


@pytest.fixture
def guides() -> pd.DataFrame:
    return pd.DataFrame(
        {"sgrna": ["g1", "g2", "g3", "g4"], "gene": ["KRAS", "KRAS", "ABCG8", "A2"]}
    )


@pytest.fixture
def samples() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "sequence_ID": ["a1", "b1", "plasmid"],
            "cell_line_name": ["A", "B", "pDNA"],
            "pDNA_batch": ["1", "1", "1"],
        }
    )
