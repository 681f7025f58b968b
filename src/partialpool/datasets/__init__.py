"""Catalog datasets: those that kedro-datasets lacks, and its own, written whole."""
