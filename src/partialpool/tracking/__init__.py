"""Records every run and every fit with MLflow."""
