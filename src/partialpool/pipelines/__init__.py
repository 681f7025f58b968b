"""The pipelines of partialpool: thin nodes and wiring.

Kedro-Viz opens with a box per namespace: ``simulation``, ``data_engineering``, ``models`` and
``reporting``. What fits and evaluates a model is in ``models.<model>``; what draws it is in
``reporting.<model>``.
"""

#: The namespace of all models, and of what compares them.
MODELS_BOX = "models"


def box(fit: str) -> str:
    """The namespace of a fit's nodes."""
    return f"{MODELS_BOX}.{fit}"
