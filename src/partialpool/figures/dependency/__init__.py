"""Figures of model ``dependency`` and its calls."""
