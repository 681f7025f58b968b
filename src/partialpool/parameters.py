"""The base of every group of settings."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

#: A seed of every library that draws random numbers; some take no larger one.
Seed = Annotated[int, Field(ge=0, lt=2**32)]
#: Numbers of priors, in log2 fold change or of a similar size. Samplers overflow far outside.
Level = Annotated[float, Field(ge=-1e6, le=1e6)]
Scale = Annotated[float, Field(ge=1e-6, le=1e6)]


class Parameters(BaseModel):
    """Settings read from ``conf/``. They are immutable, and an unknown key is an error.

    NaN and infinity are errors too, in every number.

    Numbers are in YAML files, so subclasses declare types and bounds but no default numbers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


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
