"""Around a Kedro run: checks before it, the choice of nodes, records of results, error messages."""
