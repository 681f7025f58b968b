"""What a fit gives: the one list that wiring, figures and report go by.

A result is saved in the dataset ``<fit>.<result>``, such as ``cell_line.effects``.
"""

from collections.abc import Iterable

#: Of the model's own node.
FITTED = ("posterior", "convergence", "verdict", "effects")
#: Of its evaluation.
EVALUATED = ("predictions", "scores", "loo", "adequacy")
#: Of its evaluation, if the screen was simulated.
OF_TRUTH = ("recovery", "coverage")
#: What its figures are drawn from.
DRAWN = (*FITTED, "predictions", "scores", "adequacy")
#: What the report shows.
REPORTED = ("verdict", "convergence", "effects", "scores", "adequacy", "graph", "figures")


def datasets(fit: str, results: Iterable[str]) -> dict[str, str]:
    """Result -> the name of its dataset."""
    return {result: f"{fit}.{result}" for result in results}
