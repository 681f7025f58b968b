"""The export tables, and the estimates that the expression notebook published."""
