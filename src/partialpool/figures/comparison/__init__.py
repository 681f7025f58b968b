"""Figures of all fits side by side."""
