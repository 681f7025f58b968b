"""Which columns of a screen the models need."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from partialpool.errors import Problem, ScreenError
from partialpool.models import MODELS
from partialpool.screen import COVARIATE_SOURCES


def require_columns(columns: Collection[str], models: Sequence[str]) -> None:
    """Refuse a modelling table that lacks a covariate of one of the models.

    Raises
    ------
    ScreenError
        Names every column and the models that need it, and the models that can do without.
    """
    lacking = {
        name: [COVARIATE_SOURCES[c] for c in MODELS[name].covariates if c not in columns]
        for name in models
    }
    needy = {name: sources for name, sources in lacking.items() if sources}
    if not needy:
        return
    others = [name for name in models if name not in needy]
    leave_out = f', or fit the other models: --params "models={" ".join(others)}"' if others else ""
    raise ScreenError.of(
        Problem(
            needed="; ".join(f"{', '.join(sources)} for {name}" for name, sources in needy.items()),
            came="a table without " + ", ".join(sorted({c for s in needy.values() for c in s})),
            mend=f"add what is missing{leave_out}",
        )
    )
