"""Figures: what is drawn of a screen and of fits, and how it becomes pictures."""
