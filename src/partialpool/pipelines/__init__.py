"""The pipelines of partialpool: thin nodes and wiring."""
