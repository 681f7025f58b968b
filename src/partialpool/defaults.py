"""The numbers that everything starts from: one file, which Kedro's settings read too."""

from __future__ import annotations

from functools import cache, reduce
from importlib.resources import files
from typing import Any

import yaml


def default(name: str) -> Any:
    """Look up a default, such as ``sampler.draws`` or ``priors.gene``.

    In ``conf/`` it is written ``${default:sampler.draws}``.
    """
    return reduce(lambda values, key: values[key], name.split("."), _read())


@cache
def _read() -> Any:
    return yaml.safe_load(files("partialpool").joinpath("defaults.yml").read_text("utf-8"))
