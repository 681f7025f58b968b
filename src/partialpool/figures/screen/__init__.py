"""Figures of a screen, before any model."""
