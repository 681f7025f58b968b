"""The pipelines of partialpool: thin nodes and wiring.

Kedro-Viz opens with a box per namespace: ``simulation``, ``data_engineering``, ``models`` and
``reporting``. A model's nodes, of whichever pipeline, are in ``models.<model>``, so that what they
exchange stays inside its box.
"""

#: The namespace of all models, and of what compares them.
MODELS_BOX = "models"


def box(fit: str) -> str:
    """The namespace of a fit's nodes."""
    return f"{MODELS_BOX}.{fit}"
