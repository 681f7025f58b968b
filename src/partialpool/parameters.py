"""The base of every group of settings."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict


class Parameters(BaseModel):
    """Settings read from ``conf/``. They are immutable, and an unknown key is an error.

    Numbers are in YAML files, so subclasses declare types and bounds but no default numbers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


def words(value: Any) -> Any:
    """Names in one text, as ``--params "models=gene cell_line"`` gives them, as a list."""
    return value.split() if isinstance(value, str) else value


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Flatten nested settings: ``{"sampler": {"draws": 9}}`` becomes ``{"sampler.draws": 9}``."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat
