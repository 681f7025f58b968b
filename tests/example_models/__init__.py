"""Models that the documentation adds as examples, and that every test of models includes."""

from example_models import gene_in_line, lineage

EXAMPLES = {module.MODEL.name: module for module in (gene_in_line, lineage)}
