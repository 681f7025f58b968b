"""The colour of a verdict, and its checks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from partialpool.inference.trust import Word

Light = Literal["passed", "narrow", "failed"]

#: A diagnostic that passes within this share of its threshold passes narrowly.
MARGIN = 0.2
WORDS: Mapping[Light, str] = {
    "passed": "passed",
    "narrow": "passed, narrowly",
    "failed": "FAILED",
}
SENTENCES: Mapping[Light, str] = {
    "passed": "The sampler converged. The numbers are the results of this model.",
    "narrow": "The sampler converged, but at least one check passed only narrowly. Run more draws "
    "before you base a decision on these numbers.",
    "failed": "The sampler did not converge. The numbers of this model may be wrong, so don't use "
    "them. They are marked on this page.",
}
#: The colour of a mark -> how far the model can be trusted.
TRUST_WORDS: Mapping[Light, Word] = {
    "passed": "reliable",
    "narrow": "use with care",
    "failed": "do not use",
}
TRUST_LIGHTS: Mapping[Word, Light] = {word: light for light, word in TRUST_WORDS.items()}


@dataclass(frozen=True)
class Check:
    """One diagnostic and its limit."""

    name: str
    value: str
    limit: str
    light: Light
    meaning: str


def light(verdict: Mapping[str, Any]) -> Light:
    """Choose red (failed), amber (at least one check passed narrowly) or green (passed)."""
    if not verdict["passed"]:
        return "failed"
    return "narrow" if any(check.light != "passed" for check in checks(verdict)) else "passed"


#: Diagnostic with a lower limit -> its name, format, and meaning.
AT_LEAST: Mapping[str, tuple[str, str, str]] = {
    "min_ess_bulk": (
        "smallest bulk ESS",
        "{:,.0f}",
        "independent draws behind the worst mean",
    ),
    "min_ess_tail": (
        "smallest tail ESS",
        "{:,.0f}",
        "independent draws behind the worst interval",
    ),
    "min_e_bfmi": ("smallest E-BFMI", "{:.2f}", "how freely the sampler moves"),
}
#: Diagnostic with an upper limit -> its limit, name, and meaning.
AT_MOST: Mapping[str, tuple[str, str, str]] = {
    "divergences": (
        "max_divergences",
        "divergences",
        "draws where the sampler became inaccurate",
    ),
    "treedepth_hits": (
        "max_treedepth_hits",
        "draws at the largest tree depth",
        "draws where the sampler ran out of steps",
    ),
}


def checks(verdict: Mapping[str, Any]) -> list[Check]:
    """Judge every diagnostic that has a limit. A Gibbs sampler has no divergences, for example."""
    limits = verdict["thresholds"]
    values = {name: math.nan if value is None else value for name, value in verdict.items()}
    least = {
        key: _at_least(name, values[key], limits[key], form, meaning)
        for key, (name, form, meaning) in AT_LEAST.items()
        if key in limits
    }
    most = [
        _at_most(name, int(values[key]), limits[limit], meaning)
        for key, (limit, name, meaning) in AT_MOST.items()
        if limit in limits
    ]
    energy = [least.pop("min_e_bfmi")] if "min_e_bfmi" in least else []
    first = _at_most_r_hat(values["max_r_hat"], limits["max_r_hat"])
    return [first, *least.values(), *most, *energy]


def _at_most_r_hat(value: float, limit: float) -> Check:
    """Judge R-hat by its distance from 1."""
    narrow = value - 1 > (1 - MARGIN) * (limit - 1)
    return Check(
        "largest R-hat",
        f"{value:.4f}",
        f"at most {limit:g}",
        _judged(value <= limit, narrow),
        "disagreement of the chains; 1 is perfect",
    )


def _at_least(name: str, value: float, limit: float, form: str, meaning: str) -> Check:
    narrow = value < (1 + MARGIN) * limit
    text, least = form.format(value), f"at least {limit:g}"
    return Check(name, text, least, _judged(value >= limit, narrow), meaning)


def _at_most(name: str, value: int, limit: int, meaning: str) -> Check:
    return Check(name, f"{value:,}", f"at most {limit}", _judged(value <= limit, False), meaning)


def _judged(passed: bool, narrow: bool) -> Light:
    """A value that is not a number fails, because every comparison with it is false."""
    if not passed:
        return "failed"
    return "narrow" if narrow else "passed"
