"""Figures: small functions that take a tidy table and return a plot."""
