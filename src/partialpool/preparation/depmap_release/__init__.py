"""The files of a DepMap release."""
