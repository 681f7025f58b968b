"""Rows of models, with values above the dots."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotnine as p9


def models_from_top(table: pd.DataFrame) -> pd.DataFrame:
    """Order the models from top to bottom."""
    order = list(dict.fromkeys(table["model"]))[::-1]
    return table.assign(model=pd.Categorical(table["model"], order, ordered=True))


def values_above() -> Any:
    """Write values (``text``) above their dots, legible also on a line."""
    return p9.geom_label(
        p9.aes(label="text"),
        size=7,
        nudge_y=0.33,
        color="#444444",
        fill="#FFFFFF",
        label_size=0,
        label_padding=0.1,
    )
