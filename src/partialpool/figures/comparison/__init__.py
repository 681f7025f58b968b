"""Figures that compare all fits."""
