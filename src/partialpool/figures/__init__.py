"""Figures: one file for each question that a figure answers.

``screen/``, ``fit/``, ``comparison/`` and ``dependency/`` contain a file for each figure: its
tables, its drawing, its caption, and when it is drawn. ``partialpool.figures.registry`` finds these
files.
"""
