"""Estimates and planted values."""

from typing import Any

import pandas as pd

from partialpool.figures.fit.estimates_vs_truth import recovery_panels


def test_recovery_panels_count_what_is_inside() -> None:
    recovery = pd.DataFrame(
        {"effect": ["b", "b", "a", "other"], "is_inside": [True, False, True, True]}
    )
    panels = recovery_panels(recovery, {"a": "As", "b": "Bs"})["panel"]
    assert list(panels.cat.categories) == [
        "As\n1 of 1 inside",
        "Bs\n1 of 2 inside",
        "other\n1 of 1 inside",
    ]
    assert panels.iloc[0] == "Bs\n1 of 2 inside"


def test_truth_is_counted_in_the_title(fit: Any, plots: dict[str, Any]) -> None:
    n = len(fit.recovery)
    assert plots["estimates_vs_truth"].labels.title == (
        f"Estimates and truth: {n} of {n} inside (100 %)"
    )
