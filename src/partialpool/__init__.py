"""Partial pooling for pooled CRISPR screens."""

__version__ = "0.1.0"
