"""Example models of the documentation, which all tests of models include."""

from example_models import gene_in_line, lineage

EXAMPLES = {module.MODEL.name: module for module in (gene_in_line, lineage)}
