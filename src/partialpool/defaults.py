"""Default numbers, from one file that Kedro's settings and the Python interface share."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, reduce
from importlib.resources import files
from typing import Any

import yaml


def default(name: str) -> Any:
    """Look up a default, such as ``sampler.draws`` or ``priors.gene``.

    In ``conf/`` it is written ``${default:sampler.draws}``.
    """
    return reduce(lambda values, key: values[key], name.split("."), _read())


def over(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Merge changes into nested values, number by number."""
    nested = {
        name: over(base[name], value)
        for name, value in changes.items()
        if isinstance(value, Mapping) and isinstance(base.get(name), Mapping)
    }
    return {**base, **changes, **nested}


@cache
def _read() -> Any:
    return yaml.safe_load(files("partialpool").joinpath("defaults.yml").read_text("utf-8"))
