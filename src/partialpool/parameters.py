"""The base of every group of settings."""

from pydantic import BaseModel, ConfigDict


class Parameters(BaseModel):
    """Settings read from ``conf/``: immutable, and an unknown key is an error.

    Numbers live in YAML, so subclasses declare types and bounds but no default numbers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
