"""What happens around a Kedro run: checks before it, what is kept, what is made again, and why."""
