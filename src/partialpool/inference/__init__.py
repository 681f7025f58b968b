"""Fitting a model to a screen, checking the fit, and what it predicts."""
